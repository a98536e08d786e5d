"""What is said of values that are no one's in particular."""

from __future__ import annotations

import pytest

from bot.indicators.observables import nature, read, within

NATURES = [
    ("127.0.0.1", "loopback"), ("::1", "loopback"), ("10.1.2.3", "private"),
    ("172.31.0.1", "private"), ("172.32.0.1", None), ("192.168.1.1", "private"),
    ("fd00::1", "private"), ("169.254.1.1", "link-local"), ("fe80::1", "link-local"),
    ("224.0.0.1", "multicast"), ("ff02::1", "multicast"), ("192.0.2.1", "documentation"),
    ("198.51.100.7", "documentation"), ("203.0.113.9", "documentation"),
    ("2001:db8::7", "documentation"), ("3fff::1", "documentation"), ("100.64.0.1", "shared"),
    ("198.18.0.1", "benchmarking"), ("0.0.0.0", "unspecified"), ("::", "unspecified"),
    ("255.255.255.255", "broadcast"), ("240.0.0.1", "reserved"), ("0.1.2.3", "reserved"),
    ("64:ff9b::1.2.3.4", "translated"), ("2002::1", "translated"), ("2001::1", "translated"),
    ("4000::1", "reserved"), ("8.8.8.8", None), ("2620:fe::fe", None),
    ("10.0.0.0/8", "private"), ("10.1.0.0/16", "private"), ("8.0.0.0/6", None),
    ("198.51.100.0/24", "documentation"), ("2001:db8::/32", "documentation"),
    ("example.com", "documentation"), ("a.b.example.org", "documentation"),
    ("evil.example", "documentation"), ("notexample.com", None), ("a.test", "reserved"),
    ("a.localhost", "loopback"), ("server.local", "local"), ("a.internal", "local"),
    ("abc.onion", "onion"), ("co.uk", "public-suffix"), ("a.co.uk", None),
    ("1.in-addr.arpa", "reserved"), ("http://10.0.0.1/a", "private"),
    ("http://[::1]:80/", "loopback"),
    ("http://a:b@example.com:81/?@c", "documentation"), ("http://intranet/", "local"),
    ("a@example.net", "documentation"), ("AS64500", "documentation"), ("AS65551", "documentation"),
    ("AS64512", "private"), ("AS4200000000", "private"), ("AS23456", "reserved"), ("AS3320", None),
    ("00:00:5e:00:53:01", "documentation"), ("ff:ff:ff:ff:ff:ff", "broadcast"),
    ("01:00:5e:00:00:01", "multicast"), ("02:00:00:00:00:01", "local"), ("00:1b:44:11:3a:b7", None),
    ("CVE-2024-0001", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), NATURES)
def test_a_special_value_is_answered_and_said(text: str, said: str | None) -> None:
    assert nature(read(text)) == said


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("https://u:p@evil.example.com:8443/a?b@c", "evil.example.com"),
        ("http://198.51.100.7/a", "198.51.100.7"),
        ("http://[2001:db8::7]:81/a", "2001:db8::7"),
        ("joe@example.com", "example.com"),
        (r"C:\a\Evil.exe", "evil.exe"),
        ("/tmp/a", "file:a"),
    ],
)
def test_what_a_value_holds_can_be_asked_for_too(text: str, held: str) -> None:
    assert within(read(text)) == read(held)
