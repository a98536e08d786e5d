"""What the channel knows, written as STIX 2.1 with `stix2`: to be imported only where it is needed,
since that library takes its time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import stix2  # type: ignore[import-untyped]  # it brings no types

from bot.indicators.observable import Observable
from bot.indicators.stix.markings import EXTENSION, TLP_2
from bot.indicators.stix.patterns.making import pattern_of
from bot.indicators.stix.times import timestamp
from bot.sharing.marking import Label, Marking

Json = dict[str, Any]
_IDS = {label: id_ for id_, label in TLP_2.items()}
_NAMESPACE = uuid.UUID("6b0c3b2e-6f0a-5d8c-9d42-1c9f0d5a7e11")
"""Of ids that are made from what they stand for."""
_WHEN_TLP_2_CAME = "2022-10-01T00:00:00.000Z"


class NotPublished(ValueError):
    """Something that leaves by no such way: TLP:RED, or a value no pattern matches."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is to be said of a value. `id` has the type before it; times are microseconds."""

    id: str
    value: Observable
    marking: Marking
    created: int
    modified: int
    valid_from: int
    valid_until: int | None = None
    confidence: int | None = None
    labels: tuple[str, ...] = ()
    name: str = ""
    revoked: bool = False
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """That something was seen; `id` and `of` are STIX ids, `where` those of identities."""

    id: str
    of: str
    marking: Marking
    created: int
    first: int | None = None
    last: int | None = None
    times: int = 1
    where: tuple[str, ...] = ()
    created_by: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """How two objects hang together."""

    id: str
    kind: str
    source: str
    target: str
    marking: Marking
    created: int


ToPublish = Statement | Sighting | Relation


def to_stix(what: Iterable[ToPublish], others: Sequence[bytes] = ()) -> bytes:
    """A bundle of these, with the definitions of their markings; `others` are objects that are
    given on as they came, byte for byte. Raises `NotPublished`.
    """
    objects, definitions = [], dict[str, Json]()
    for each in what:
        marks = definitions_of(each.marking)
        definitions |= {mark["id"]: mark for mark in marks}
        objects.append(_written(each, [mark["id"] for mark in marks]))
    made = [stix2.parse(each, allow_custom=True) for each in definitions.values()]
    texts = [each.serialize().encode() for each in (*made, *objects)]
    bundle = f"bundle--{uuid.uuid4()}".encode()
    return b'{"type":"bundle","id":"%b","objects":[%b]}' % (bundle, b",".join([*texts, *others]))


def definitions_of(marking: Marking) -> list[Json]:
    """The definitions that say a marking: its TLP label, and to whom it is releasable.

    TLP cannot say the latter, and programs pass over a statement: so what is releasable to some
    only is at least TLP:AMBER+STRICT, and stays with who receives it.
    """
    label = max(marking.label, Label.AMBER_STRICT) if marking.releasable else marking.label
    if label is Label.RED:
        raise NotPublished("TLP:RED")
    tlp = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _IDS[label],
        "created": _WHEN_TLP_2_CAME,
        "name": str(label),
        "extensions": {
            EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": label.removeprefix("TLP:").lower(),
            }
        },
    }
    return [tlp, _releasable(marking)] if marking.releasable else [tlp]


def _releasable(marking: Marking) -> Json:
    lists = [", ".join(sorted(each)).upper() or "the originator" for each in marking.releasable]
    text = f"Releasable only to: {'; and of these: '.join(lists)}"
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid.uuid5(_NAMESPACE, text)}",
        "created": _WHEN_TLP_2_CAME,
        "definition_type": "statement",
        "definition": {"statement": text},
    }


def _written(each: ToPublish, marks: list[str]) -> Any:
    match each:
        case Statement():
            return _indicator(each, marks)
        case Sighting():
            return _sighting(each, marks)
        case Relation():
            created = timestamp(each.created)
            return stix2.v21.Relationship(
                id=each.id,
                created=created,
                modified=created,
                relationship_type=each.kind,
                source_ref=each.source,
                target_ref=each.target,
                object_marking_refs=marks,
            )


def _indicator(of: Statement, marks: list[str]) -> Any:
    pattern = pattern_of(of.value)
    if pattern is None:
        raise NotPublished(f"no pattern matches a {of.value.kind}")
    until = None if of.valid_until is None else timestamp(of.valid_until)
    return stix2.v21.Indicator(
        id=of.id,
        created_by_ref=of.created_by,
        created=timestamp(of.created),
        modified=timestamp(of.modified),
        name=of.name or None,
        pattern=pattern,
        pattern_type="stix",
        valid_from=timestamp(of.valid_from),
        valid_until=until,
        confidence=of.confidence,
        labels=list(of.labels) or None,
        revoked=of.revoked or None,
        object_marking_refs=marks,
    )


def _sighting(of: Sighting, marks: list[str]) -> Any:
    created = timestamp(of.created)
    return stix2.v21.Sighting(
        id=of.id,
        created_by_ref=of.created_by,
        created=created,
        modified=created,
        sighting_of_ref=of.of,
        count=of.times,
        first_seen=None if of.first is None else timestamp(of.first),
        last_seen=None if of.last is None else timestamp(of.last),
        where_sighted_refs=list(of.where) or None,
        object_marking_refs=marks,
    )
