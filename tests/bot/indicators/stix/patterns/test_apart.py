"""Patterns taken apart."""

from __future__ import annotations

import pytest

from bot.indicators import observables
from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.patterns.apart import MAX_LENGTH, take_apart
from bot.indicators.stix.patterns.making import pattern_of
from bot.indicators.stix.reasons import Opaque
from bot.indicators.things import Said
from tests.bot.indicators.stix.patterns.examples import EXAMPLES, MD5, SHA
from tests.bot.indicators.stix.plain import normal

SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def values(pattern: str) -> list[str]:
    return [
        f"({each.observable.value})" if each.part else each.observable.value
        for each in take_apart(pattern, normal).said
    ]


@pytest.mark.parametrize(("pattern", "expected"), EXAMPLES)
def test_examples_of_the_specification(pattern: str, expected: list[str]) -> None:
    assert values(pattern) == expected
    assert bool(take_apart(pattern, normal).opaque) is not bool(expected)


KINDS = [
    ("[ipv4-addr:value = '198.51.100.7']", Kind.IPV4, "198.51.100.7"),
    ("[ipv4-addr:value = '198.51.100.0/24']", Kind.NETWORK, "198.51.100.0/24"),
    ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", Kind.NETWORK, "198.51.100.0/24"),
    ("[ipv6-addr:value = '2001:db8::1/128']", Kind.IPV6, "2001:db8::1"),
    ("[url:value = 'a.example/x']", Kind.URL, "http://a.example/x"),
    ("[url:value = '//a.example/x']", Kind.URL, "http://a.example/x"),
    ("[url:value = '198.51.100.7/x.sh']", Kind.URL, "http://198.51.100.7/x.sh"),
    ("[url:value = 'a.example:8080/x']", Kind.URL, "http://a.example:8080/x"),
    ("[url:value = 'hxxp://a.example/x']", Kind.URL, "http://a.example/x"),
    ("[url:value = 'hxxps://a[.]example/x']", Kind.URL, "https://a.example/x"),
    ("[url:value = 'a.example']", Kind.DOMAIN, "a.example"),
    ("[domain-name:value = 'a[.]example']", Kind.DOMAIN, "a.example"),
    ("[domain-name:value='a.example']", Kind.DOMAIN, "a.example"),
    ("[domain-name:value='176.223.111.131']", Kind.IPV4, "176.223.111.131"),
    ("[url:value = 'https://a.example/x']", Kind.URL, "https://a.example/x"),
    ("[email-addr:value = 'a@b.example']", Kind.EMAIL, "a@b.example"),
    ("[email-message:to_refs[*].value = 'a@b.example']", Kind.EMAIL, "a@b.example"),
    ("[file:name = 'a.exe']", Kind.FILE_NAME, "a.exe"),
    ("[file:name = '/tmp/a']", Kind.FILE_PATH, "/tmp/a"),
    ("[process:name = 'a.exe']", Kind.FILE_NAME, "a.exe"),
    ("[mutex:name = 'a']", Kind.MUTEX, "a"),
    ("[autonomous-system:number = 64496]", Kind.ASN, "AS64496"),
    ("[autonomous-system:number = 'AS64496']", Kind.ASN, "AS64496"),
    ("[mac-addr:value = 'd2:fb:49:24:37:18']", Kind.MAC, "d2:fb:49:24:37:18"),
    ("[vulnerability:name = 'CVE-2026-12345']", Kind.CVE, "CVE-2026-12345"),
    (f"[x509-certificate:hashes.'SHA-1' = '{SHA1}']", Kind.SHA1, SHA1),
    (f"[app:cert.sha256 = '{SHA}']", Kind.SHA256, SHA),
    (f"[file:content_ref.hashes.MD5 = '{MD5}']", Kind.MD5, MD5),
    (f"[file:extensions.'windows-pebinary-ext'.imphash = '{MD5}']", Kind.IMPHASH, MD5),
    (f"[file:hashes.MD5 = h'{MD5}']", Kind.MD5, MD5),
    *(
        (f"[file:hashes.{name} = '{SHA.upper()}']", Kind.SHA256, SHA)
        for name in ("'SHA-256'", "SHA256", "sha256", "'SHA256'", "'sha-256'", "SHA_256")
    ),
]


@pytest.mark.parametrize(("pattern", "kind", "value"), KINDS)
def test_every_property_has_its_kind(pattern: str, kind: Kind, value: str) -> None:
    assert take_apart(pattern, normal).said == (Said(Observable(kind, value)),)


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("[ipv6-addr:value = '::ffff:198.51.100.7']", Kind.IPV4, "198.51.100.7"),
        ("[ipv6-addr:value = '::FFFF:C633:6407']", Kind.IPV4, "198.51.100.7"),
        ("[ipv6-addr:value = '::ffff:198.51.100.7/128']", Kind.IPV4, "198.51.100.7"),
        ("[ipv6-addr:value = '::ffff:198.51.100.0/120']", Kind.NETWORK, "198.51.100.0/24"),
        ("[network-traffic:dst_ref.value = '::ffff:198.51.100.7']", Kind.IPV4, "198.51.100.7"),
        ("[ipv6-addr:value = '::/0']", Kind.NETWORK, "::/0"),
    ],
)
def test_what_is_mapped_is_found_as_the_ipv4_that_it_is(
    pattern: str, kind: Kind, value: str
) -> None:
    found = take_apart(pattern, observables.normal).said
    assert found == (Said(Observable(kind, value)),)
    asked = pattern.split("'")[1]
    assert observables.read(asked) == found[0].observable


@pytest.mark.parametrize(
    ("pattern", "opaque"),
    [
        ("[file:size = '3']", Opaque.PROPERTY),
        ("[file:size = 3]", Opaque.PROPERTY),
        ("[ipv4-addr:value = 'notanip']", Opaque.VALUE),
        ("[url:value = 'no/url']", Opaque.VALUE),
        ("[ipv4-addr:value != '198.51.100.7']", Opaque.NEGATED),
        ("[file:name MATCHES '(a+)+$']", Opaque.OPERATOR),
        ("[file:name = 'x'", Opaque.MALFORMED),
        ("", Opaque.MALFORMED),
        ("(" * 200 + "[file:name = 'x']" + ")" * 200, Opaque.TOO_DEEP),
        (f"[file:name = '{'x' * MAX_LENGTH}' OR file:name = 'y']", Opaque.TOO_LONG),
        ("[file:name ISSUBSET '198.51.100.0/24']", Opaque.PROPERTY),
    ],
)
def test_what_cannot_be_indexed_says_why(pattern: str, opaque: Opaque) -> None:
    assert take_apart(pattern, normal).opaque is opaque


def test_what_is_said_alone_is_not_said_as_a_part_too() -> None:
    both = "[file:name = 'a'] OR [file:name = 'a' AND file:size = 3]"
    assert values(both) == ["a"]


def test_a_value_that_is_only_partly_indexed_is_noted() -> None:
    found = take_apart("[file:name = 'a' OR file:name LIKE 'b%']", normal)
    assert found.partly
    assert [each.observable.value for each in found.said] == ["a"]


@pytest.mark.parametrize("word", ["AND", "OR"])
def test_hashes_of_one_observation_are_of_one_file(word: str) -> None:
    one = f"[file:hashes.MD5 = '{MD5}' {word} file:hashes.'SHA-256' = '{SHA}']"
    assert [each.file for each in take_apart(one, normal).said] == [1, 1]


def test_two_hashes_of_one_algorithm_are_of_two_files() -> None:
    other = MD5[::-1]
    two = (
        f"[file:hashes.MD5 = '{MD5}' OR file:hashes.MD5 = '{other}' "
        f"OR file:hashes.'SHA-256' = '{SHA}']"
    )
    assert [each.file for each in take_apart(two, normal).said] == [0, 0, 0]


def test_two_files_have_two_numbers() -> None:
    a = f"(file:hashes.MD5 = '{MD5}' AND file:hashes.'SHA-256' = '{SHA}')"
    b = f"(file:hashes.MD5 = '{MD5[::-1]}' AND file:hashes.'SHA-256' = '{SHA[::-1]}')"
    assert [each.file for each in take_apart(f"[{a} OR {b}]", normal).said] == [1, 1, 2, 2]


def test_hashes_of_sections_are_not_those_of_the_file() -> None:
    path = "file:extensions.'windows-pebinary-ext'.sections[*].hashes.MD5"
    found = take_apart(f"[{path} = '{MD5}' OR file:hashes.'SHA-256' = '{SHA}']", normal)
    assert [each.file for each in found.said] == [0, 0]


@pytest.mark.parametrize("pattern", [each[0] for each in KINDS])
def test_a_value_made_a_pattern_gives_the_value_again(pattern: str) -> None:
    (said,) = take_apart(pattern, normal).said
    made = pattern_of(said.observable)
    assert made is None or take_apart(made, normal).said == (said,)
    assert (made is None) == (said.observable.kind is Kind.CVE)
