"""Keys: of networks above all, for which both families have one space."""

from __future__ import annotations

import ipaddress
from operator import itemgetter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.indicators.around import network_of
from bot.indicators.keys import in_order, network_key, networks_around, parents, value_key
from bot.indicators.observable import Kind, Observable

V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)


@given(st.one_of(V4, V6), st.integers(0, 128))
def test_an_address_is_in_a_network_when_its_key_is_around_it(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int
) -> None:
    assume(getattr(address, "ipv4_mapped", None) is None)  # it is read as one of IPv4
    length = min(length, address.max_prefixlen)
    network = ipaddress.ip_network((address, length), strict=False)
    kind = Kind.IPV4 if address.version == 4 else Kind.IPV6
    around = networks_around(Observable(kind, str(address)))
    assert network_key(str(network)) in around
    assert len(around) == address.max_prefixlen + 1
    assert network_of(network_key(str(network))).value == str(network)


@given(V4, V4, st.integers(0, 32))
def test_an_address_that_is_not_in_a_network_is_not_found_in_it(
    one: ipaddress.IPv4Address, other: ipaddress.IPv4Address, length: int
) -> None:
    network = ipaddress.ip_network((other, length), strict=False)
    around = networks_around(Observable(Kind.IPV4, str(one)))
    assert (network_key(str(network)) in around) == (one in network)


def test_a_network_lies_in_the_wider_ones_and_not_in_itself() -> None:
    around = networks_around(Observable(Kind.NETWORK, "198.51.100.0/24"))
    assert network_key("198.51.0.0/16") in around
    assert network_key("198.51.100.0/24") not in around
    assert networks_around(Observable(Kind.DOMAIN, "example.org")) == []


def test_networks_of_the_two_families_are_never_one() -> None:
    assert network_key("0.0.0.0/0") not in networks_around(Observable(Kind.IPV6, "2001:db8::1"))
    assert network_key("::/0") not in networks_around(Observable(Kind.IPV4, "198.51.100.7"))


@pytest.mark.parametrize(
    ("domain", "above"),
    [("a.b.example.org", ["b.example.org", "example.org"]), ("example.org", []), ("org", [])],
)
def test_the_domains_above_one_end_before_the_last(domain: str, above: list[str]) -> None:
    assert parents(domain) == above


def test_two_kinds_of_value_have_two_keys() -> None:
    text = "0" * 32
    assert value_key(Observable(Kind.MD5, text)) != value_key(Observable(Kind.JA3, text))


@given(st.lists(st.tuples(st.integers(-(1 << 63), (1 << 63) - 1), st.integers())))
def test_rows_are_put_in_the_order_of_their_keys(rows: list[tuple[int, int]]) -> None:
    assert in_order(rows, itemgetter(0)) == sorted(rows, key=itemgetter(0))
