"""An object as it leaves the store: byte for byte as it came, or as an indicator made of it.

What came as STIX is its source's: it stays the version that it is, whatever is marked otherwise
here. What is made here is ours: it becomes another version with whatever changes in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from bot.indicators.named import read_values
from bot.indicators.raw import Asking, Rows
from bot.indicators.stix.markings import TLP, TLP_2
from bot.indicators.stix.patterns.making import pattern_of
from bot.indicators.stix.times import timestamp
from bot.sharing.marking import Label, Marking

HELD = 16 << 20
"""Bytes of objects that are held at once."""
MADE = ("line--", "misp-attribute--", "team--")
"""What is no STIX as it came, and becomes an indicator here."""
_IDS = {label: each for each, label in TLP_2.items()}
_encode = msgspec.json.Encoder().encode


class Head(msgspec.Struct):
    """What names an object of STIX, and what marks it."""

    type: str = ""
    id: str = ""
    spec_version: str = ""
    modified: str = ""
    created: str = ""
    object_marking_refs: list[str] = []
    granular_markings: list[msgspec.Raw] = []


head_of = msgspec.json.Decoder(Head, strict=False).decode
_whole = msgspec.json.Decoder(dict[str, Any]).decode


class Row(NamedTuple):
    """An object of the store; the columns of `COLUMNS`, and its bytes."""

    id: int
    ref: str
    kind: str
    first: int
    past: str
    received: int
    amended: int | None
    said: int
    marking: int
    version: int
    name: str
    confidence: int | None
    labels: str
    valid_from: int | None
    valid_until: int | None
    revoked: bool
    named: str
    given: int | None
    raw: bytes

    @property
    def added(self) -> int:
        """When it was last added, for those who ask for what was since."""
        return self.received if self.amended is None else self.amended


def whole(asking: Asking, rows: Rows) -> Iterator[Row]:
    """Rows of `COLUMNS` with their bytes, of which little is held at once."""
    some: list[tuple[Any, ...]] = []
    size = 0
    for each in rows:
        if some and size + each[-1] > HELD:
            yield from _with_bytes(asking, some)
            some, size = [], 0
        some.append(each)
        size += each[-1]
    yield from _with_bytes(asking, some)


def _with_bytes(asking: Asking, rows: Rows) -> Iterator[Row]:
    raws: dict[int, bytes] = dict(asking.each(_RAWS, [each[0] for each in rows]))
    return (Row._make((*each[:-1], raws[each[0]])) for each in rows)


def as_stix(row: Row, own: Marking, begun: int) -> bytes | None:
    """An object as STIX: byte for byte if it came so, an indicator made of what came as a row of a
    list, a MISP attribute, or from chat; None for what can be neither. `begun`: since when it is
    known to whoever gets it.
    """
    if row.ref.startswith(MADE):
        return _made(row, own, begun)
    content = bytes(row.raw)
    if row.kind.startswith("misp-") or content[:1] != b"{":
        return None
    return content if row.given is None else _released(content, own)


def as_published(row: Row, own: Marking, begun: int) -> bytes | None:
    """The same for whose own platform reads it: that knows nothing of sources, and what bears no
    marking gets that of its source.
    """
    content = as_stix(row, own, begun)
    is_ours = row.given is not None or row.ref.startswith(MADE)
    return content if content is None or is_ours else _marked(content, own)


def _marked(raw: bytes, own: Marking) -> bytes | None:
    """An object byte for byte, if it bears a marking; with that of its source, if it bears none.
    None for what is no object.
    """
    try:
        head = head_of(raw)
        if head.object_marking_refs or head.granular_markings or own.label is Label.CLEAR:
            return raw if head.id and head.type else None
        ours = b'"object_marking_refs":["%b"]' % _IDS[_label(own)].encode()
        if b'"object_marking_refs"' not in raw and head.id and head.type:
            return b"%b,%b}" % (raw.rstrip()[:-1], ours)  # the rest stays byte for byte
        return _encode(_whole(raw) | {"object_marking_refs": [_IDS[_label(own)]]})
    except (msgspec.MsgspecError, RecursionError):
        return None


def _released(raw: bytes, own: Marking) -> bytes | None:
    """An object with the label to which it was released instead of those that it bears. It says
    the same and stays the same version: only who made it makes another (STIX 2.1, 3.6.2).
    """
    try:
        told = _whole(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None
    refs, parts = told.get("object_marking_refs"), told.pop("granular_markings", None)
    kept = [each for each in refs if each not in TLP] if isinstance(refs, list) else []
    told["object_marking_refs"] = [*kept, _IDS[_label(own)]]
    if isinstance(parts, list):
        others = [each for each in parts if isinstance(each, dict) and not _is_label(each)]
        told |= {"granular_markings": others} if others else {}
    return _encode(told)


def _is_label(part: dict[str, Any]) -> bool:
    return part.get("marking_ref") in TLP


def _made(row: Row, own: Marking, begun: int) -> bytes | None:
    """An indicator of what came as a row of a list, a MISP attribute, or from chat."""
    start, end = row.valid_from, row.valid_until
    whole = [each.observable for each in read_values(row.named) if not each.part]
    pattern = pattern_of(whole[0]) if whole else None
    if pattern is None:
        return None
    told: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{row.ref.partition('--')[2]}",
        "created": timestamp(begun),
        "modified": timestamp(row.added),
        "name": row.name or None,
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": timestamp(begun if start is None else start),
        "valid_until": None if end is None else timestamp(end),
        "confidence": row.confidence,
        "labels": msgspec.json.decode(row.labels) if row.labels else None,
        "revoked": True if row.revoked else None,
        "object_marking_refs": [_IDS[_label(own)]],
    }
    return _encode({key: value for key, value in told.items() if value is not None})


def _label(own: Marking) -> Label:
    """TLP cannot say to whom something is releasable: then it stays with who receives it."""
    return max(own.label, Label.AMBER_STRICT) if own.releasable else own.label


COLUMNS = (
    "o.id, o.ref, o.kind, o.first, o.past, o.received, o.amended, o.said, o.marking, o.version, "
    "o.name, o.confidence, o.labels, o.valid_from, o.valid_until, o.revoked, o.named, o.given, "
    "length(r.raw)"
)
"""A row's, where `o` is an object and `r` its bytes: how many they are."""
_RAWS = "SELECT object, raw FROM indicator_raw WHERE object IN ({})"
