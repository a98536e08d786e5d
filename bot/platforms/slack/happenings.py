"""What people do to messages and rooms beside talking, as events: pure.

https://docs.slack.dev/reference/events/reaction_added and its neighbours
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.events import (
    Event,
    Ignored,
    Moved,
    Pinned,
    Reacted,
    RoomId,
    TopicChanged,
    Unreadable,
    local,
)
from bot.platforms.slack import markup
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import emoji_names
from bot.platforms.slack.people import LONGEST
from bot.platforms.slack.said import person, placed, time_of

_EMOJI = re.compile(r"[\w'+-]{1,100}(?:::skin-tone-[2-6])?")


def reacted(event: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> Event:
    """`reaction_added` or `reaction_removed`."""
    kind, item = str(event.get("type")), event.get("item")
    if not isinstance(item, Mapping) or item.get("type") != "message":
        return Ignored(kind)
    place, author = placed(item, None, us), person(event.get("user"), us, lookups)
    shown = shown_emoji(event.get("reaction"))
    if place is None or author is None or shown is None:
        return Unreadable(kind)
    room, message, said = place
    return Reacted(
        room=room,
        message=message,
        author=author,
        emoji=shown,
        added=kind == "reaction_added",
        said=time_of(event.get("event_ts")) or said,
        own=event.get("user") == us.user,
    )


def reactions(
    message: Mapping[str, Any], room: RoomId, us: Ourselves, lookups: Lookups
) -> Iterator[Event]:
    """Who has reacted to a message of history. Slack names no time, and not everybody's name
    where there are very many.
    """
    found = message.get("reactions")
    for reaction in found if isinstance(found, list) else []:
        match reaction:
            case {"name": name, "users": list(users)}:
                place = {"type": "message", "channel": local(room), "ts": message.get("ts")}
                event = {"type": "reaction_added", "reaction": name, "item": place}
                for user in users:
                    yield reacted({**event, "user": user}, us, lookups)


def pinned(event: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> Event:
    """`pin_added` or `pin_removed`."""
    kind = str(event.get("type"))
    match event:
        case {"channel_id": str(channel), "item": {"message": {"ts": str(ts)}}}:
            place = placed({"channel": channel, "ts": ts}, None, us)
        case {"item": {"type": str(item)}} if item != "message":
            return Ignored(kind)
        case _:
            place = None
    author, moment = person(event.get("user"), us, lookups), event.get("event_ts")
    said = time_of(moment)
    if place is None or author is None or said is None:
        return Unreadable(kind)
    return Pinned(
        room=place[0],
        event=f"{kind} {moment}",
        message=place[1],
        author=author,
        pinned=kind == "pin_added",
        said=said,
        own=event.get("user") == us.user,
    )


def topic(
    message: Mapping[str, Any], room: RoomId | None, us: Ourselves, lookups: Lookups
) -> Event:
    """The note that Slack puts into a channel when its topic or purpose is another one."""
    purpose = str(message.get("subtype")).endswith("purpose")
    place, author = placed(message, room, us), person(message.get("user"), us, lookups)
    words = message.get("purpose" if purpose else "topic")
    if place is None or author is None or not isinstance(words, str) or len(words) > LONGEST:
        return Unreadable("message.topic")
    return TopicChanged(
        room=place[0],
        event=place[1],
        author=author,
        topic=markup.typed(words, us.account, lookups),
        said=place[2],
        own=message.get("user") == us.user,
        purpose=purpose,
    )


def moved(
    message: Mapping[str, Any], room: RoomId | None, us: Ourselves, lookups: Lookups
) -> Event:
    """The note that Slack puts into a channel when somebody joins or leaves. History shows it
    too, as it does not the events `member_joined_channel` and `member_left_channel`.
    """
    subtype = str(message.get("subtype"))
    place, author = placed(message, room, us), person(message.get("user"), us, lookups)
    if place is None or author is None:
        return Unreadable("message.moved")
    if message.get("user") == us.user:
        return Ignored(f"message.{subtype}")
    return Moved(place[0], place[1], author, subtype.endswith("join"), place[2])


def shown_emoji(name: object) -> str | None:
    """The Unicode sequence without variation selectors, or `:name:` of a workspace's own."""
    if not isinstance(name, str) or not _EMOJI.fullmatch(name):
        return None
    return emoji_names.shown(name).replace("\ufe0f", "")
