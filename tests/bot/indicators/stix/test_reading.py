"""What each STIX object says, and what is set aside."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.markings import Definitions
from bot.indicators.stix.reading import read_bundle
from bot.indicators.stix.reasons import Note, Opaque, Reason
from bot.indicators.stix.times import microseconds, timestamp
from bot.indicators.things import Link, Rejected, Said, Seen, Thing
from tests.bot.indicators.stix.plain import (
    Json,
    a_bundle,
    an_id,
    an_indicator,
    an_object,
    normal,
    read,
    read_one,
    refused,
)

MD5, SHA1 = "79054025255fb1a26e4bc422aef54eb4", "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def values(thing: Thing) -> list[str]:
    return [each.observable.value for each in thing.said]


def test_an_indicator_says_all_of_this() -> None:
    given = an_indicator(
        "[domain-name:value = 'a.example']",
        name="a",
        confidence=70,
        labels=["x", "y"],
        indicator_types=["malicious-activity", "x"],
        kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": "execution"}],
        valid_until="2026-02-01T00:00:00.000001Z",
        created_by_ref=an_id("identity"),
        external_references=[{"source_name": "acme", "external_id": "A-1"}, {"source_name": "b"}],
        x_ours={"deep": [1, 2.50, None]},
    )
    found = read_one(given)
    assert found == Thing(
        id=given["id"],
        kind="indicator",
        raw=json.dumps(given).encode(),
        version=microseconds("2026-01-02T03:04:05.678901Z") or 0,
        name="a",
        confidence=70,
        labels=("x", "y", "malicious-activity"),
        phases=("mitre-attack:execution",),
        valid_from=microseconds("2026-01-02T03:04:05Z"),
        valid_until=microseconds("2026-02-01T00:00:00.000001Z"),
        said=(Said(Observable(Kind.DOMAIN, "a.example")),),
        links=(Link("created_by", given["id"], an_id("identity")),),
        external=("acme:A-1",),
    )


def test_revocation_is_read() -> None:
    assert read_one(an_indicator(revoked=True)).revoked
    assert not read_one(an_indicator()).revoked


@pytest.mark.parametrize("confidence", [101, -1, 50.5, "high", True, [1], 10**30])
def test_a_confidence_that_is_none_is_unspecified_and_noted(confidence: object) -> None:
    found = read_one(an_indicator(confidence=confidence))
    assert found.confidence is None
    assert Note.CONFIDENCE in found.notes or Note.FIELD in found.notes


@pytest.mark.parametrize("confidence", [0, 1, 100])
def test_nought_is_a_confidence(confidence: int) -> None:
    assert read_one(an_indicator(confidence=confidence)).confidence == confidence


def test_an_absent_confidence_is_unspecified_and_nothing_to_note() -> None:
    found = read_one(an_indicator())
    assert (found.confidence, found.notes) == (None, ())


def test_a_lesser_field_of_the_wrong_type_is_left_out_and_noted() -> None:
    found = read_one(an_indicator(name=5, labels="x", kill_chain_phases=[3], confidence=7))
    assert (found.name, found.labels, found.phases, found.confidence) == ("", (), (), 7)
    assert found.notes == (Note.FIELD,)
    assert values(found) == ["https://a.example/"]


WRONG: list[tuple[Any, Reason]] = [
    (3, Reason.NOT_AN_OBJECT),
    (["a"], Reason.NOT_AN_OBJECT),
    ({}, Reason.WRONG_FIELD),
    ({"type": 3}, Reason.WRONG_FIELD),
    ({"type": "indicator"}, Reason.BAD_ID),
    (an_indicator(id="x"), Reason.BAD_ID),
    (an_indicator(id=an_id("malware")), Reason.BAD_ID),
    (an_indicator(id="indicator--" + "g" * 36), Reason.BAD_ID),
    (an_indicator(id=an_id("indicator") + "\n"), Reason.BAD_ID),
    (an_indicator(object_marking_refs="x"), Reason.WRONG_FIELD),
    (an_indicator(object_marking_refs=[3]), Reason.WRONG_FIELD),
    (an_indicator(granular_markings=[3]), Reason.WRONG_FIELD),
    (an_indicator(revoked="yes"), Reason.WRONG_FIELD),
    (an_indicator(pattern=3), Reason.WRONG_FIELD),
    (an_indicator(modified="yesterday"), Reason.BAD_TIME),
    (an_indicator(modified="2026-02-30T00:00:00Z"), Reason.BAD_TIME),
    (an_indicator(modified="2026-02-03T00:00:00"), Reason.BAD_TIME),
]


@pytest.mark.parametrize(("given", "reason"), WRONG, ids=range(len(WRONG)))
def test_a_bad_object_is_set_aside_with_its_reason_and_only_it(given: Any, reason: Reason) -> None:
    first, found, last = read(a_bundle(an_indicator(), given, an_indicator()))
    assert isinstance(first, Thing)
    assert isinstance(last, Thing)
    assert isinstance(found, Rejected)
    assert found.reason == reason
    text = json.dumps(given)
    kept = reason is not Reason.NOT_AN_OBJECT and "marking" not in text  # it could be TLP:RED
    assert found.raw == (text.encode() if kept else b"")


BYTES: list[tuple[bytes, Reason]] = [
    (b'{"type":"x","id":"x","n":NaN}', Reason.NOT_JSON),
    (b'{"type":"x","id":"x","n":01}', Reason.NOT_JSON),
    (b'{"type":"x","id":"x","n":"\x01"}', Reason.NOT_JSON),
    (b'{"type":"x","n":"\xff"}', Reason.NOT_UTF8),
    (b'{"type":"x","n":"\xed\xa0\x80"}', Reason.NOT_UTF8),
    (b'{"type":"x","n":' + b"[" * 10_000 + b"]" * 10_000 + b"}", Reason.TOO_DEEP),
    (b'{"type":"x","type":"y","id":"x"}', Reason.DUPLICATE_KEY),
    (b'{"type":"x" "id":"x"}', Reason.NOT_JSON),
]


@pytest.mark.parametrize(("given", "reason"), BYTES, ids=range(len(BYTES)))
def test_bytes_that_cannot_be_read_are_set_aside_alone(given: bytes, reason: Reason) -> None:
    good = json.dumps(an_indicator()).encode()
    found = read(b'{"objects":[%b,%b,%b]}' % (good, given, good))
    assert [isinstance(each, Thing) for each in found] == [True, False, True]
    assert found[1] == Rejected(reason, "", given)


@pytest.mark.parametrize(
    "pattern", ["[" * 1_000_000, "[file:name = '" + "x" * 1_000_000 + "']", "x" * 1_000_000]
)
def test_a_pattern_of_a_megabyte_is_kept_and_not_taken_apart(pattern: str) -> None:
    found = read_one(an_indicator(pattern))
    assert found.opaque in {Opaque.TOO_LONG, Opaque.MALFORMED, Opaque.VALUE} or values(found)
    assert pattern.encode() in found.raw


@pytest.mark.parametrize("language", ["snort", "pcre", "suricata", "spl"])
def test_rules_in_other_languages_are_kept_and_not_indexed(language: str) -> None:
    found = read_one(an_indicator("alert tcp any any", pattern_type=language))
    assert (found.said, found.opaque) == ((), Opaque.LANGUAGE)


def test_the_names_of_yara_and_sigma_rules_are_known() -> None:
    rules = "private rule One : tag { condition: true }\nrule Two{}\n// rule Three\n"
    assert values(read_one(an_indicator(rules, pattern_type="yara"))) == ["One", "Two"]
    sigma = "title: Odd parent\nlogsource:\n  product: windows\n"
    (said,) = read_one(an_indicator(sigma, pattern_type="sigma")).said
    assert said.observable == Observable(Kind.SIGMA, "Odd parent")


def test_a_relationship_is_a_link() -> None:
    given = an_object(
        "relationship",
        relationship_type="indicates",
        source_ref=an_id("indicator"),
        target_ref=an_id("malware"),
        created_by_ref=an_id("identity"),
    )
    assert read_one(given).links == (
        Link("indicates", an_id("indicator"), an_id("malware")),
        Link("created_by", given["id"], an_id("identity")),
    )


def test_a_sighting_is_of_something_so_often_and_from_when_until_when() -> None:
    given = an_object(
        "sighting",
        sighting_of_ref=an_id("indicator"),
        count=3,
        first_seen="2026-01-01T00:00:00Z",
        last_seen="2026-01-02T00:00:00Z",
        where_sighted_refs=[an_id("identity")],
    )
    found = read_one(given)
    first, last = (microseconds(f"2026-01-0{day}T00:00:00Z") for day in (1, 2))
    assert found.seen == Seen(an_id("indicator"), 3, first, last)
    assert Link("where_sighted", given["id"], an_id("identity")) in found.links


def observable(type_: str, **more: object) -> Json:
    return {"type": type_, "spec_version": "2.1", "id": an_id(type_), **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (observable("ipv4-addr", value="198.51.100.7"), ["198.51.100.7"]),
        (observable("ipv4-addr", value="198.51.100.0/24"), ["198.51.100.0/24"]),
        (observable("url", value="https://a.example/"), ["https://a.example/"]),
        (observable("autonomous-system", number=64496), ["AS64496"]),
        (observable("mutex", name="m"), ["m"]),
        (observable("file", name="a", hashes={"MD5": MD5, "SHA-1": SHA1}), ["a", MD5, SHA1]),
        (observable("x509-certificate", hashes={"SHA-1": SHA1}), [SHA1]),
        (observable("ipv4-addr", value=3), []),
        (observable("process", pid=3), []),
    ],
)
def test_an_observable_says_its_value(given: Json, expected: list[str]) -> None:
    assert values(read_one(given)) == expected


def test_hashes_of_a_file_are_of_one_file_and_its_name_is_not() -> None:
    given = observable("file", name="a", hashes={"MD5": MD5, "sha1": SHA1})
    assert [each.file for each in read_one(given).said] == [0, 1, 1]


def test_a_value_that_is_none_of_its_kind_is_noted() -> None:
    assert read_one(observable("ipv4-addr", value="notanip")).notes == (Note.VALUE,)


def test_what_an_observable_refers_to_is_linked() -> None:
    given = observable("domain-name", value="a.example", resolves_to_refs=[an_id("ipv4-addr")])
    assert read_one(given).links == (Link("resolves_to", given["id"], an_id("ipv4-addr")),)


def test_observed_data_of_stix_2_0_says_what_is_within_it() -> None:
    given = an_object(
        "observed-data",
        number_observed=1,
        objects={
            "0": {"type": "file", "hashes": {"MD5": MD5, "SHA-1": SHA1}},
            "1": {"type": "domain-name", "value": "a.example", "resolves_to_refs": ["2"]},
            "2": {"type": "ipv4-addr", "value": "198.51.100.7"},
        },
    )
    del given["spec_version"]
    found = read_one(given)
    assert values(found) == [MD5, SHA1, "a.example", "198.51.100.7"]
    assert found.links == ()


def test_an_indicator_of_stix_2_0_is_one_of_today() -> None:
    given = an_indicator(labels=["malicious-activity"])
    del given["spec_version"], given["pattern_type"]
    found = read_one(given)
    assert values(found) == ["https://a.example/"]
    assert found.labels == ("malicious-activity",)


def test_a_technique_is_known_by_its_id_and_a_vulnerability_by_its_number() -> None:
    attack = [{"source_name": "mitre-attack", "external_id": "T1059.001"}]
    found = read_one(an_object("attack-pattern", name="PowerShell", external_references=attack))
    assert found.said == (Said(Observable(Kind.TECHNIQUE, "T1059.001")),)
    assert found.external == ("mitre-attack:T1059.001",)
    cve = [{"source_name": "cve", "external_id": "CVE-2026-12345"}]
    found = read_one(an_object("vulnerability", name="CVE-2026-12345", external_references=cve))
    assert found.said == (Said(Observable(Kind.CVE, "CVE-2026-12345")),)
    report = read_one(an_object("report", name="r", external_references=cve, object_refs=[]))
    assert values(report) == ["CVE-2026-12345"]


TYPES = [
    *("malware", "intrusion-set", "threat-actor", "campaign", "tool", "infrastructure", "note"),
    *("report", "grouping", "opinion", "course-of-action", "location", "x-acme-thing"),
]


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_is_kept_with_its_name_and_what_it_refers_to(type_: str) -> None:
    given = an_object(type_, name="n", labels=["l"], object_refs=[an_id("indicator")], x_y=[1.0])
    found = read_one(given)
    assert (found.kind, found.name, found.labels) == (type_, "n", ("l",))
    assert found.links == (Link("object", given["id"], an_id("indicator")),)
    assert found.raw == json.dumps(given).encode()


def test_markings_that_one_page_defines_hold_for_the_next() -> None:
    id_ = an_id("marking-definition")
    definition = {
        "type": "marking-definition",
        "id": id_,
        "created": "2026-01-01T00:00:00Z",
        "definition_type": "statement",
        "definition": {"statement": "x"},
    }
    marked = a_bundle(an_indicator(object_marking_refs=[id_]))
    known = Definitions()
    list(read_bundle(io.BytesIO(a_bundle(definition)), normal, known))
    assert isinstance(next(read_bundle(io.BytesIO(marked), normal, known)), Thing)
    assert refused(an_indicator(object_marking_refs=[id_])) == Reason.UNKNOWN_MARKING


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001
def test_times_are_whole_microseconds(at: datetime) -> None:
    found = microseconds(at.isoformat() + "Z")
    assert found is not None
    assert datetime(1970, 1, 1) + timedelta(microseconds=found) == at  # noqa: DTZ001
    assert microseconds(timestamp(found)) == found


def test_no_bytes_of_an_object_that_may_not_be_kept_are_in_what_is_told() -> None:
    secret = an_indicator("[domain-name:value = 'secret.example']", object_marking_refs=["x--y"])
    (found,) = read(a_bundle(secret))
    assert "secret" not in repr(found)


_FORM = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)


@given(
    st.lists(st.tuples(st.integers(0, 23), st.sampled_from("0195-+:.,TtZzW \u0661_")), max_size=4)
)
@example([(20, "+")])
@example([(20, "-"), (22, "0")])
@example([(19, ",")])
def test_what_is_no_timestamp_is_none_however_like_one_it_looks(
    strokes: list[tuple[int, str]],
) -> None:
    letters = list("2026-03-04T14:30:00.123Z")
    for at, letter in strokes:
        letters[at] = letter
    text = "".join(letters)
    found = microseconds(text)
    if _FORM.fullmatch(text) is None:
        assert found is None
    elif found is not None:
        since = datetime.fromisoformat(text.upper()) - datetime(1970, 1, 1, tzinfo=UTC)
        assert found == since // timedelta(microseconds=1)
