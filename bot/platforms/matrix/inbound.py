"""A room's events as Matrix sends them → what happened: pure, and a value for whatever comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeGuard

import msgspec

from bot.events import (
    AccountId,
    Author,
    DeliveryId,
    Event,
    Ignored,
    MessageId,
    MessagePosted,
    PersonId,
    RoomId,
    Unreadable,
    person_id,
)
from bot.platforms.matrix import markup
from bot.platforms.matrix.syntax import localpart
from bot.richtext import RichText

DELIVERY_KEY = "org.liaison.delivery"
"""The content key in which our own messages carry their delivery's id."""

_DELIVERY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_ID = 1024
_QUIET = frozenset(
    {
        "m.call.answer",
        "m.call.candidates",
        "m.call.hangup",
        "m.call.invite",
        "m.key.verification.cancel",
        "m.key.verification.done",
        "m.key.verification.key",
        "m.key.verification.mac",
        "m.key.verification.ready",
        "m.key.verification.start",
        "m.poll.end",
        "m.poll.response",
        "m.poll.start",
        "m.reaction",
        "m.room.aliases",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.create",
        "m.room.encrypted",
        "m.room.encryption",
        "m.room.guest_access",
        "m.room.history_visibility",
        "m.room.join_rules",
        "m.room.member",
        "m.room.name",
        "m.room.pinned_events",
        "m.room.power_levels",
        "m.room.redaction",
        "m.room.server_acl",
        "m.room.third_party_invite",
        "m.room.tombstone",
        "m.room.topic",
        "m.space.child",
        "m.space.parent",
        "m.sticker",
    }
)
"""Types that are known and nothing to us. Others are counted together: a type is content too."""


class RoomEvent(msgspec.Struct):
    """The fields of an event, of whatever type they turn out to be."""

    type: Any = None
    event_id: Any = None
    sender: Any = None
    origin_server_ts: Any = None
    content: Any = None
    state_key: Any = None
    unsigned: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the room that an event is in.

    `name_of` gives the display name of a sender, "" where it is not known. `partner` is the one
    person of a direct room. `me` is the bot's own id and `names` what it is called.
    """

    account: AccountId
    room: RoomId
    me: str
    names: tuple[str, ...]
    name_of: Callable[[str], str]
    partner: PersonId | None = None


def decode(raw: bytes | msgspec.Raw) -> RoomEvent | None:
    """An event's fields, None if these bytes are no JSON object."""
    try:
        return msgspec.json.decode(raw, type=RoomEvent)
    except (msgspec.MsgspecError, RecursionError):
        return None


def read_event(event: RoomEvent | None, place: Place) -> Event:
    """What an event of a room means to us."""
    if event is None:
        return Unreadable("event: not an object")
    if not isinstance(event.type, str):
        return Unreadable("event: type")
    if event.type == "m.room.message" and event.state_key is None:
        return _message(event, place)
    return Ignored(event.type if event.type in _QUIET else "unknown event type")


def _message(event: RoomEvent, place: Place) -> Event:
    content, said = event.content, _time(event.origin_server_ts)
    if not _is_id(event.event_id) or not _is_id(event.sender) or said is None:
        return Unreadable("m.room.message: event_id, sender or origin_server_ts")
    if _is_redacted(event.unsigned):
        return Ignored("redacted message")
    if not isinstance(content, dict):
        return Unreadable("m.room.message: content")
    relation = _object(content.get("m.relates_to"))
    if relation.get("rel_type") == "m.replace":
        return Ignored("edit")
    body, kind = content.get("body"), content.get("msgtype")
    if not isinstance(body, str):
        return Unreadable("m.room.message: body")
    if kind == "m.key.verification.request":
        return Ignored("m.key.verification.request")
    if not body.strip():
        return Ignored("empty message")
    if place.partner is not None and not _is_between(event.sender, place):
        return Ignored("a third person in a direct room")
    return _posted(event, content, relation, body, said, place)


def _posted(
    event: RoomEvent,
    content: Mapping[str, Any],
    relation: Mapping[str, Any],
    body: str,
    said: datetime,
    place: Place,
) -> MessagePosted:
    mine = event.sender == place.me
    answers = _is_id(_object(relation.get("m.in_reply_to")).get("event_id"))
    text = markup.storable(markup.without_quote(body) if answers else body)
    tree, named = _read(text, content, place)
    # a client that answers one of our messages mentions us of itself: that is no call
    silent = _is_mentioned(content, place.me) and not answers
    return MessagePosted(
        room=place.room,
        message=MessageId(event.event_id),
        author=_author(event.sender, content, place),
        body=tree,
        said=said,
        thread=_thread(relation),
        own=_delivery(content) if mine else None,
        direct=place.partner is not None,
        mentions_bot=not mine and (named or silent),
    )


def _read(text: str, content: Mapping[str, Any], place: Place) -> tuple[RichText, bool]:
    formatted = content.get("formatted_body")
    pill = isinstance(formatted, str) and markup.has_pill(formatted, place.me)
    mentioned = pill or _is_mentioned(content, place.me)
    bot = person_id(place.account, place.me)
    return markup.read(text, bot, place.names, mentioned=mentioned)


def _author(sender: str, content: Mapping[str, Any], place: Place) -> Author:
    name = markup.shown_name(place.name_of(sender)) or markup.shown_name(localpart(sender))
    # m.notice is what bots speak with (client-server API, `m.room.message` msgtypes)
    is_bot = content.get("msgtype") == "m.notice"
    return Author(person_id(place.account, sender), name or sender, bot=is_bot)


def _is_between(sender: str, place: Place) -> bool:
    return sender == place.me or person_id(place.account, sender) == place.partner


def _is_mentioned(content: Mapping[str, Any], user_id: str) -> bool:
    users = _object(content.get("m.mentions")).get("user_ids")
    return isinstance(users, list) and user_id in users


def _thread(relation: Mapping[str, Any]) -> MessageId | None:
    root = relation.get("event_id")
    if relation.get("rel_type") != "m.thread" or not _is_id(root):
        return None
    return MessageId(root)


def _delivery(content: Mapping[str, Any]) -> DeliveryId:
    found = content.get(DELIVERY_KEY)
    if not isinstance(found, str) or not _DELIVERY.fullmatch(found):
        return DeliveryId("")
    return DeliveryId(found)


def _is_redacted(unsigned: Any) -> bool:
    return "redacted_because" in _object(unsigned)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_id(value: Any) -> TypeGuard[str]:
    """Whether this can be an id: text that every store can hold."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return False
    return markup.storable(value) == value


def _time(value: Any) -> datetime | None:
    """A time in milliseconds since 1970, None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
