"""Which addresses a source may be reached at."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FeedError
from bot.feeds.addresses import Named, is_public, literal
from bot.feeds.resolving import look_at

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::8.8.8.8", "100::1", "2001::1",
    "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "fc00::1",
    "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
OUTSIDE = [
    "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
    "198.17.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:808:808::1",
]  # fmt: skip
NO_HOST = [
    "127.1", "127.0.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "127.0.0.1.",
    "010.0.0.1", "1.2.3.4.5", "256.1.1.1", "::g", "0X7F000001", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses())
def test_what_python_takes_for_local_is_never_public(address: object) -> None:
    found = ip_address(str(address))
    if found.is_private or found.is_multicast or found.is_reserved or found.is_link_local:
        stands_for = getattr(found, "ipv4_mapped", None)
        nat = found.version == 6 and str(found).startswith("64:ff9b::")
        assert nat or (stands_for and is_public(stands_for)) or not is_public(found)


@pytest.mark.parametrize("host", NO_HOST)
def test_a_host_that_some_system_reads_as_an_address_is_none(host: str) -> None:
    with pytest.raises(ValueError):
        literal(host)
    with pytest.raises(FeedError, match="no address"):
        look_at(Named(), host, 443)


def test_a_name_is_looked_at_later() -> None:
    assert literal("feeds.example.org") is None
    assert not look_at(Named(), "xn--bcher-kva.example", 443)


@pytest.mark.parametrize(
    ("url", "host", "port", "address", "may"),
    [
        ("http://127.0.0.1:8000/x", "127.0.0.1", 8000, "127.0.0.1", True),
        ("http://127.0.0.1:8000/x", "127.0.0.1", 443, "127.0.0.1", True),
        ("http://127.0.0.1:8000/x", "127.0.0.1", 9090, "127.0.0.1", False),
        ("http://127.0.0.1:8000/x", "localhost", 8000, "127.0.0.1", False),
        ("http://127.0.0.1:8000/x", "127.0.0.2", 8000, "127.0.0.2", False),
        ("https://misp/", "MISP", 443, "10.0.0.9", True),
        ("https://misp.internal/", "misp.internal", 443, "10.0.0.9", True),
        ("https://misp.internal/", "other.internal", 443, "10.0.0.9", False),
        ("https://feeds.example.org/", "feeds.example.org", 443, "10.0.0.9", False),
        ("https://feeds.example.org/", "feeds.example.org", 443, "8.8.8.8", True),
    ],
)
def test_what_a_url_names_inside_is_that_host_on_its_port(
    url: str, host: str, port: int, address: str, may: bool
) -> None:
    assert Named.of(url).admits(host, port, ip_address(address)) is may


def test_hosts_and_networks_are_named_by_internal() -> None:
    named = Named.of("https://x.example.org/", ["feeds.corp.example", "10.1.0.0/16", "fd00::1"])
    assert named.admits("feeds.corp.example", 8443, ip_address("192.168.0.1"))
    assert named.admits("y.example.org", 443, ip_address("10.1.2.3"))
    assert named.admits("y.example.org", 443, ip_address("fd00::1"))
    assert not named.admits("y.example.org", 443, ip_address("10.2.0.1"))
