"""What the hash of an audit row covers: pure, and simple enough to be computed elsewhere.

A row's hash is SHA-256 over the JSON array of its other columns, written as RFC 8785 demands (no
spaces, UTF-8, nothing escaped that need not be): seq, number, at (microseconds since 1970), who,
team, action, object, rule, outcome, originator, previous (64 hex digits). The first row's
`previous` is 64 zeros.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from types import NoneType

import msgspec

TYPES = frozenset(
    (int, int, int, str, team, str, str, str, str, originator, bytes, bytes)
    for team in (str, NoneType)
    for originator in (str, NoneType)
)
"""What the columns of a sealed row are, in the order above, and its hash: bytes that read as the
same text would have the same form.
"""

FIRST = bytes(32)
"""What the first row follows."""

_encode = msgspec.json.Encoder().encode
"""Of integers below 2⁵³, strings and nulls it writes the form of RFC 8785; a test holds it to
that."""


def hash_of(columns: Iterable[int | str | None], previous: bytes) -> bytes:
    """The hash of a row with these columns, which follows one with the hash `previous`."""
    return hashlib.sha256(_encode((*columns, previous.hex()))).digest()
