"""One STIX object read: its bytes into what it says, or why it is set aside."""

from __future__ import annotations

import msgspec

from bot.indicators.stix.fields import Fields, read_fields, read_object
from bot.indicators.stix.markings import Definitions, Unknown, may_be_kept
from bot.indicators.stix.others import Told, told_by
from bot.indicators.stix.outside import names_outside, said_outside
from bot.indicators.stix.patterns.apart import Apart, take_apart
from bot.indicators.stix.patterns.kinds import Normal
from bot.indicators.stix.reasons import Note, Opaque, Reason
from bot.indicators.stix.rules import rule_name
from bot.indicators.stix.soundness import id_in, is_id, unreadable
from bot.indicators.stix.times import microseconds
from bot.indicators.things import Link, Rejected, Thing
from bot.sharing.marking import Label, Marking

_MARKINGS = {label: Marking(label) for label in Label}
MOST_LABELS = 200


def read(raw: bytes, normal: Normal, definitions: Definitions) -> Thing | Rejected:
    """An object; `raw` is kept as it is, unless it may not be kept."""
    try:
        found = _read(raw, normal, definitions)
    except msgspec.ValidationError:
        found = Rejected(Reason.WRONG_FIELD, id_in(raw), raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = Rejected(Reason.NOT_JSON, raw=raw)
    except RecursionError:
        found = Rejected(Reason.TOO_DEEP, raw=raw)
    if isinstance(found, Rejected) and found.raw and not may_be_kept(raw, definitions):
        return Rejected(found.reason, found.id)
    return found


def _read(raw: bytes, normal: Normal, definitions: Definitions) -> Thing | Rejected:
    if (trouble := unreadable(raw)) is not None:
        return Rejected(trouble, raw=raw)
    fields, notes = read_fields(raw)
    if not is_id(fields.id, fields.type):
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
    apart = _NOTHING
    if fields.type == "indicator":
        apart = _pattern(fields, normal)
        told = Told(apart.said, _made_by(fields))
    elif fields.type == "relationship":
        link = Link(fields.relationship_type, fields.source_ref, fields.target_ref)
        told = Told(links=(link, *_made_by(fields)))
    else:
        whole = read_object(raw)
        if fields.type == "marking-definition" and not definitions.define(whole):
            return Rejected(Reason.FORGED_MARKING, fields.id, raw)
        told = told_by(whole, normal)
        notes = (*notes, *told.notes)
    if fields.external_references:
        told.said = tuple(dict.fromkeys((*told.said, *said_outside(fields, normal))))
    valid_from = microseconds(fields.valid_from) if fields.valid_from else None
    valid_until = microseconds(fields.valid_until) if fields.valid_until else None
    confidence = fields.confidence if _is_confidence(fields.confidence) else None
    if confidence != fields.confidence:
        notes = (*notes, Note.CONFIDENCE)
    if (fields.valid_from and valid_from is None) or (fields.valid_until and valid_until is None):
        notes = (*notes, Note.TIME)
    return Thing(  # by place: by name it takes twice as long
        fields.id,
        fields.type,
        raw,
        version,
        marking,
        fields.revoked,
        fields.name,
        confidence,
        _labels(fields),
        tuple([f"{each.kill_chain_name}:{each.phase_name}" for each in fields.kill_chain_phases]),
        valid_from,
        valid_until,
        told.said,
        told.links,
        told.seen,
        apart.opaque,
        tuple(names_outside(fields)) if fields.external_references else (),
        (*notes, Note.PARTLY) if apart.partly else notes,
    )


def _is_confidence(value: object) -> bool:
    return type(value) is int and 0 <= value <= 100


def _labels(fields: Fields) -> tuple[str, ...]:
    if not fields.labels:
        return tuple(fields.indicator_types[:MOST_LABELS])
    return tuple(dict.fromkeys([*fields.labels, *fields.indicator_types][:MOST_LABELS]))


_NOTHING = Apart()


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
