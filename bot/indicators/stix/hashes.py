"""Names of hash algorithms as the field spells them: `SHA-256`, `sha256`, `SHA_256` …"""

from __future__ import annotations

from functools import lru_cache

from bot.indicators.observable import Kind

_KINDS = {
    "MD5": Kind.MD5,
    "SHA1": Kind.SHA1,
    "SHA256": Kind.SHA256,
    "SHA512": Kind.SHA512,
    "SSDEEP": Kind.SSDEEP,
    "TLSH": Kind.TLSH,
    "IMPHASH": Kind.IMPHASH,
    "JA3": Kind.JA3,
}
_STRIPPED = str.maketrans("", "", "-_ ")
OF_ONE_FILE = frozenset({Kind.MD5, Kind.SHA1, Kind.SHA256, Kind.SHA512, Kind.SSDEEP, Kind.TLSH})
"""Those that a file has one of, and that tell it from others."""


@lru_cache(maxsize=256)
def hash_kind(name: str) -> Kind | None:
    """Which hash a key names; None for one that cannot be looked up."""
    return _KINDS.get(name[:32].translate(_STRIPPED).upper())
