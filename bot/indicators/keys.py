"""The keys that the store finds things by: hashes of a fixed size, whatever a source sends.

They are no secret and hide nothing: they stand beside what they are of. Two values with one key
are told apart by the value itself, which is compared when it is read.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from struct import Struct
from typing import TypeVar

from bot.indicators.observable import Kind, Observable

Row = TypeVar("Row")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_MAPPED = 0xFFFF << 32
"""Where the addresses of IPv4 lie among those of IPv6 (RFC 4291, 2.5.5.2)."""
_signed = Struct(">q").unpack
_MASKS = [((1 << 128) - 1) ^ ((1 << (128 - length)) - 1) for length in range(129)]


def value_key(observable: Observable) -> int:
    """The key of a value."""
    return ref_key(f"{observable[0]}\0{observable[1]}")


def ref_key(ref: str) -> int:
    """The key of an object's id, the same for all sources."""
    content = ref.encode() if ref.isascii() else ref.encode(errors="surrogatepass")
    number: int = _signed(blake2b(content, digest_size=8).digest())[0]
    return number


@lru_cache(maxsize=4096)
def tag_key(tag: str) -> int:
    """The key of a tag, however its letters are written."""
    return ref_key(tag.casefold())


def digest(content: bytes) -> int:
    """64 bits of a hash, as the signed number that both databases can keep."""
    number: int = _signed(blake2b(content, digest_size=8).digest())[0]
    return number


def in_order(rows: Iterable[Row], key: Callable[[Row], int]) -> list[Row]:
    """Rows by their keys, which are such hashes. A part at a time: nothing else is done in Python
    while a list is sorted, and for a hundred thousand that is thirty milliseconds.
    """
    parts: list[list[Row]] = [[] for _ in range(256)]
    for row in rows:
        parts[(key(row) >> 56) + 128].append(row)
    return [row for part in parts for row in sorted(part, key=key)]


def network_key(value: str) -> bytes:
    """The key of a network in its normal form: the prefix's length, then 16 bytes."""
    network = ipaddress.ip_network(value)
    low = int(network.network_address)
    if network.version == 4:
        return _network(low | _MAPPED, network.prefixlen + 96)
    return _network(low, network.prefixlen)


def networks_around(observable: Observable) -> list[bytes]:
    """The keys of every network that an address is in, or that a network lies in; no others."""
    match observable.kind:
        case Kind.IPV4 | Kind.IPV6:
            address = ipaddress.ip_address(observable.value)
            longest: int = address.max_prefixlen
            low, version = int(address), address.version
        case Kind.NETWORK:
            network = ipaddress.ip_network(observable.value)
            low, version = int(network.network_address), network.version
            longest = network.prefixlen - 1
        case _:
            return []
    if version == 4:
        low, lengths = low | _MAPPED, range(longest + 96, 95, -1)
    else:
        lengths = range(longest, -1, -1)
    return [_network(low & _MASKS[length], length) for length in lengths]


def parents(domain: str) -> list[str]:
    """The domains above one, the nearest first, its top-level domain left out."""
    starts = [place + 1 for place, letter in enumerate(domain) if letter == "."]
    return [domain[start:] for start, _ in pairwise([*starts, len(domain)])][:-1]


def _network(low: int, length: int) -> bytes:
    return bytes((length,)) + low.to_bytes(16, "big")
