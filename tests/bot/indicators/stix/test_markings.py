"""Markings of STIX objects: the strictest of all that is named, by fixed ids."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import IO, Any, cast

import pytest
import stix2  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from bot.indicators.stix.markings import EXTENSION, TLP, TLP_1, TLP_2
from bot.indicators.stix.reading import read_bundle
from bot.indicators.stix.reasons import Reason
from bot.indicators.things import Rejected, Thing
from bot.sharing.marking import Label, Marking
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

CLEAR, GREEN, AMBER, STRICT, RED = Label
WHITE_ID, GREEN_ID, AMBER_ID, RED_ID = TLP_1
OURS = {label: id_ for id_, label in TLP_2.items()}


def tlp_1(id_: str, name: str) -> Json:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": id_,
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{name.upper()}",
        "definition": {"tlp": name},
    }


def tlp_2(id_: str, name: str) -> Json:
    extension = {"extension_type": "property-extension", "tlp_2_0": name}
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": id_,
        "created": "2022-10-01T00:00:00.000Z",
        "extensions": {EXTENSION: extension},
    }


def a_statement(number: int = 1) -> Json:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": an_id("marking-definition", number),
        "created": "2017-06-01T00:00:00.000Z",
        "definition_type": "statement",
        "definition": {"statement": "Copyright 2026"},
    }


def marked(*refs: str, **more: Any) -> Json:
    return an_indicator(object_marking_refs=list(refs), **more)


@pytest.mark.parametrize(("id_", "label"), [each for each in TLP.items() if each[1] is not RED])
def test_every_label_of_both_versions_is_known_by_its_id(id_: str, label: Label) -> None:
    assert read_one(marked(id_)).marking == Marking(label)


def test_the_ids_of_tlp_1_are_those_of_the_reference() -> None:
    reference = [stix2.v21.TLP_WHITE, stix2.v21.TLP_GREEN, stix2.v21.TLP_AMBER, stix2.v21.TLP_RED]
    assert [each.id for each in reference] == list(TLP_1)


def test_no_marking_is_none_and_the_source_has_a_default() -> None:
    assert read_one(an_indicator()).marking is None
    assert read_one(marked()).marking is None


@pytest.mark.parametrize("id_", [RED_ID, OURS[RED]])
def test_red_is_set_aside_and_its_bytes_are_not_kept(id_: str) -> None:
    (found,) = read(a_bundle(marked(id_)))
    assert found == Rejected(Reason.RED, an_id("indicator"), b"")


@given(st.lists(st.sampled_from(list(TLP)), min_size=1), st.lists(st.sampled_from(list(TLP))))
def test_an_object_is_as_strict_as_the_strictest_part_of_it(
    whole: list[str], parts: list[str]
) -> None:
    granular = [{"marking_ref": each, "selectors": ["name"]} for each in parts]
    (found,) = read(a_bundle(marked(*whole, granular_markings=granular)))
    strictest = max((TLP[each] for each in (*whole, *parts)), key=lambda label: label.rank)
    if strictest is RED:
        assert found == Rejected(Reason.RED, an_id("indicator"))
    else:
        assert isinstance(found, Thing)
        assert found.marking == Marking(strictest)


def test_a_granular_marking_alone_marks_the_whole_object() -> None:
    granular = [{"marking_ref": OURS[STRICT], "selectors": ["description"]}]
    assert read_one(an_indicator(granular_markings=granular)).marking == Marking(STRICT)


def test_a_language_is_no_marking() -> None:
    granular = [{"lang": "fr", "selectors": ["description"]}]
    assert read_one(an_indicator(granular_markings=granular)).marking is None


def test_what_is_not_known_is_the_most_restrictive_and_says_why() -> None:
    nobody_knows = marked(AMBER_ID, an_id("marking-definition", 77))
    (found,) = read(a_bundle(nobody_knows))
    assert found == Rejected(Reason.UNKNOWN_MARKING, an_id("indicator"), b"")


UNKNOWN = [
    a_statement() | {"definition_type": "iep", "definition": {"iep": "x"}},
    a_statement() | {"definition": {"statement": "x", "tlp": "red"}},
    a_statement() | {"extensions": {"extension-definition--1": {"x": 1}}},
    tlp_1(a_statement()["id"], "white"),
    tlp_2(a_statement()["id"], "clear"),
]


@pytest.mark.parametrize("definition", UNKNOWN, ids=range(len(UNKNOWN)))
def test_a_definition_of_something_else_makes_no_marking_known(definition: Json) -> None:
    found = read(a_bundle(definition, marked(definition["id"])))
    assert isinstance(found[0], Thing)
    assert found[1] == Rejected(Reason.UNKNOWN_MARKING, an_id("indicator"))


@pytest.mark.parametrize("before", [True, False])
def test_a_statement_restricts_nobody_wherever_it_is_defined(before: bool) -> None:
    said, marks = a_statement(), marked(a_statement()["id"])
    text = a_bundle(said, marks) if before else a_bundle(marks, said)
    assert all(isinstance(each, Thing) and each.marking is None for each in read(text))
    beside = marked(said["id"], GREEN_ID)
    assert [each.marking for each in read(a_bundle(beside, said)) if isinstance(each, Thing)] == [
        Marking(GREEN),
        None,
    ]


def test_definitions_are_found_in_a_compressed_file_too() -> None:
    text = gzip.compress(a_bundle(marked(a_statement()["id"]), a_statement()))
    assert [type(each) for each in read(text)] == [Thing, Thing]


class Pipe:
    def __init__(self, text: bytes) -> None:
        self._parts: Iterator[bytes] = iter([text])

    def read(self, _size: int) -> bytes:
        return next(self._parts, b"")

    def seekable(self) -> bool:
        return False


def test_in_a_stream_that_only_goes_forward_what_is_marked_waits_for_its_definition() -> None:
    text = a_bundle(marked(a_statement()["id"]), an_indicator(), a_statement())
    found = list(read_bundle(cast("IO[bytes]", Pipe(text)), normal))
    assert [type(each) for each in found] == [Thing] * 3
    assert found[2].id == an_id("indicator")
    text = a_bundle(marked(a_statement()["id"]), an_indicator())
    found = list(read_bundle(cast("IO[bytes]", Pipe(text)), normal))
    assert found[1] == Rejected(Reason.UNKNOWN_MARKING, an_id("indicator"))


def test_many_marked_before_the_definition_are_all_kept_in_order() -> None:
    marks = [marked(a_statement()["id"], name=str(each)) for each in range(5000)]
    found = read(a_bundle(*marks, a_statement()))
    assert [each.name for each in found if isinstance(each, Thing)][:5000] == [
        str(each) for each in range(5000)
    ]


HARMLESS = [
    tlp_1(WHITE_ID, "white"),
    tlp_1(WHITE_ID, "clear"),
    tlp_1(GREEN_ID, "green"),
    tlp_1(AMBER_ID, "amber"),
    tlp_2(WHITE_ID, "clear"),
    *(tlp_2(id_, label.removeprefix("TLP:").lower()) for id_, label in TLP_2.items()),
]


@pytest.mark.parametrize("definition", HARMLESS, ids=range(len(HARMLESS)))
def test_the_same_meaning_in_other_words_is_no_forgery(definition: Json) -> None:
    assert read_one(definition).raw == json.dumps(definition).encode()


FORGED = [
    tlp_1(RED_ID, "white"),
    tlp_1(AMBER_ID, "green"),
    tlp_1(WHITE_ID, "red"),
    tlp_2(OURS[STRICT], "red"),
    tlp_2(OURS[STRICT], "amber"),
    tlp_2(AMBER_ID, "clear"),
    tlp_1(AMBER_ID, "amber") | {"extensions": {EXTENSION: {"tlp_2_0": "clear"}}},
    a_statement() | {"id": AMBER_ID},
    tlp_1(GREEN_ID, "public"),
]


@pytest.mark.parametrize("definition", FORGED, ids=range(len(FORGED)))
def test_a_label_with_another_meaning_is_a_forgery_and_changes_nothing(definition: Json) -> None:
    assert refused(definition) == Reason.FORGED_MARKING
    found = read(a_bundle(definition, marked(definition["id"])))[1]
    if TLP[definition["id"]] is RED:
        assert isinstance(found, Rejected)
        assert found.reason == Reason.RED
    else:
        assert isinstance(found, Thing)
        assert found.marking == Marking(TLP[definition["id"]])


def test_a_definition_that_names_two_labels_does_not_cost_the_bundle() -> None:
    clear = tlp_1(WHITE_ID, "clear")
    found = read(a_bundle(clear, *(an_object("tool", each, name="x") for each in range(50))))
    assert len([each for each in found if isinstance(each, Thing)]) == 51


TWICE = [
    b'"object_marking_refs":["%b"],"object_marking_refs":["%b"]',
    b'"object_marking_refs":["%b"],"object_marking_ref\\u0073":["%b"]',
    b'"object_marking_refs":["%b"],"x":{"object_marking_refs":[],"object_marking_refs":["%b"]}',
]


@pytest.mark.parametrize("form", TWICE, ids=range(len(TWICE)))
def test_an_object_that_is_marked_in_two_ways_is_not_taken(form: bytes) -> None:
    plain = json.dumps(an_indicator()).encode()
    text = plain[:-1] + b"," + form % (OURS[RED].encode(), OURS[CLEAR].encode()) + b"}"
    assert refused_bytes(text) == Reason.DUPLICATE_KEY


def refused_bytes(text: bytes) -> str:
    (found,) = read(b'{"objects":[%b]}' % text)
    assert isinstance(found, Rejected)
    return found.reason


def test_a_name_that_stands_in_an_inner_object_too_is_no_double() -> None:
    inner = {"object_marking_refs": [], "id": "x", "type": "y", "text": "\u0041\u001f"}
    found = read_one(marked(GREEN_ID, x_inner=inner))
    assert found.marking == Marking(GREEN)


BROKEN = [b'"revoked":"yes"', b'"created":"never"', b'"id":3', b'"x":NaN', b'"y":"\xff"']


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize(
    ("ref", "kept"), [(OURS[GREEN], True), (RED_ID, False), (a_statement(9)["id"], False)]
)
def test_what_cannot_be_read_is_kept_only_where_its_marking_allows_it(
    broken: bytes, ref: str, kept: bool
) -> None:
    text = b'{"type":"tool","object_marking_refs":["%b"],%b}' % (ref.encode(), broken)
    (found,) = read(b"[%b]" % text)
    assert isinstance(found, Rejected)
    assert found.raw == (text if kept else b"")


def test_a_marking_that_is_written_in_escapes_is_not_overlooked() -> None:
    text = b'{"type":"tool","object_marking_\\u0072efs":["%b"],"revoked":3}' % RED_ID.encode()
    (found,) = read(b"[%b]" % text)
    assert found == Rejected(Reason.WRONG_FIELD)


def test_what_its_source_has_defined_before_is_known_unless_it_means_another_thing_now() -> None:
    old, other, new = (an_id("marking-definition", n) for n in (41, 42, 43))
    asked: list[str] = []

    def before(ref: str) -> bool:
        asked.append(ref)
        return ref in {old, other}

    def marked(number: int, ref: str) -> Json:
        return an_object("malware", number, object_marking_refs=[ref])

    redefined = {"type": "marking-definition", "spec_version": "2.1", "id": other,
                 "created": "2026-01-01T00:00:00Z", "definition_type": "x-iep",
                 "definition": {"x": 1}}  # fmt: skip
    text = a_bundle(marked(1, old), marked(2, other), marked(3, new), marked(4, new), redefined)
    found = list(read_bundle(io.BytesIO(text), normal, before=before))
    taken = [isinstance(each, Thing) for each in found]
    assert taken == [True, False, False, False, True]
    assert sorted(asked) == sorted([old, new]), "what is defined here is not asked about"
    assert refused(marked(1, old)) == Reason.UNKNOWN_MARKING
