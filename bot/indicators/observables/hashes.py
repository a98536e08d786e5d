"""Hashes of files and of what is in them: their one normal form."""

from __future__ import annotations

import re
from collections.abc import Callable

_SSDEEP = re.compile(r"([0-9]{1,10}):([A-Za-z0-9/+]{0,64}):([A-Za-z0-9/+]{0,64})").fullmatch
_TLSH = re.compile(r"(?:T1)?([0-9A-F]{70})").fullmatch
_SMALLEST_BLOCK = 3
_LONGEST = 400


def _hex(digits: int) -> Callable[[str], str | None]:
    """Lower case, as most write it."""
    good = re.compile(f"[0-9a-f]{{{digits}}}").fullmatch

    def normal(text: str) -> str | None:
        if good(text):
            return text
        lower = text.strip().lower() if len(text) < _LONGEST else ""
        return lower if good(lower) else None

    return normal


md5, sha1, sha256, sha512 = _hex(32), _hex(40), _hex(64), _hex(128)


def ssdeep(text: str) -> str | None:
    """Block size and two parts, kept in their case; a file name behind is dropped.

    A block size is 3 times a power of two, and both parts are never empty, which times are not.
    """
    bare = text.strip().partition(",")[0].strip('"') if len(text) < _LONGEST * 4 else ""
    found = _SSDEEP(bare)
    if found is None or not (found[2] or found[3]):
        return None
    blocks, rest = divmod(int(found[1]), _SMALLEST_BLOCK)
    return bare if not rest and blocks > 0 and blocks & (blocks - 1) == 0 else None


def tlsh(text: str) -> str | None:
    """Upper case with the version: `T1` and 70 digits."""
    found = _TLSH(text.strip().upper()) if len(text) < _LONGEST else None
    return None if found is None else f"T1{found[1]}"
