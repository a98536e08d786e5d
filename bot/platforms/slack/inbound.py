"""What Slack sends, as events: pure, and whatever comes in, a value comes out.

The shapes are those of https://docs.slack.dev/reference/events/message and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.events import Event, Ignored, MessageDeleted, MessagePosted, RoomId, Unreadable
from bot.platforms.slack import changes, happenings, home, modals
from bot.platforms.slack.buttons import pressed
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID
from bot.platforms.slack.said import placed, posted, version_of
from bot.platforms.slack.slash import command

ROOM_EVENTS = frozenset(
    {
        "channel_archive", "channel_deleted", "channel_id_changed", "channel_left",
        "channel_rename", "channel_unarchive", "group_archive", "group_deleted", "group_left",
        "group_rename", "group_unarchive",
    }
)  # fmt: skip
"""Something happened to a room itself: noted for the administrator."""

_MOMENT = re.compile(r"\d{10}\.\d{6}")
_KIND = re.compile(r"[A-Za-z0-9_.]{1,40}")
_SPOKEN = (None, "bot_message", "thread_broadcast", "file_share", "me_message")
_TOPICS = frozenset({"channel_topic", "group_topic", "channel_purpose", "group_purpose"})
_MOVES = frozenset({"channel_join", "group_join", "channel_leave", "group_leave"})


def event_of(payload: object, us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """The event that an envelope's payload means. `now`: for what Slack gives no time to."""
    match payload:
        case {"command": str()} if isinstance(payload, dict):
            return command(payload, us, lookups, now)
        case {"type": "block_actions"} if isinstance(payload, dict):
            return pressed(payload, us, lookups, now)
        case {"type": "message_action"} if isinstance(payload, dict):
            return modals.chosen(payload, us, lookups, now)
        case {"type": "view_submission"} if isinstance(payload, dict):
            return modals.submitted(payload, us, lookups, now)
        case {"type": "event_callback", "event": {"type": str(kind)} as event}:
            return _event(kind, event, us, lookups, now)
        case {"type": "event_callback"}:
            return Unreadable("event")
        case {"type": str(kind)}:
            return Ignored(_kind(kind))
        case _:
            return Unreadable("payload")


def _event(
    kind: str, event: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime
) -> Event:
    match kind:
        case "message":
            return message_of(event, None, us, lookups)
        case "reaction_added" | "reaction_removed":
            return happenings.reacted(event, us, lookups)
        case "pin_added" | "pin_removed":
            return happenings.pinned(event, us, lookups)
        case "app_home_opened":
            return home.opened(event, us, lookups, now)
        case _:
            return Ignored(_kind(kind))


def message_of(message: object, room: RoomId | None, us: Ourselves, lookups: Lookups) -> Event:
    """The event that a message means: an event's, or one of a room's history (`room` is given)."""
    if not isinstance(message, Mapping):
        return Unreadable("message")
    subtype = message.get("subtype")
    if not (subtype is None or isinstance(subtype, str)):
        return Unreadable("message.subtype")
    if subtype in _SPOKEN and message.get("hidden") is not True:
        return posted(message, room, us, lookups)
    if subtype == "tombstone":
        place = placed(message, room, us)
        return MessageDeleted(*place) if place else Unreadable("message.place")
    if subtype in _TOPICS:
        return happenings.topic(message, room, us, lookups)
    if subtype in _MOVES:
        return happenings.moved(message, room, us, lookups)
    if room is None and subtype == "message_changed":
        return changes.changed(message, us, lookups)
    if room is None and subtype == "message_deleted":
        return changes.deleted(message, us)
    return Ignored(f"message.{_kind(subtype or 'hidden')}")


def events_of(
    message: Mapping[str, Any], room: RoomId, us: Ourselves, lookups: Lookups
) -> Iterator[Event]:
    """All that a message of history tells: what was said, that it was edited, who reacted."""
    event = message_of(message, room, us, lookups)
    yield event
    if not isinstance(event, MessagePosted):
        return
    version = version_of(message)
    if version and event.own is None:
        yield changes.edited(message, room, us, lookups, version)
    yield from happenings.reactions(message, room, us, lookups)


def is_said(message: Mapping[str, Any], us: Ourselves) -> bool:
    """Whether a message of history is something that somebody else than the bot said."""
    return message.get("subtype") in _SPOKEN and not us.said(message)


def room_in(payload: object) -> str | None:
    """The channel that a payload is about, for what is dropped unread."""
    match payload:
        case {"event": {"channel": str(channel)}}:
            return channel
        case {"event": {"channel_id": str(channel)}}:
            return channel
        case {"event": {"channel": {"id": str(channel)}}}:
            return channel
        case {"event": {"item": {"channel": str(channel)}}}:
            return channel
        case {"event": {"old_channel_id": str(channel)}}:
            return channel
        case _:
            return None


def moment_in(payload: object) -> str:
    """When it happened, as Slack orders what happens in a channel; "" where it does not say."""
    match payload:
        case {"event": {"event_ts": str(moment)}} if _MOMENT.fullmatch(moment):
            return moment
        case {"event": {"ts": str(moment)}} if _MOMENT.fullmatch(moment):
            return moment
        case _:
            return ""


def room_event(payload: object) -> tuple[str, str | None] | None:
    """The kind of an event of `ROOM_EVENTS`, and the id that the room has now where that is
    another one (a channel that was converted); None for every other payload.
    """
    match payload:
        case {"type": "event_callback", "event": {"type": str(kind), **event}} if (
            kind in ROOM_EVENTS
        ):
            now = event.get("new_channel_id")
            return kind, now if isinstance(now, str) and ID.fullmatch(now) else None
        case _:
            return None


def opened(payload: object, us: Ourselves) -> bool:
    """Whether a payload tells that a channel is open to the bot again: it was let in, or the
    channel taken out of the archive.
    """
    match payload:
        case {"event": {"type": "channel_unarchive" | "group_unarchive"}}:
            return True
        case {"event": {"type": "message", "subtype": "channel_join" | "group_join", "user": who}}:
            return bool(who == us.user)
        case _:
            return False


def _kind(name: str) -> str:
    """A type's name for the counters; what is no name of Slack's is not repeated."""
    return name if _KIND.fullmatch(name) else "unnamed"
