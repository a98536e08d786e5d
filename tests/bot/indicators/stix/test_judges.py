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
from tests.bot.indicators.stix.patterns.examples import EXAMPLES
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

_FOLDER = real_data()
BUNDLES = [] if _FOLDER is None else sorted(each.name for each in _FOLDER.glob("*.json"))
KNOWN: dict[str, Counter[str]] = {}
"""Disagreements in real bundles that are known and meant, by bundle: there are none."""


def reference(given: Json) -> Any:
    """What the reference makes of an object: the object, or the name of its error."""
    try:
        return stix2.parse(given, allow_custom=True, version="2.1")
    except Exception as error:  # noqa: BLE001  it raises of every kind
        return type(error).__name__


def judged(given: Json) -> str:
    """Why the reference does not take an object: "" where it does."""
    found = reference(given)
    return found if isinstance(found, str) else ""


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
    seen: Counter[str] = Counter()
    for given, each in zip(objects, found, strict=True):
        seen.update(differences(given, each))
    assert seen == KNOWN.get(name, Counter())


def differences(given: Json, found: Thing | Rejected) -> Iterator[str]:
    """Where the reference and we do not say the same of an object."""
    theirs = reference(given)
    refused = theirs if isinstance(theirs, str) else ""
    if bool(refused) != bool(ours(found)):
        yield f"{given['type']}: {refused or 'taken'}, ours {ours(found) or 'taken'}"
    if refused or isinstance(found, Rejected):
        return
    said = {
        "modified": (_moment(theirs.get("modified", theirs.get("created"))), found.version or None),
        "name": (theirs.get("name", ""), found.name),
        "revoked": (theirs.get("revoked", False), found.revoked),
        "confidence": (theirs.get("confidence"), found.confidence),
        "labels": (set(_words(theirs)), set(found.labels)),
        "phases": ([f"{e.kill_chain_name}:{e.phase_name}" for e in _phases(theirs)],
                   list(found.phases)),
        "valid_from": (_moment(theirs.get("valid_from")), found.valid_from),
        "valid_until": (_moment(theirs.get("valid_until")), found.valid_until),
    }  # fmt: skip
    yield from (f"{given['type']}: {what}" for what, (one, other) in said.items() if one != other)


def _moment(found: Any) -> int | None:
    if found is None:
        return None
    return microseconds(found if isinstance(found, str) else stix2.utils.format_datetime(found))


def _words(of: Any) -> list[str]:
    return [*of.get("labels", []), *of.get("indicator_types", [])]


def _phases(of: Any) -> list[Any]:
    return list(of.get("kill_chain_phases", []))


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
    every = [given for name in BUNDLES for given in real(name)[0]]
    patterns = [given["pattern"] for given in every if "pattern" in given]
    patterns += [each for each, _ in EXAMPLES]
    assert len(patterns) > len(EXAMPLES)
    for pattern in patterns:
        (found,) = read(a_bundle(an_indicator(pattern)))
        assert (not run_validator(pattern, stix_version="2.1")) == (not ours(found))
