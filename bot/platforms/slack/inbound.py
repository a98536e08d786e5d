"""What Slack sends, as events: pure, and whatever comes in, a value comes out.

The shapes are those of https://docs.slack.dev/reference/events/message and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.events import (
    AccountId,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    Ignored,
    MessageId,
    MessagePosted,
    RoomId,
    Undeliverable,
    Unreadable,
    person_id,
    room_id,
)
from bot.platforms.slack import markup
from bot.platforms.slack.markup import Names
from bot.platforms.slack.people import ID, LONGEST, shown_name

METADATA_TYPE = "liaison_delivery"
"""The `event_type` of the metadata that carries a delivery's id."""
TOO_LONG = "This message is too long to be relayed."
"""The message id of what is said to its sender."""

_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_KIND = re.compile(r"[A-Za-z0-9_.]{1,40}")
_DELIVERY = re.compile(r"d[A-Za-z0-9]{26}")
_CARRIED = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message"})


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who the bot is in its workspace, as `auth.test` says."""

    account: AccountId
    user: str
    bot: str
    prefix: str = ""
    """What stands before the names of our slash-commands."""


def event_of(payload: object, us: Ourselves, names: Names, now: datetime) -> Event:
    """The event that an envelope's payload means. `now`: for what Slack gives no time to."""
    match payload:
        case {"command": str(command)} if isinstance(payload, dict):
            return _command(command, payload, us, names, now)
        case {"type": "event_callback", "event": {"type": "message", **message}}:
            return message_of(message, None, us, names)
        case {"type": "event_callback", "event": {"type": str(kind)}}:
            return Ignored(_kind(kind))
        case {"type": "event_callback"}:
            return Unreadable("event")
        case {"type": str(kind)}:
            return Ignored(_kind(kind))
        case _:
            return Unreadable("payload")


def message_of(message: object, room: RoomId | None, us: Ourselves, names: Names) -> Event:
    """The event that a message means: an event's, or one of a room's history (`room` is given)."""
    if not isinstance(message, Mapping):
        return Unreadable("message")
    subtype = message.get("subtype")
    if not (subtype is None or isinstance(subtype, str)):
        return Unreadable("message.subtype")
    if subtype not in _CARRIED or message.get("hidden") is True:
        return Ignored(f"message.{_kind(subtype or 'hidden')}")
    ts, channel = message.get("ts"), message.get("channel")
    if room is None and isinstance(channel, str) and ID.fullmatch(channel):
        room = room_id(us.account, channel)
    said = _time(ts)
    if room is None or said is None:
        return Unreadable("message.place")
    author = _author(message, us, names)
    if author is None:
        return Unreadable("message.author")
    return _posted(message, room, MessageId(str(ts)), author, said, us, names)


def _posted(
    message: Mapping[str, Any], room: RoomId, ts: MessageId, author: Author, said: datetime,
    us: Ourselves, names: Names,
) -> Event:  # fmt: skip
    text = _text(message)
    if len(text) > LONGEST:
        return Undeliverable(room, ts, author, TOO_LONG, said)
    own = own_delivery(message, us)
    if not text.strip() and own is None:
        return Ignored("message.empty")
    root = message.get("thread_ts")
    thread = MessageId(root) if isinstance(root, str) and _time(root) and root != ts else None
    return MessagePosted(
        room=room,
        message=ts,
        author=author,
        body=markup.read(text, us.account, names),
        said=said,
        thread=thread,
        own=own,
        direct=message.get("channel_type") == "im",
        mentions_bot=us.user in markup.mentioned(text),
    )


def own_delivery(message: Mapping[str, Any], us: Ourselves) -> DeliveryId | None:
    """The delivery that made a message: `""` where it is ours (or another Liaison's) but names
    none, None for everybody else's.

    Only our own messages name a delivery: metadata can be written by every app.
    """
    by_bot = us.bot != "" and message.get("bot_id") == us.bot
    ours = by_bot or message.get("user") == us.user
    match message:
        case {"metadata": {"event_type": str(kind), "event_payload": {"id": str(found)}}} if (
            kind == METADATA_TYPE
        ):
            return DeliveryId(found if ours and _DELIVERY.fullmatch(found) else "")
        case {"blocks": [{"block_id": str(found)}, *_]} if ours and _DELIVERY.fullmatch(found):
            return DeliveryId(found)
        case _:
            return DeliveryId("") if ours else None


def room_in(payload: object) -> str | None:
    """The channel that a payload is about, for what is dropped unread."""
    match payload:
        case {"event": {"channel": str(channel)}}:
            return channel
        case _:
            return None


def _command(
    command: str, payload: Mapping[str, Any], us: Ourselves, names: Names, now: datetime
) -> Event:
    room, user, call = (payload.get(key) for key in ("channel_id", "user_id", "trigger_id"))
    text = payload.get("text", "")
    if not (isinstance(room, str) and isinstance(user, str) and isinstance(call, str)):
        return Unreadable("command")
    if not (ID.fullmatch(room) and ID.fullmatch(user) and isinstance(text, str) and call):
        return Unreadable("command")
    if len(text) > LONGEST:
        return Unreadable("command.text")
    arguments = markup.typed(text, us.account, names).strip()
    name = markup.storable(command).removeprefix("/").removeprefix(us.prefix)
    line = f"{name} {arguments}".strip() if name != "liaison" else arguments or "help"
    shown = payload.get("user_name")
    fallback = markup.storable(shown) if isinstance(shown, str) and shown.strip() else user
    author = Author(person_id(us.account, user), names(user) or fallback)
    return CommandTyped(
        room=room_id(us.account, room),
        call=call,
        author=author,
        text=line,
        said=now,
        reply=handle(payload.get("response_url"), now),
    )


def handle(response_url: object, now: datetime) -> str | None:
    """The response address with the time at which it was given, in its fragment (which is never
    sent): it can be used for 30 minutes (interactivity/handling-user-interaction).
    """
    if isinstance(response_url, str) and response_url.startswith(("https://", "http://")):
        return f"{response_url.partition('#')[0]}#{int(now.timestamp())}"
    return None


def _author(message: Mapping[str, Any], us: Ourselves, names: Names) -> Author | None:
    user, bot = message.get("user"), message.get("bot_id")
    user = user if isinstance(user, str) and ID.fullmatch(user) else None
    bot = bot if isinstance(bot, str) and ID.fullmatch(bot) else None
    local = user or bot
    if local is None:
        return None
    said_by = message.get("username")
    name = said_by if isinstance(said_by, str) and said_by.strip() else None
    name = (
        name
        or (names(user) if user else None)
        or shown_name({"profile": message.get("user_profile")})
    )
    profile = message.get("bot_profile")
    if name is None and isinstance(profile, Mapping):
        name = shown_name(profile)
    return Author(person_id(us.account, local), markup.storable(name or local), bot=bot is not None)


def _text(message: Mapping[str, Any]) -> str:
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    text = markup.of_blocks(message.get("blocks"))
    if text.strip():
        return text
    found = []
    attachments = message.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else []:
        if isinstance(attachment, Mapping):
            parts = [attachment.get(key) for key in ("pretext", "title", "text")]
            shown = [part for part in parts if isinstance(part, str) and part.strip()]
            fallback = attachment.get("fallback")
            found.extend(shown or ([fallback] if isinstance(fallback, str) else []))
    return "\n".join(found)


def _time(ts: object) -> datetime | None:
    if not (isinstance(ts, str) and _TS.fullmatch(ts)):
        return None
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _kind(name: str) -> str:
    """A type's name for the counters; what is no name of Slack's is not repeated."""
    return name if _KIND.fullmatch(name) else "unnamed"
