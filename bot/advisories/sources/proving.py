"""Whether a document is signed by its publisher, with OpenPGP. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import pysequoia
from pysequoia import Cert, Sig

from bot.advisories.sources.refusals import Refusal, Refused

LARGEST = 1_000_000
"""Bytes of a key or signature."""


def read_key(content: bytes, fingerprint: str) -> Cert | None:
    """A key, if it is the one that was meant and still holds."""
    try:
        found = Cert.from_bytes(content)
    except Exception:  # noqa: BLE001  whatever the library finds in it: it is no key
        return None
    wanted = fingerprint.replace(" ", "").lower()
    return found if not wanted or found.fingerprint.lower() == wanted else None


def check_signature(content: bytes, signature: bytes, keys: Sequence[Cert]) -> None:
    """Raise Refused for a signature that none of these keys has made of the document."""
    try:
        made = Sig.from_bytes(signature)
        found = pysequoia.verify(content, store=lambda _ids: list(keys), signature=made)
        good = bool(found.valid_sigs)
    except Exception:  # noqa: BLE001  it names its errors by no class of their own
        good = False
    if not good:
        raise Refused(Refusal.SIGNATURE)
