"""What people call an object of a source when they speak of it: `i-` and 13 letters.

A handle is the object's key and its source's name, enciphered with the store's own key: it is
always the same, whatever else there is, and says nothing. A bare hash would not do, since what a
team adds has an id that follows from the value, which anybody could try. Pure.
"""

from __future__ import annotations

import hmac
import re

LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
"""32 of them, nothing that is read as another: five bits each."""
_LENGTH = 13
_HALF = 0xFFFFFFFF
_ROUNDS = 4
"""Of a Feistel network over two halves: a permutation that looks random (Luby, Rackoff, 1988)."""
IS_HANDLE = re.compile(rf"i-[{LETTERS}]{{{_LENGTH}}}").fullmatch


def handle_of(secret: bytes, source: str, key: int) -> str:
    """The handle of an object of a source, by its key (`bot.indicators.keys.ref_key`)."""
    left, right = _halves(key)
    for number in range(_ROUNDS):
        left, right = right, left ^ _mixed(secret, source, number, right)
    return f"i-{_written((left << 32) | right)}"


def key_of(secret: bytes, source: str, handle: str) -> int | None:
    """The key of which this is the handle, if it is one of that source's; None where it is none."""
    if IS_HANDLE(handle) is None:
        return None
    whole = 0
    for letter in handle[2:]:
        whole = whole * len(LETTERS) + LETTERS.index(letter)
    if whole >> 64:
        return None
    left, right = whole >> 32, whole & _HALF
    for number in reversed(range(_ROUNDS)):
        left, right = right ^ _mixed(secret, source, number, left), left
    return _signed((left << 32) | right)


def _mixed(secret: bytes, source: str, number: int, half: int) -> int:
    said = f"indicator {source} {number} {half}".encode()
    return int.from_bytes(hmac.digest(secret, said, "sha256")[:4], "big")


def _halves(key: int) -> tuple[int, int]:
    whole = key & ((1 << 64) - 1)
    return whole >> 32, whole & _HALF


def _signed(whole: int) -> int:
    return whole - (1 << 64) if whole >> 63 else whole


def _written(whole: int) -> str:
    letters = []
    for _ in range(_LENGTH):
        whole, rest = divmod(whole, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(reversed(letters))
