"""Whether a document is what a file of hashes was made of. Pure."""

from __future__ import annotations

import hmac
import re
from hashlib import new

from bot.advisories.sources.refusals import Refusal, Refused

_HEX = re.compile(r"[0-9a-fA-F]+")
_LENGTHS = {64: "sha256", 128: "sha512"}


def check_hash(content: bytes, told: bytes) -> None:
    """Raise Refused where a file of hashes says another than the document's."""
    words = told[:4096].decode("ascii", "replace").split()
    digest = next((word for word in words if _HEX.fullmatch(word)), "").lower()
    name = _LENGTHS.get(len(digest))
    if name is None or not hmac.compare_digest(new(name, content).hexdigest(), digest):
        raise Refused(Refusal.HASH)
