"""An account's recovery key, as people write it. Pure."""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PREFIX = b"\x8b\x01"
_LENGTH = len(_PREFIX) + 32 + 1


def read_recovery_key(text: str) -> bytes:
    """The 32 bytes of a recovery key, written in base58 with or without spaces.

    Raises `ValueError` where it is none (client-server API, "Recovery key").
    """
    number = 0
    for character in "".join(text.split()):
        digit = _ALPHABET.find(character)
        if digit < 0:
            raise ValueError("no recovery key")
        number = number * 58 + digit
        if number >> (8 * _LENGTH):
            raise ValueError("no recovery key")
    whole = number.to_bytes(_LENGTH, "big")
    parity = 0
    for byte in whole:
        parity ^= byte
    if not whole.startswith(_PREFIX) or parity:
        raise ValueError("no recovery key")
    return whole[len(_PREFIX) : -1]
