"""A room's events as Matrix sends them → what happened: pure, and a value for whatever comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.events import (
    Event,
    Ignored,
    MessageEdited,
    MessageId,
    MessagePosted,
    Unreadable,
    person_id,
)
from bot.platforms.matrix.envelope import (
    Place,
    RoomEvent,
    Stamp,
    as_object,
    delivery_of,
    is_id,
    is_redacted,
    stamp,
)
from bot.platforms.matrix.happenings import (
    read_member,
    read_pins,
    read_reaction,
    read_redaction,
    read_rule,
    read_topic,
)
from bot.platforms.matrix.utterances import TYPES, Setting, Utterance, read_utterance

_TIMELINE = {"m.reaction": read_reaction, "m.room.redaction": read_redaction}
_RULES = ("m.room.encryption", "m.room.history_visibility", "m.room.join_rules")
_STATE = {
    "m.room.topic": read_topic,
    "m.room.member": read_member,
    **dict.fromkeys(_RULES, read_rule),
}
_THREADS = ("m.thread", "io.element.thread")  # no set: what is compared may be of any shape
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
        "org.matrix.msc3381.poll.end",
        "org.matrix.msc3381.poll.response",
        "m.beacon",
        "m.beacon_info",
        "org.matrix.msc3672.beacon",
        "org.matrix.msc3672.beacon_info",
        "m.room.aliases",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.create",
        "m.room.encrypted",
        "m.room.guest_access",
        "m.room.name",
        "m.room.power_levels",
        "m.room.server_acl",
        "m.room.third_party_invite",
        "m.room.tombstone",
        "m.space.child",
        "m.space.parent",
    }
)
"""Types that are known and nothing to us. Others are counted together: a type is content too."""


def read_event(event: RoomEvent | None, place: Place) -> tuple[Event, ...]:
    """What an event of a room means to us: one thing, or several where it pins several messages."""
    if event is None:
        return (Unreadable("event: not an object"),)
    if not isinstance(event.type, str):
        return (Unreadable("event: type"),)
    if not _is_known(event):
        return (Ignored(event.type if event.type in _QUIET else "unknown event type"),)
    stamped = stamp(event)
    if stamped is None:
        return (Unreadable(f"{event.type}: event_id, sender or origin_server_ts"),)
    if event.type == "m.room.pinned_events" and place.partner is None:
        return read_pins(event, stamped, place)
    return (_read(event, stamped, place),)


def _is_known(event: RoomEvent) -> bool:
    if event.state_key is None:
        return event.type in TYPES or event.type in _TIMELINE
    if event.type == "m.room.member":
        return True
    return bool(event.state_key == "") and event.type in {"m.room.pinned_events", *_STATE}


def _read(event: RoomEvent, stamped: Stamp, place: Place) -> Event:
    if place.partner is not None:
        if event.state_key is not None:
            return Ignored(event.type)
        if not _is_between(stamped.sender, place):
            return Ignored("a third person in a direct room")
    if event.type in TYPES:
        return _spoken(event, stamped, place)
    read = _TIMELINE.get(event.type) or _STATE[event.type]
    return read(event, stamped, place)


def _spoken(event: RoomEvent, stamped: Stamp, place: Place) -> Event:
    if is_redacted(event):
        return Ignored("redacted message")
    content = event.content
    if not isinstance(content, dict):
        return Unreadable(f"{event.type}: content")
    if content.get("msgtype") == "m.key.verification.request":
        return Ignored("m.key.verification.request")
    relation = as_object(content.get("m.relates_to"))
    if relation.get("rel_type") == "m.replace":
        return _edited(event.type, content, relation, stamped, place)
    return _posted(event.type, content, relation, stamped, place)


def _posted(
    kind: str,
    content: Mapping[str, Any],
    relation: Mapping[str, Any],
    stamped: Stamp,
    place: Place,
) -> Event:
    answered = _in_reply_to(relation)
    said = read_utterance(kind, content, Setting(place, stamped.sender, answered is not None))
    if not isinstance(said, Utterance):
        return Unreadable(f"{kind}: {said}") if said else Ignored("empty message")
    mine = stamped.sender == place.me
    return MessagePosted(
        room=place.room,
        message=MessageId(stamped.id),
        author=place.author(stamped.sender, bot=_is_bot(content)),
        body=said.body,
        said=stamped.said,
        thread=_thread(relation),
        own=delivery_of(content) if mine else None,
        direct=place.partner is not None,
        mentions_bot=not mine and said.calls_bot,
        files=said.files,
        manner=said.manner,
        reply_to=None if _is_fallback(relation) else answered,
    )


def _edited(
    kind: str,
    content: Mapping[str, Any],
    relation: Mapping[str, Any],
    stamped: Stamp,
    place: Place,
) -> Event:
    """Other words for a message, whoever sent them: only the author's count, which is the bridge's
    to know. What an edit says stands in `m.new_content`; what is beside it is for old clients.
    """
    message, new = relation.get("event_id"), content.get("m.new_content")
    if not is_id(message):
        return Unreadable(f"{kind}: m.relates_to")
    if not isinstance(new, dict):
        return Unreadable(f"{kind}: m.new_content")
    said = read_utterance(kind, new, Setting(place, stamped.sender))
    if not isinstance(said, Utterance):
        return Unreadable(f"{kind}: {said}") if said else Ignored("empty message")
    return MessageEdited(
        room=place.room,
        message=MessageId(message),
        author=place.author(stamped.sender, bot=_is_bot(new)),
        body=said.body,
        version=f"{max(stamped.milliseconds, 0):020d}{stamped.id}",
        said=stamped.said,
        own=stamped.sender == place.me,
        manner=said.manner,
        files=said.files,
    )


def _is_bot(content: Mapping[str, Any]) -> bool:
    # m.notice is what bots speak with (client-server API, `m.room.message` msgtypes)
    return content.get("msgtype") == "m.notice"


def _is_between(sender: str, place: Place) -> bool:
    return sender == place.me or person_id(place.account, sender) == place.partner


def _thread(relation: Mapping[str, Any]) -> MessageId | None:
    root = relation.get("event_id")
    return MessageId(root) if relation.get("rel_type") in _THREADS and is_id(root) else None


def _in_reply_to(relation: Mapping[str, Any]) -> MessageId | None:
    answered = as_object(relation.get("m.in_reply_to")).get("event_id")
    return MessageId(answered) if is_id(answered) else None


def _is_fallback(relation: Mapping[str, Any]) -> bool:
    """Whether the message that is answered stands there only for clients that know no threads."""
    return _thread(relation) is not None and relation.get("is_falling_back") is True
