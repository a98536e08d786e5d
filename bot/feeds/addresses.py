"""Which addresses a source may be reached at: public ones, and what the configuration names. Pure.

A feed's author chooses its redirects, its further pages and what its names resolve to. None of it
may make the bot speak to a machine of its own network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self

from yarl import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
"""IANA's registry of special-purpose IPv4 addresses, and multicast."""
_OPEN_6 = IPv6Network("2000::/3")
"""All that is given out for the Internet; what lies elsewhere is local, mapped or reserved."""
_CLOSED_6 = tuple(
    map(
        IPv6Network,
        ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"),
    )
)
"""Of these: protocols (Teredo among them), documentation, AS112."""
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp")
"""Endings of names that nobody outside can give out."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the Internet. One that stands for an IPv4 address (mapped,
    NAT64, 6to4) is what that is.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address.scope_id is not None:
        return False
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return is_public(IPv4Address(number & 0xFFFF_FFFF))
    if address in _SIX_TO_FOUR:
        return is_public(IPv4Address((number >> 80) & 0xFFFF_FFFF))
    return address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


def literal(host: str) -> Address | None:
    """The address that a host is written as, None for a name.

    Raises ValueError for what a system may take for an address although it is written as none
    (`127.1`, `2130706433`, `0x7f.1`): such a host is never asked.
    """
    try:
        return ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2].lower()
        if ":" in host or last.isdigit() or last.startswith("0x") or not last:
            raise
        return None


@dataclass(frozen=True, slots=True)
class Named:
    """What the configuration names inside: hosts (in lower case) on some ports, or on all of them
    (`internal`), and networks.
    """

    origins: frozenset[tuple[str, int]] = frozenset()
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, url: str, internal: Iterable[str] = ()) -> Self:
        """What a feed's table names: by its `url`, a host that can be nothing but inside (an
        address, `localhost`, a name without a dot or under `.internal` …), on that port and on
        443; by `internal`, hosts and networks.
        """
        address = URL(url)
        host, port = (address.raw_host or "").lower(), address.port or 443
        hosts, networks = set(), []
        for each in internal:
            try:
                networks.append(ip_network(each, strict=False))
            except ValueError:
                hosts.add(each.lower())
        origins = {(host, port), (host, 443)} if _is_inside(host) else set()
        return cls(frozenset(origins), frozenset(hosts), tuple(networks))

    def admits(self, host: str, port: int, address: Address) -> bool:
        """Whether that host may be spoken to at that address."""
        host = host.lower()
        return (
            is_public(address)
            or (host, port) in self.origins
            or host in self.hosts
            or any(address in network for network in self.networks)
        )


def _is_inside(host: str) -> bool:
    try:
        if literal(host) is not None:
            return True
    except ValueError:
        return False
    return bool(host) and ("." not in host or host.endswith(_INSIDE))
