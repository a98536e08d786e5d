"""What hangs on a value by itself, without any source's word: parents, hosts, hashes of a file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from bot.indicators.answers import Related
from bot.indicators.keys import parents
from bot.indicators.observable import Kind, Observable
from bot.indicators.things import Said

HASHES = frozenset({Kind.MD5, Kind.SHA1, Kind.SHA256, Kind.SHA512, Kind.SSDEEP, Kind.TLSH})
"""What names a file, so that others may name it otherwise."""


def above(value: Observable) -> list[Related]:
    """The values above one that others may have spoken of: the domains that it lies below, the
    host of a URL or an address, and the domains above that.
    """
    match value.kind:
        case Kind.DOMAIN:
            return _parents(value.value)
        case Kind.EMAIL:
            return _host(value.value.rpartition("@")[2])
        case Kind.URL:
            return _host(host_of(value.value))
        case _:
            return []


def host_of(url: str) -> str:
    """The host of a URL in normal form, "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def same_file(said: Iterable[Said], one: Observable) -> list[Observable]:
    """The other hashes of the file that one is a hash of, by what an object says."""
    every = list(said)
    files = {each.file for each in every if each.observable == one} - {0}
    return [e.observable for e in every if e.file in files and e.observable != one]


def network_of(key: bytes) -> Observable:
    """The network that a key of the store is of."""
    length, low = key[0], int.from_bytes(key[1:], "big")
    if length >= 96 and low >> 32 == 0xFFFF:
        v4 = ipaddress.ip_network((low & 0xFFFFFFFF, length - 96))
        return Observable(Kind.NETWORK, str(v4))
    return Observable(Kind.NETWORK, str(ipaddress.IPv6Network((low, length))))


def _host(host: str) -> list[Related]:
    if not host:
        return []
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [Related("host", Observable(Kind.DOMAIN, host)), *_parents(host)]
    kind = Kind.IPV4 if address.version == 4 else Kind.IPV6
    return [Related("host", Observable(kind, str(address)))]


def _parents(domain: str) -> list[Related]:
    """Down to the one that somebody registered: what is above belongs to everybody."""
    shortest = len(_suffixes().publicsuffix(domain) or "")
    return [
        Related("parent", Observable(Kind.DOMAIN, each))
        for each in parents(domain)
        if len(each) > shortest
    ]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
