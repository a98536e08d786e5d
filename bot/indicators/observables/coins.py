"""Addresses of coins: only those whose check sum is right."""

from __future__ import annotations

import re
from hashlib import sha256

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {letter: value for value, letter in enumerate(_ALPHABET)}
_BECH32 = {letter: value for value, letter in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BASE58 = re.compile("[13][1-9A-HJ-NP-Za-km-z]{24,34}").fullmatch
_SEGWIT = re.compile("bc1[02-9ac-hj-np-z]{8,87}").fullmatch
_ETHEREUM = re.compile("(?:0x)?([0-9a-f]{40})", re.IGNORECASE | re.ASCII).fullmatch
_MONERO = re.compile("[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?").fullmatch
_PAY_TO = b"\x00\x05"
"""To a key's hash, to a script's hash: the versions of Bitcoin's main network."""
_MONERO_NETWORKS = {18: 69, 19: 77, 42: 69}
"""Standard, integrated and sub-address of the main network, with their length in bytes."""
_BLOCK_BYTES = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
_LONGEST = 200


def bitcoin(text: str) -> str | None:
    """Base58Check as it stands; bech32 (BIP 173) and bech32m (BIP 350) in lower case."""
    bare = text.strip() if len(text) < _LONGEST else ""
    if _BASE58(bare):
        return bare if _is_base58check(bare) else None
    lower = bare.lower()
    one_case = bare in (lower, bare.upper())
    return lower if one_case and _SEGWIT(lower) and _is_segwit(lower) else None


def ethereum(text: str) -> str | None:
    """`0x` and 40 digits in lower case. One in both cases carries a check sum (EIP-55)."""
    found = _ETHEREUM(text.strip()) if len(text) < _LONGEST else None
    if found is None:
        return None
    digits, lower = found[1], found[1].lower()
    if digits not in (lower, digits.upper()) and digits != _eip55(lower):
        return None
    return f"0x{lower}"


def monero(text: str) -> str | None:
    """As it stands."""
    bare = text.strip() if len(text) < _LONGEST else ""
    if _MONERO(bare) is None:
        return None
    data = bytearray()
    for at in range(0, len(bare), 11):
        block = bare[at : at + 11]
        size = _BLOCK_BYTES.get(len(block))
        number = _number(block)
        if size is None or number >> 8 * size:
            return None
        data += number.to_bytes(size, "big")
    if _MONERO_NETWORKS.get(data[0]) != len(data):
        return None
    return bare if _keccak(bytes(data[:-4]))[:4] == data[-4:] else None


def _is_base58check(text: str) -> bool:
    number = _number(text)
    if number >> 200:
        return False
    data = number.to_bytes(25, "big")
    zeros = len(text) - len(text.lstrip("1"))
    if zeros != len(data) - len(data.lstrip(b"\0")) or data[0] not in _PAY_TO:
        return False
    return sha256(sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


def _is_segwit(text: str) -> bool:
    values = [_BECH32[letter] for letter in text[3:]]
    version, program = values[0], values[1:-6]
    spare = len(program) * 5 % 8
    size = len(program) * 5 // 8
    if version > 16 or not 2 <= size <= 40 or (version == 0 and size not in (20, 32)):
        return False
    if spare > 4 or (program and program[-1] & ((1 << spare) - 1)):
        return False
    return _polymod([3, 3, 0, 2, 3, *values]) == (1 if version == 0 else 0x2BC830A3)


def _polymod(values: list[int]) -> int:
    """The check sum of BIP 173; `[3, 3, 0, 2, 3]` before it is `bc` taken apart."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> bit & 1 else 0
    return check


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS[letter]
    return number


def _eip55(lower: str) -> str:
    check = _keccak(lower.encode()).hex()
    pairs = zip(lower, check[:40], strict=True)
    return "".join(digit.upper() if int(by, 16) > 7 else digit for digit, by in pairs)


def _keccak(data: bytes) -> bytes:
    from Crypto.Hash import keccak  # noqa: PLC0415  a start that few values need

    return keccak.new(digest_bits=256, data=data).digest()
