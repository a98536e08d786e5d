"""`stix2` and `stix2-patterns` as judges: every disagreement with them, over the data at hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import stix2  # type: ignore[import-untyped]
from stix2patterns.validator import run_validator  # type: ignore[import-untyped]

from bot.indicators.stix.reading import read_bundle
from bot.indicators.stix.reasons import Opaque, Reason
from bot.indicators.stix.times import microseconds
from bot.indicators.things import Rejected, Thing
from tests.bot.indicators.stix.plain import (
    Json,
    a_bundle,
    an_id,
    an_indicator,
    an_object,
    needs_real_data,
    normal,
    read,
    real_data,
)
from tests.bot.indicators.stix.test_markings import OURS, STRICT, WHITE_ID, tlp_1, tlp_2

BUNDLES = ["amnesty-novispy.json", "amnesty-pegasus.json", "mitre-attack-ics.json"]
KNOWN: dict[str, Counter[str]] = {}
"""Disagreements in real bundles that are known and meant, by bundle: there are none."""


def judged(given: Json) -> str:
    """What the reference makes of an object: "" where it takes it."""
    try:
        stix2.parse(given, allow_custom=True, version="2.1")
    except Exception as error:  # noqa: BLE001  it raises of every kind
        return type(error).__name__
    return ""


def ours(found: Thing | Rejected) -> str:
    if isinstance(found, Rejected):
        return found.reason
    return Opaque.MALFORMED if found.opaque == Opaque.MALFORMED else ""


@cache
def real(name: str) -> tuple[list[Json], list[Thing | Rejected]]:
    folder = real_data()
    assert folder is not None
    with (folder / name).open("rb") as stream:
        found = list(read_bundle(stream, normal))
    return json.loads((folder / name).read_bytes())["objects"], found


@needs_real_data
@pytest.mark.parametrize("name", BUNDLES)
def test_every_object_of_a_real_bundle_is_accounted_for(name: str) -> None:
    objects, found = real(name)
    assert len(found) == len(objects)
    for given, each in zip(objects, found, strict=True):
        assert json.loads(each.raw) == given
        assert each.id == given["id"]
    counted = Counter(type(each) for each in found)
    assert counted == {Thing: len(objects)}


@needs_real_data
@pytest.mark.parametrize("name", BUNDLES)
def test_every_disagreement_about_a_real_bundle_is_known(name: str) -> None:
    objects, found = real(name)
    seen: dict[str, int] = {}
    pairs = list(zip(objects, found, strict=True))
    for given in objects:  # the slow judge sees some of each type
        seen[given["type"]] = seen.get(given["type"], 0) + 1
    step = {type_: max(1, count // 100) for type_, count in seen.items()}
    found_: Counter[str] = Counter()
    for number, (given, each) in enumerate(pairs):
        if number % step[given["type"]]:
            continue
        found_.update(differences(given, each))
    assert found_ == KNOWN.get(name, Counter())


def differences(given: Json, found: Thing | Rejected) -> Iterator[str]:
    """Where the reference and we do not say the same of an object."""
    theirs = judged(given)
    if bool(theirs) != bool(ours(found)):
        yield f"{given['type']}: {theirs or 'taken'}, ours {ours(found) or 'taken'}"
    if theirs or isinstance(found, Rejected):
        return
    parsed: Any = stix2.parse(given, allow_custom=True, version="2.1")
    modified = parsed.get("modified", parsed.get("created"))
    if not isinstance(modified, str | None):
        modified = stix2.utils.format_datetime(modified)
    if modified is not None and found.version != microseconds(modified):
        yield f"{given['type']}: modified"
    if parsed.get("name", "") != found.name:
        yield f"{given['type']}: name"
    if parsed.get("revoked", False) is not found.revoked:
        yield f"{given['type']}: revoked"


@needs_real_data
def test_the_values_of_the_real_indicators_are_those_in_their_patterns() -> None:
    objects, found = real("amnesty-pegasus.json")
    for given, each in zip(objects, found, strict=True):
        if given["type"] == "indicator" and isinstance(each, Thing) and each.said:
            (said,) = each.said
            assert given["pattern"].lower().endswith(f"='{said.observable.value.lower()}']")


@needs_real_data
def test_the_patterns_of_which_nothing_is_indexed_are_these() -> None:
    opaque = Counter(
        each.opaque
        for name in BUNDLES
        for each in real(name)[1]
        if isinstance(each, Thing) and each.opaque
    )
    assert set(opaque) == {Opaque.PROPERTY}
    properties = {
        given["pattern"].partition("=")[0]
        for name in BUNDLES
        for given, each in zip(*real(name), strict=True)
        if isinstance(each, Thing) and each.opaque
    }
    assert properties == {"[app:id"}


MEANT: list[tuple[str, Json, str, str]] = [
    (
        "a confidence of 101 is none",
        an_indicator(confidence=101),
        "",
        "",
    ),
    (
        "an address that is none is not indexed",
        an_indicator("[ipv4-addr:value = 'notanip']"),
        "",
        "",
    ),
    (
        "WHITE's id as `clear` does not cost the bundle",
        tlp_1(WHITE_ID, "clear"),
        "TLPMarkingDefinitionError",
        "",
    ),
    (
        "AMBER+STRICT's id as `red` is a forgery",
        tlp_2(OURS[STRICT], "red"),
        "",
        Reason.FORGED_MARKING,
    ),
    (
        "a pattern that is malformed is kept, and shown as such",
        an_indicator("[ipv4-addr:value = "),
        "InvalidValueError",
        Opaque.MALFORMED,
    ),
    (
        "a lesser field of the wrong type does not cost the object",
        an_indicator(labels=3),
        "InvalidValueError",
        "",
    ),
    (
        "a kill-chain phase without a name does not cost the object",
        an_indicator(kill_chain_phases=[{"kill_chain_name": "x"}]),
        "InvalidValueError",
        "",
    ),
    (
        "an unknown type is kept",
        an_object("x-acme-thing", name="n"),
        "",
        "",
    ),
    (
        "a marking that nobody knows is the most restrictive",
        an_indicator(object_marking_refs=[an_id("marking-definition", 5)]),
        "",
        Reason.UNKNOWN_MARKING,
    ),
    (
        "comparisons of two types under AND are read",
        an_indicator("[url:value = 'https://a.example/' AND domain-name:value = 'a.example']"),
        "",
        "",
    ),
]


@pytest.mark.parametrize(("why", "given", "theirs", "here"), MEANT, ids=[each[0] for each in MEANT])
def test_disagreements_that_are_meant(why: str, given: Json, theirs: str, here: str) -> None:
    (found,) = read(a_bundle(given))
    assert (judged(given), ours(found)) == (theirs, here), why


@needs_real_data
def test_the_judge_of_patterns_takes_what_we_take() -> None:
    patterns = [each["pattern"] for each in real("amnesty-novispy.json")[0] if "pattern" in each]
    patterns += [
        each["pattern"] for each in real("amnesty-pegasus.json")[0][:200] if "pattern" in each
    ]
    for pattern in patterns:
        (found,) = read(a_bundle(an_indicator(pattern)))
        assert (not run_validator(pattern, stix_version="2.1")) == (not ours(found))
