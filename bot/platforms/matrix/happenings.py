"""What happens to messages and rooms without a word: reactions, deletions, topics, pins, moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.events import (
    Event,
    Ignored,
    MessageDeleted,
    MessageId,
    Moved,
    Pinned,
    Reacted,
    RosterChanged,
    TopicChanged,
    Unreadable,
    person_id,
)
from bot.platforms.matrix import markup
from bot.platforms.matrix.envelope import (
    Place,
    RoomEvent,
    Stamp,
    as_list,
    as_object,
    as_text,
    is_id,
    is_redacted,
)
from bot.platforms.matrix.questions import extensible_text

LONGEST_TOPIC = 10_000
"""Characters of a topic that are carried."""

_VARIATION = re.compile("[\ufe0e\ufe0f]")
_SHORTCODES = ("shortcode", "com.beeper.reaction.shortcode")
_MOST_PINS = 100
"""Pins of one event that are told: more than any client shows."""


def read_reaction(event: RoomEvent, stamp: Stamp, place: Place) -> Event:
    """An `m.reaction`: one key on one message."""
    if is_redacted(event):
        return Ignored("redacted reaction")
    content = as_object(event.content)
    relation = as_object(content.get("m.relates_to"))
    message, key = relation.get("event_id"), relation.get("key")
    if relation.get("rel_type") != "m.annotation" or not is_id(message):
        return Unreadable("m.reaction: m.relates_to")
    if not isinstance(key, str):
        return Unreadable("m.reaction: key")
    emoji = _emoji(key, content)
    if not emoji:
        return Ignored("reaction without a name")
    return Reacted(
        room=place.room,
        message=MessageId(message),
        author=place.author(stamp.sender),
        emoji=emoji,
        added=True,
        said=stamp.said,
        reaction=stamp.id,
        own=stamp.sender == place.me,
    )


def read_redaction(event: RoomEvent, stamp: Stamp, place: Place) -> Event:
    """An `m.room.redaction` of a message or a reaction.

    What it takes back stands in its content from room version 11 on, and beside it before.
    """
    inside = as_object(event.content).get("redacts")
    message = event.redacts if inside is None else inside
    # the homeserver has judged one of them, and says it in both places: no other may count
    if not is_id(message) or (event.redacts is not None and event.redacts != message):
        return Unreadable("m.room.redaction: redacts")
    return MessageDeleted(
        room=place.room,
        message=MessageId(message),
        said=stamp.said,
        by=person_id(place.account, stamp.sender),
        own=stamp.sender == place.me,
    )


def read_topic(event: RoomEvent, stamp: Stamp, place: Place) -> Event:
    """An `m.room.topic`, if it is another one than before."""
    topic = _topic(as_object(event.content))
    if topic == _topic(_before(event)):
        return Ignored("topic as before")
    return TopicChanged(
        room=place.room,
        event=stamp.id,
        author=place.author(stamp.sender),
        topic=topic,
        said=stamp.said,
        own=stamp.sender == place.me,
    )


def read_pins(event: RoomEvent, stamp: Stamp, place: Place) -> tuple[Event, ...]:
    """What an `m.room.pinned_events` changes: those that went, then those that came."""
    unsigned = as_object(event.unsigned)
    if "replaces_state" in unsigned and "prev_content" not in unsigned:
        return (Ignored("pins without those before"),)
    now, before = _pinned(as_object(event.content)), _pinned(_before(event))
    changes = [(message, False) for message in before if message not in now]
    changes += [(message, True) for message in now if message not in before]
    return tuple(
        Pinned(
            room=place.room,
            event=stamp.id,
            message=MessageId(message),
            author=place.author(stamp.sender),
            pinned=pinned,
            said=stamp.said,
            own=stamp.sender == place.me,
        )
        for message, pinned in changes[:_MOST_PINS]
    ) or (Ignored("pins as before"),)


def read_member(event: RoomEvent, stamp: Stamp, place: Place) -> Event:
    """An `m.room.member` with which somebody came into the room or went, or may come or may no
    more; not a new name.
    """
    content, before = as_object(event.content), _before(event)
    if not is_id(event.state_key):
        return Unreadable("m.room.member: state_key")
    comes = content.get("membership") == "join" and before.get("membership") != "join"
    goes = content.get("membership") in ("leave", "ban") and before.get("membership") == "join"
    if not (comes or goes) or event.state_key == place.me:
        changed = _may_read(content) or _may_read(before) or not before
        same = content.get("membership") == before.get("membership")
        return RosterChanged(place.room) if changed and not same else Ignored("m.room.member")
    name = as_text((content if comes else before).get("displayname"))
    return Moved(
        room=place.room,
        event=stamp.id,
        author=place.author(event.state_key, name=name),
        joined=comes,
        said=stamp.said,
    )


def read_rule(_event: RoomEvent, _stamp: Stamp, place: Place) -> Event:
    """An event that says who may enter the room, or what is shown to whom in what way."""
    return RosterChanged(place.room)


def _may_read(member: Mapping[str, Any]) -> bool:
    return as_text(member.get("membership")) in {"join", "invite"}


def _emoji(key: str, content: Mapping[str, Any]) -> str:
    """A reaction's key as we write it; a custom one (MSC4027) by its short name."""
    if not key.startswith("mxc://"):
        return markup.shown_name(_VARIATION.sub("", key))
    for shortcode in _SHORTCODES:
        name = markup.shown_name(as_text(content.get(shortcode))).strip(": ")
        if name:
            return f":{name.replace(' ', '_')}:"
    return ""


def _topic(content: Mapping[str, Any]) -> str:
    """A topic's plain text, from where it has always been or else from MSC3765's place."""
    topic = content.get("topic")
    if not isinstance(topic, str):
        topic = extensible_text(as_object(content.get("m.topic")))
    return as_text(topic)[:LONGEST_TOPIC]


def _pinned(content: Mapping[str, Any]) -> dict[str, None]:
    return {message: None for message in as_list(content.get("pinned")) if is_id(message)}


def _before(event: RoomEvent) -> Mapping[str, Any]:
    return as_object(as_object(event.unsigned).get("prev_content"))
