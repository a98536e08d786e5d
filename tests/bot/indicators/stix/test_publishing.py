"""What is published: valid for the reference, and read as what it was."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest
import stix2  # type: ignore[import-untyped]
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.identity import deterministic_id, observable_of
from bot.indicators.stix.markings import TLP_2
from bot.indicators.stix.patterns.making import pattern_of
from bot.indicators.stix.publishing import (
    NotPublished,
    Relation,
    Sighting,
    Statement,
    definitions_of,
    to_stix,
)
from bot.indicators.things import Link, Said, Seen, Thing
from bot.sharing.marking import Label, Marking
from tests.bot.indicators.stix.plain import an_id, read

AT = 1_767_323_045_678_901
GREEN = Marking(Label.GREEN)
ADDRESS = Observable(Kind.IPV4, "198.51.100.7")
VALUES = [
    ADDRESS,
    Observable(Kind.IPV6, "2001:db8::1"),
    Observable(Kind.NETWORK, "198.51.100.0/24"),
    Observable(Kind.NETWORK, "2001:db8::/32"),
    Observable(Kind.DOMAIN, "a.example"),
    Observable(Kind.URL, "https://a.example/?q='\\"),
    Observable(Kind.EMAIL, "a@b.example"),
    Observable(Kind.MD5, "7" * 32),
    Observable(Kind.SHA1, "7" * 40),
    Observable(Kind.SHA256, "7" * 64),
    Observable(Kind.SHA512, "7" * 128),
    Observable(Kind.ASN, "AS64496"),
    Observable(Kind.MAC, "d2:fb:49:24:37:18"),
    Observable(Kind.FILE_NAME, "it's.exe"),
    Observable(Kind.FILE_PATH, "C:\\x\\y.exe"),
    Observable(Kind.REGISTRY_KEY, "HKEY_LOCAL_MACHINE\\x"),
    Observable(Kind.MUTEX, "Global\\m"),
]


def stated(value: Observable, marking: Marking = GREEN) -> Statement:
    return Statement(an_id("indicator"), value, marking, AT - 5, AT, AT, AT + 1, 50, ("x",), "n")


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_every_value_is_published_valid_and_read_as_what_it_was(value: Observable) -> None:
    text = to_stix([stated(value)])
    (indicator,) = (each for each in stix2.parse(text).objects if each.type == "indicator")
    assert run_validator(indicator.pattern, stix_version="2.1") == []
    found = read(text)[-1]
    assert isinstance(found, Thing)
    assert found.said == (Said(value),)
    assert (found.marking, found.version, found.valid_from) == (GREEN, AT, AT)
    assert (found.valid_until, found.confidence) == (AT + 1, 50)
    assert (found.labels, found.name) == (("x",), "n")


@pytest.mark.parametrize("kind", [Kind.CVE, Kind.TECHNIQUE, Kind.YARA, Kind.SIGMA, Kind.JA3])
def test_what_no_observation_shows_has_no_pattern(kind: Kind) -> None:
    assert pattern_of(Observable(kind, "x")) is None
    with pytest.raises(NotPublished):
        to_stix([stated(Observable(kind, "x"))])


def test_sightings_and_relations_come_back() -> None:
    sighting = Sighting(an_id("sighting"), an_id("indicator"), GREEN, AT, AT, AT + 1, 3)
    relation = Relation(
        an_id("relationship"), "indicates", an_id("indicator"), an_id("malware"), GREEN, AT
    )
    _, seen, related = read(to_stix([sighting, relation]))
    assert isinstance(seen, Thing)
    assert seen.seen == Seen(an_id("indicator"), 3, AT, AT + 1)
    assert isinstance(related, Thing)
    assert related.links == (Link("indicates", an_id("indicator"), an_id("malware")),)


def test_what_others_said_is_given_on_byte_for_byte() -> None:
    other = b'{"type": "x-thing",  "id": "x-thing--1", "n": 1.50}'
    assert other in to_stix([stated(ADDRESS)], [other])


@pytest.mark.parametrize("label", [each for each in Label if each is not Label.RED])
def test_the_definitions_of_tlp_2_go_with_it_and_the_reference_takes_them(label: Label) -> None:
    (made,) = definitions_of(Marking(label))
    assert TLP_2[made["id"]] is label
    assert stix2.parse(made, allow_custom=True).id == made["id"]
    found = read(to_stix([stated(ADDRESS, Marking(label))]))
    assert all(isinstance(each, Thing) for each in found)
    assert found[-1].marking == Marking(label)  # type: ignore[union-attr]


def test_red_is_never_published() -> None:
    with pytest.raises(NotPublished):
        to_stix([stated(ADDRESS, Marking(Label.RED))])


@pytest.mark.parametrize("teams", [frozenset({"fra", "deu"}), frozenset[str]()])
def test_what_is_releasable_to_some_stays_with_who_receives_it(teams: frozenset[str]) -> None:
    text = to_stix([stated(ADDRESS, Marking(Label.GREEN, (teams,)))])
    assert b"Releasable only to: " + (b"DEU, FRA" if teams else b"the originator") in text
    assert read(text)[-1].marking == Marking(Label.AMBER_STRICT)  # type: ignore[union-attr]


def test_the_same_value_has_the_same_id_as_everywhere() -> None:
    found = observable_of(ADDRESS)
    assert found is not None
    assert found["id"] == "ipv4-addr--12592121-be4c-5a93-a813-5a5af16e50db"


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_ids_of_observables_are_those_of_the_reference(value: Observable) -> None:
    found = observable_of(value)
    assert found is not None
    given = {key: each for key, each in found.items() if key != "id"}
    assert stix2.parse(given).id == found["id"]


def test_of_several_properties_the_order_does_not_matter() -> None:
    one = deterministic_id("file", {"name": "é\u2028", "hashes": {"MD5": "x"}})
    assert one == deterministic_id("file", {"hashes": {"MD5": "x"}, "name": "é\u2028"})
    assert uuid.UUID(one.partition("--")[2]).version == 5


def test_the_library_is_not_on_the_way_of_what_is_read() -> None:
    code = "import sys, bot.indicators.stix.reading; sys.exit('stix2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
