"""MISP's events as things: the event, each attribute, and those of its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.indicators.feeds.misp_file import attributes, head
from bot.indicators.feeds.misp_types import said
from bot.indicators.stix.pieces import Piece
from bot.indicators.stix.times import microseconds
from bot.indicators.things import Link, Rejected, Thing
from bot.sharing.marking import Label, Marking, strictest

NO_ID, UNREADABLE, MARKING, RED = "no-id", "unreadable", "unknown-marking", "red"
TYPE, VALUE = "misp-type", "misp-value"
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch
_LABELS = {
    "tlp:white": Label.CLEAR,
    "tlp:clear": Label.CLEAR,
    "tlp:green": Label.GREEN,
    "tlp:amber": Label.AMBER,
    "tlp:amber+strict": Label.AMBER_STRICT,
    "tlp:red": Label.RED,
}
_GALAXY = re.compile(r'misp-galaxy:([\w-]+)="([^"]{1,200})"').fullmatch
_CHATHAM = "tlp:ex:chr"
"""The Chatham House Rule, which goes with a label and is none."""
_MILLION = 1_000_000


class _Tag(msgspec.Struct):
    name: str = ""


class _Attribute(msgspec.Struct):
    uuid: str = ""
    type: str = ""
    value: str = ""
    to_ids: bool = False
    deleted: bool = False
    timestamp: int | str = 0
    comment: str | None = None
    first_seen: str | None = None
    Tag: list[_Tag] = []


class _Event(msgspec.Struct):
    uuid: str = ""
    info: str = ""
    timestamp: int | str = 0
    Tag: list[_Tag] = []


_event = msgspec.json.Decoder(_Event, strict=False).decode
_attribute = msgspec.json.Decoder(_Attribute, strict=False).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def read_event(stream: IO[bytes]) -> Iterator[Thing | Rejected]:
    """The things of `<uuid>.json`, which is read from where it stands, twice. Raises FeedError for
    what is no event.
    """
    start = stream.tell()
    event = _head_of(stream)
    stream.seek(start)
    own = f"misp-event--{event.uuid.lower()}"
    marking, labels = _marking(event.Tag), _labels(event.Tag)
    if isinstance(marking, str):  # all of it is as its event is
        yield Rejected(marking, own)
        yield from (Rejected(marking, _key(piece)) for piece in attributes(stream))
        return
    told = {"uuid": event.uuid, "info": event.info, "Tag": [each.name for each in event.Tag]}
    yield Thing(own, "misp-event", _encode(told), _version(event.timestamp), marking,
                name=event.info, labels=labels)  # fmt: skip
    for piece in attributes(stream):
        yield _read(piece, own, marking, labels) if isinstance(piece, bytes) else Rejected(piece)


def look_into(stream: IO[bytes]) -> bool:
    """Whether it is an event, and whole. It is read from its beginning, and stands there then."""
    stream.seek(0)
    try:
        _head_of(stream)
    except FeedError:
        return False
    finally:
        stream.seek(0)
    return True


def _head_of(stream: IO[bytes]) -> _Event:
    """What the event says of itself. Raises FeedError."""
    try:
        event = _event(head(stream))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise FeedError(Problem.UNREADABLE) from None
    if not UUID(event.uuid):
        raise FeedError(Problem.UNREADABLE)
    return event


def _read(
    raw: bytes, event: str, marking: Marking | None, labels: tuple[str, ...]
) -> Thing | Rejected:
    try:
        read = _attribute(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return Rejected(UNREADABLE, raw=b"" if _may_be_marked(raw) else raw)
    own, has_id = _marking(read.Tag), UUID(read.uuid) is not None
    key = f"misp-attribute--{read.uuid.lower()}" if has_id else ""
    if isinstance(own, str):
        return Rejected(own, key)
    if not has_id:
        return Rejected(NO_ID, raw=raw)
    marks = [each for each in (marking, own) if each is not None]
    values = tuple(said(read.type, read.value, context=not read.to_ids))
    context = () if read.to_ids else ("context",)
    return Thing(
        key,
        "misp-attribute",
        raw,
        _version(read.timestamp),
        strictest(*marks) if marks else None,
        revoked=read.deleted,
        name=read.comment or "",
        valid_from=microseconds(read.first_seen) if read.first_seen else None,
        labels=tuple(dict.fromkeys((*labels, *_labels(read.Tag), *context))),
        said=values,
        links=(Link("event", key, event),),
        opaque="" if values else TYPE,
    )


def _may_be_marked(raw: bytes) -> bool:
    """Whether what cannot be read may bear a marking by which nothing of it may be kept."""
    return b"tlp" in raw.lower() or b"\\u" in raw


def _key(piece: Piece) -> str:
    if not isinstance(piece, bytes):
        return ""
    try:
        uuid = _attribute(piece).uuid
    except (msgspec.MsgspecError, RecursionError):
        return ""
    return f"misp-attribute--{uuid.lower()}" if UUID(uuid) else ""


def _marking(tags: Sequence[_Tag]) -> Marking | str | None:
    """None where no tag is a marking; a reason where it may not be kept. An attribute is never
    less strict than its event; an unknown marking counts as the strictest.
    """
    names = [each.name.strip().lower() for each in tags]
    found = [_LABELS.get(name) for name in names if name.startswith("tlp:") and name != _CHATHAM]
    if None in found:
        return MARKING
    labels = [each for each in found if each is not None]
    if Label.RED in labels:
        return RED
    return Marking(max(labels)) if labels else None


def _labels(tags: Sequence[_Tag]) -> tuple[str, ...]:
    """What is said besides: of a galaxy what it names (`threat-actor:APT 28`), other tags whole."""
    found = []
    for each in tags:
        name = each.name.strip()[:200]
        galaxy = _GALAXY(name)
        if galaxy is not None:
            found.append(f"{galaxy[1]}:{galaxy[2]}")
        elif name and not name.lower().startswith("tlp:"):
            found.append(name)
    return tuple(dict.fromkeys(found))


def _version(timestamp: int | str) -> int:
    """MISP counts seconds, and writes them as text."""
    text = str(timestamp)
    return int(text) * _MILLION if text.isascii() and text.isdigit() and len(text) < 12 else 0
