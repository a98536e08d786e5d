"""One STIX object read: its bytes into what it says, or why it is set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.fields import Fields, read_fields, read_object
from bot.indicators.stix.markings import Definitions, Unknown, may_be_kept
from bot.indicators.stix.others import Told, told_by
from bot.indicators.stix.patterns.apart import Apart, take_apart
from bot.indicators.stix.patterns.kinds import Normal
from bot.indicators.stix.reasons import Note, Opaque, Reason
from bot.indicators.stix.rules import rule_name
from bot.indicators.stix.times import microseconds
from bot.indicators.stix.unique import is_unique
from bot.indicators.things import Link, Rejected, Said, Thing
from bot.sharing.marking import Label, Marking

_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,249}", re.ASCII)
_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII
)
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII | re.IGNORECASE)
_MARKINGS = {label: Marking(label) for label in Label}
MOST_LABELS = 200


def read(raw: bytes, normal: Normal, definitions: Definitions) -> Thing | Rejected:
    """An object; `raw` is kept as it is, unless it may not be kept."""
    try:
        found = _read(raw, normal, definitions)
    except msgspec.ValidationError:
        found = Rejected(Reason.WRONG_FIELD, _id_in(raw), raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = Rejected(Reason.NOT_JSON, raw=raw)
    except RecursionError:
        found = Rejected(Reason.TOO_DEEP, raw=raw)
    if isinstance(found, Rejected) and found.raw and not may_be_kept(raw, definitions):
        return Rejected(found.reason, found.id)
    return found


def _read(raw: bytes, normal: Normal, definitions: Definitions) -> Thing | Rejected:
    if (trouble := _unreadable(raw)) is not None:
        return Rejected(trouble, raw=raw)
    fields, notes = read_fields(raw)
    if not _is_id(fields.id, fields.type):
        return Rejected(Reason.BAD_ID, raw=raw)
    try:
        marking = _marking(fields, definitions)
    except Unknown:
        return Rejected(Reason.UNKNOWN_MARKING, fields.id)
    if marking is not None and marking.label is Label.RED:
        return Rejected(Reason.RED, fields.id)
    at = fields.modified or fields.created
    version = microseconds(at) if at else 0
    if version is None:
        return Rejected(Reason.BAD_TIME, fields.id, raw)
    return _thing(raw, fields, marking, version, notes, normal, definitions)


def _thing(
    raw: bytes,
    fields: Fields,
    marking: Marking | None,
    version: int,
    notes: tuple[str, ...],
    normal: Normal,
    definitions: Definitions,
) -> Thing | Rejected:
    told = Told()
    apart = _NOTHING
    if fields.type == "indicator":
        apart = _pattern(fields, normal)
        told.links = _made_by(fields)
    elif fields.type == "relationship":
        told.links = (
            Link(fields.relationship_type, fields.source_ref, fields.target_ref),
            *_made_by(fields),
        )
    else:
        whole = read_object(raw)
        if fields.type == "marking-definition" and not definitions.define(whole):
            return Rejected(Reason.FORGED_MARKING, fields.id, raw)
        told = told_by(whole, normal)
    confidence = fields.confidence
    if confidence is not None and not (type(confidence) is int and 0 <= confidence <= 100):
        confidence = None
        notes = (*notes, Note.CONFIDENCE)
    valid_from = microseconds(fields.valid_from) if fields.valid_from else None
    valid_until = microseconds(fields.valid_until) if fields.valid_until else None
    if (fields.valid_from and valid_from is None) or (fields.valid_until and valid_until is None):
        notes = (*notes, Note.TIME)
    if apart.partly:
        notes = (*notes, Note.PARTLY)
    said = apart.said or told.said
    external: tuple[str, ...] = ()
    if fields.external_references:
        external = tuple(_external(fields))
        if external:
            said = tuple(dict.fromkeys((*said, *_named_outside(fields, normal))))
    labels = fields.labels
    if fields.indicator_types:
        labels = [*labels, *fields.indicator_types]
    return Thing(
        fields.id,
        fields.type,
        raw,
        version,
        marking,
        fields.revoked,
        fields.name,
        confidence,
        tuple(dict.fromkeys(labels[:MOST_LABELS])) if labels else (),
        tuple([f"{each.kill_chain_name}:{each.phase_name}" for each in fields.kill_chain_phases]),
        valid_from,
        valid_until,
        said,
        told.links,
        told.seen,
        apart.opaque,
        external,
        (*notes, *told.notes) if notes or told.notes else (),
    )


_NOTHING = Apart()


def _unreadable(raw: bytes) -> Reason | None:
    """What is wrong with the bytes as such."""
    if raw[:1] != b"{":
        return Reason.NOT_AN_OBJECT
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return Reason.NOT_UTF8
    return None if is_unique(raw) else Reason.DUPLICATE_KEY


def _id_in(raw: bytes) -> str:
    """The id of an object of which something else is wrong; "" where it has none."""
    try:
        found = read_object(raw)
    except (ValueError, RecursionError):
        return ""
    id_, type_ = found.get("id"), found.get("type")
    return id_ if isinstance(id_, str) and isinstance(type_, str) and _is_id(id_, type_) else ""


def _is_id(text: str, type_: str) -> bool:
    """Whether this is an id of an object of that type."""
    first, _, last = text.partition("--")
    return first == type_ and _UUID.fullmatch(last) is not None and _is_type(type_)


@lru_cache(maxsize=1024)
def _is_type(text: str) -> bool:
    return _TYPE.fullmatch(text) is not None


def _marking(fields: Fields, definitions: Definitions) -> Marking | None:
    refs = fields.object_marking_refs
    if fields.granular_markings:
        within = [each.marking_ref for each in fields.granular_markings if not each.lang]
        refs = [*refs, *within]
    if not refs:
        return None
    label = definitions.label(refs)
    return None if label is None else _MARKINGS[label]


def _pattern(fields: Fields, normal: Normal) -> Apart:
    """What an indicator's pattern says; STIX 2.0 has no `pattern_type`."""
    if fields.pattern_type in {"stix", ""}:
        return take_apart(fields.pattern, normal)
    return Apart(tuple(rule_name(fields, normal)), Opaque.LANGUAGE)


def _made_by(fields: Fields) -> tuple[Link, ...]:
    return (Link("created_by", fields.id, fields.created_by_ref),) if fields.created_by_ref else ()


def _external(fields: Fields) -> Iterator[str]:
    for each in fields.external_references[:MOST_LABELS]:
        if each.external_id:
            yield f"{each.source_name}:{each.external_id}"


def _named_outside(fields: Fields, normal: Normal) -> Iterator[Said]:
    """Ids that others gave: those of ATT&CK for the technique itself, and of CVE for anything."""
    for each in fields.external_references[:MOST_LABELS]:
        kind = None
        if _CVE.fullmatch(each.external_id):
            kind = Kind.CVE
        elif fields.type == "attack-pattern" and _TECHNIQUE.fullmatch(each.external_id):
            kind = Kind.TECHNIQUE
        found = None if kind is None else normal(kind, each.external_id)
        if kind is not None and found is not None:
            yield Said(Observable(kind, found))
