"""What an entry is and what its hash covers: pure, and simple enough to be computed elsewhere.

The hash is SHA-256 over the JSON array

    [series, entry, ref, number, kind, at, body, commitment, previous]

as RFC 8785 writes it: no spaces, UTF-8, keys sorted, nothing escaped that need not be. `at` is
RFC 3339 in UTC with six decimals; `commitment` and `previous` are 64 hex digits, `commitment` null
where an entry has no text; the first entry's `previous` is 64 zeros. Texts are not in it but by
their commitment, SHA-256(salt ‖ text) with a salt of 32 random bytes: when text and salt are
erased, the chain holds as before, and nobody can find the text by trying.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

FIRST = bytes(32)
"""What the first entry of a series follows."""
RESTORED = "restored"
"""The kind of the entry after a restore. It follows the last head that was told, so that no place
in the chain is taken twice, and names the last entry of the copy: what lies between is lost."""
_NO_CHARACTER = re.compile("[\\x00\\ud800-\\udfff]")
_encode = msgspec.json.Encoder(order="sorted").encode
"""Of objects with ASCII keys, integers below 2⁵³, strings, booleans and nulls it writes the form of
RFC 8785; a test holds it to that."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a series. `number`: of the decision that it is about, once that has one; `ref`:
    its handle; `body`: what is recorded beside the text, canonical JSON of an object.
    """

    series: str
    entry: int
    ref: str
    number: str | None
    kind: str
    at: datetime
    body: bytes
    commitment: bytes | None
    previous: bytes


def hash_of(entry: Entry) -> bytes:
    """The hash of an entry."""
    commitment = None if entry.commitment is None else entry.commitment.hex()
    columns = (
        entry.series, entry.entry, entry.ref, entry.number, entry.kind, moment(entry.at),
        msgspec.Raw(entry.body), commitment, entry.previous.hex(),
    )  # fmt: skip
    return hashlib.sha256(_encode(columns)).digest()


def canonical_body(body: dict[str, Any]) -> bytes:
    """An object as an entry keeps it."""
    return _encode(body)


def canonical_text(text: str) -> str:
    """A text as it is committed to: Unicode's composed form (NFC), lines ending in a line feed,
    without spaces at the ends of lines or empty lines around it. What looks alike is alike; what
    is no character, or can be kept in no database, is shown as `\ufffd`.
    """
    text = _NO_CHARACTER.sub("\ufffd", text)
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in lines.split("\n")).strip("\n")


def new_salt() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(32)


def commit(salt: bytes, text: str) -> bytes:
    """The commitment to a canonical text."""
    return hashlib.sha256(salt + text.encode()).digest()


def moment(at: datetime) -> str:
    """A time as the hash covers it: `2026-11-24T09:00:00.000000Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
