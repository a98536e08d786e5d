"""What is special about a value: an address that leads nowhere, a name that nobody can own."""

from __future__ import annotations

import ipaddress
from enum import StrEnum

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables.domains import SPECIAL, suffix_of
from bot.indicators.observables.normal import settled
from bot.indicators.observables.urls import host_of


class Nature(StrEnum):
    """Why a value is no one's in particular. Sources: IANA's special-purpose registries."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    LINK_LOCAL = "link-local"
    MULTICAST = "multicast"
    DOCUMENTATION = "documentation"
    SHARED = "shared"
    """Behind a provider's translation (RFC 6598)."""
    BENCHMARKING = "benchmarking"
    UNSPECIFIED = "unspecified"
    BROADCAST = "broadcast"
    TRANSLATED = "translated"
    """Stands for an IPv4 address (NAT64, 6to4, Teredo)."""
    RESERVED = "reserved"
    LOCAL = "local"
    """A name or a card that means something in one network only."""
    ONION = "onion"
    SUFFIX = "public-suffix"
    """A name under which others register theirs."""


_NETWORKS = {
    Nature.UNSPECIFIED: "0.0.0.0/32 ::/128",
    Nature.BROADCAST: "255.255.255.255/32",
    Nature.LOOPBACK: "127.0.0.0/8 ::1/128",
    Nature.PRIVATE: "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
    Nature.LINK_LOCAL: "169.254.0.0/16 fe80::/10",
    Nature.MULTICAST: "224.0.0.0/4 ff00::/8",
    Nature.DOCUMENTATION: "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20",
    Nature.SHARED: "100.64.0.0/10",
    Nature.BENCHMARKING: "198.18.0.0/15 2001:2::/48",
    Nature.TRANSLATED: "64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32 192.88.99.0/24",
    Nature.RESERVED: "0.0.0.0/8 192.0.0.0/24 240.0.0.0/4 100::/64 2001::/23 fec0::/10",
}
_SPANS = [
    (nature, ipaddress.ip_network(each))
    for nature, listed in _NETWORKS.items()
    for each in listed.split()
]
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_EXAMPLES = ("example", "example.com", "example.net", "example.org")
_NAMES = {
    "test": Nature.RESERVED, "invalid": Nature.RESERVED, "localhost": Nature.LOOPBACK,
    "onion": Nature.ONION, "arpa": Nature.RESERVED,
}  # fmt: skip
_NUMBERS = (
    (Nature.DOCUMENTATION, 64496, 64511),
    (Nature.DOCUMENTATION, 65536, 65551),
    (Nature.PRIVATE, 64512, 65534),
    (Nature.PRIVATE, 4_200_000_000, 4_294_967_294),
    (Nature.RESERVED, 0, 0),
    (Nature.RESERVED, 23456, 23456),
    (Nature.RESERVED, 65535, 65535),
    (Nature.RESERVED, 4_294_967_295, 4_294_967_295),
)


def nature(observable: Observable) -> Nature | None:
    """What is special about a value; None: nothing is known to be. A URL or an e-mail address is
    what its host is, a network what holds all of it.
    """
    kind, value = observable
    match kind:
        case Kind.IPV4 | Kind.IPV6 | Kind.NETWORK:
            return _of_network(ipaddress.ip_network(value))
        case Kind.DOMAIN:
            return _of_name(value)
        case Kind.URL | Kind.EMAIL:
            host = host_of(value) if kind is Kind.URL else value.rpartition("@")[2]
            found = settled(Kind.DOMAIN, host)
            return nature(found) if found is not None else _of_name(host)
        case Kind.ASN:
            number = int(value[2:])
            return next((each for each, low, high in _NUMBERS if low <= number <= high), None)
        case Kind.MAC:
            return _of_card(value)
    return None


def within(observable: Observable) -> Observable | None:
    """The value that another holds: a URL's host, an e-mail address's domain, a path's file."""
    kind, value = observable
    match kind:
        case Kind.URL:
            return settled(Kind.DOMAIN, host_of(value))
        case Kind.EMAIL:
            return Observable(Kind.DOMAIN, value.rpartition("@")[2])
        case Kind.FILE_PATH:
            return settled(Kind.FILE_NAME, value.replace("\\", "/").rpartition("/")[2])
    return None


def _of_network(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Nature | None:
    first, last = int(network.network_address), int(network.broadcast_address)
    for found, each in _SPANS:
        if each.version == network.version and (
            int(each.network_address) <= first and last <= int(each.broadcast_address)
        ):
            return found
    if network.version == 6 and not int(_GIVEN_OUT.network_address) <= first <= int(
        _GIVEN_OUT.broadcast_address
    ):
        return Nature.RESERVED
    return None


def _of_name(name: str) -> Nature | None:
    if name.endswith(tuple(f".{each}" for each in _EXAMPLES)) or name in _EXAMPLES:
        return Nature.DOCUMENTATION
    last = name.rpartition(".")[2]
    if found := _NAMES.get(last):
        return found
    if last in SPECIAL or "." not in name:
        return Nature.LOCAL
    return Nature.SUFFIX if suffix_of(name) == name else None


def _of_card(value: str) -> Nature | None:
    first = int(value[:2], 16)
    if value == "ff:ff:ff:ff:ff:ff":
        return Nature.BROADCAST
    if value.startswith(("00:00:5e:00:53", "01:00:5e:90:10")):
        return Nature.DOCUMENTATION
    if first & 1:
        return Nature.MULTICAST
    return Nature.LOCAL if first & 2 else None
