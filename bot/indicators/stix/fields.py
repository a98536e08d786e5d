"""The fields of a STIX object that are read, whatever its type, and nothing else of it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from msgspec import Struct

from bot.indicators.stix.reasons import Note

_Texts = list[str]


class Phase(Struct, gc=False):
    """A kill-chain phase."""

    kill_chain_name: str = ""
    phase_name: str = ""


class Reference(Struct, gc=False):
    """An external reference."""

    source_name: str = ""
    external_id: str = ""


class Granular(Struct, gc=False):
    """A granular marking; its selectors do not matter: the whole object is as strict."""

    marking_ref: str = ""
    lang: str = ""


class Fields(Struct, gc=False):
    """The fields. Absent and empty are the same."""

    type: str
    id: str = ""
    created: str = ""
    modified: str = ""
    object_marking_refs: _Texts = []
    granular_markings: list[Granular] = []
    revoked: bool = False
    pattern: str = ""
    pattern_type: str = ""
    name: str = ""
    confidence: Any = None
    labels: _Texts = []
    indicator_types: _Texts = []
    kill_chain_phases: list[Phase] = []
    external_references: list[Reference] = []
    valid_from: str = ""
    valid_until: str = ""
    created_by_ref: str = ""
    relationship_type: str = ""
    source_ref: str = ""
    target_ref: str = ""


_NEEDED = frozenset(
    {"type", "id", "created", "modified", "object_marking_refs", "granular_markings", "revoked"}
    | {"relationship_type", "source_ref", "target_ref", "pattern", "pattern_type"}
)
"""A mistake in one of these changes what the object means, or how far it may go."""
_read = msgspec.json.Decoder(Fields).decode
_LESSER = [each for each in Fields.__struct_fields__ if each not in _NEEDED]


def read_fields(raw: bytes) -> tuple[Fields, tuple[str, ...]]:
    """The fields, and notes. A lesser field of the wrong type is left out, and noted.

    Raises `msgspec.ValidationError` for one of the others, and `DecodeError` for no JSON.
    """
    try:
        return _read(raw), ()
    except msgspec.ValidationError:
        found = read_object(raw)
        fields = _mended(found)
        return fields, (Note.FIELD,)


def read_object(raw: bytes) -> dict[str, Any]:
    """All of an object; raises as above."""
    found = msgspec.json.decode(raw)
    if not isinstance(found, dict):
        raise msgspec.ValidationError("no object")
    return cast("dict[str, Any]", found)


def _mended(found: dict[str, Any]) -> Fields:
    """Without the lesser fields that are of the wrong type."""
    left = {key: value for key, value in found.items() if key in _NEEDED}
    for key in _LESSER:
        if key in found:
            try:
                msgspec.convert({"type": "", key: found[key]}, Fields)
            except msgspec.ValidationError:
                continue
            left[key] = found[key]
    return msgspec.convert(left, Fields)
