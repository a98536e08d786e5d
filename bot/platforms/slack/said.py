"""What was said, as an event: a message's place, author, time and body. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.events import (
    Author,
    Event,
    Ignored,
    Manner,
    MessageId,
    MessagePosted,
    RoomId,
    Standing,
    Undeliverable,
    Unreadable,
    person_id,
    room_id,
)
from bot.platforms.slack import markup
from bot.platforms.slack.files import files_of, links_of
from bot.platforms.slack.identity import Ourselves, own_delivery
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID, LONGEST, shown_name
from bot.platforms.slack.quoting import quoted_in
from bot.richtext import Link, Paragraph, RichText

TOO_LONG = "This message is too long to be relayed."
"""The message id of what is said to its sender."""
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")


def posted(
    message: Mapping[str, Any], room: RoomId | None, us: Ourselves, lookups: Lookups
) -> Event:
    """The event that a new message means, in this room or the one that it names."""
    place = placed(message, room, us)
    if place is None:
        return Unreadable("message.place")
    room, ts, said = place
    author = author_of(message, us, lookups)
    if author is None:
        return Unreadable("message.author")
    if is_too_long(message):
        return Undeliverable(room, ts, author, TOO_LONG, said)
    own = own_delivery(message, us)
    body, files = body_of(message, us, lookups), files_of(message, us.account)
    if not body.blocks and not files and own is None:
        return Ignored("message.empty")
    root = message.get("thread_ts")
    return MessagePosted(
        room=room,
        message=ts,
        author=author,
        body=body,
        said=said,
        thread=MessageId(root) if isinstance(root, str) and time_of(root) and root != ts else None,
        own=own,
        direct=message.get("channel_type") == "im",
        mentions_bot=us.user in mentioned_in(message),
        files=files,
        manner=manner_of(message, author),
        broadcast=message.get("subtype") == "thread_broadcast",
        version=version_of(message),
        quotes=quoted_in(message, body, us),
    )


def placed(
    message: Mapping[str, Any], room: RoomId | None, us: Ourselves
) -> tuple[RoomId, MessageId, datetime] | None:
    """Where and when a message is: None where it does not say."""
    ts, channel = message.get("ts"), message.get("channel")
    if room is None and isinstance(channel, str) and ID.fullmatch(channel):
        room = room_id(us.account, channel)
    said = time_of(ts)
    return None if room is None or said is None else (room, MessageId(str(ts)), said)


def author_of(message: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> Author | None:
    """Who said it: a person, or a bot under the name that it gave itself."""
    user, bot = message.get("user"), message.get("bot_id")
    user = user if isinstance(user, str) and ID.fullmatch(user) else None
    bot = bot if isinstance(bot, str) and ID.fullmatch(bot) else None
    local = user or bot
    if local is None:
        return None
    said_by = message.get("username")
    name = said_by if isinstance(said_by, str) and said_by.strip() else None
    name = name or (lookups.people(user) if user else None)
    for key in ("user_profile", "bot_profile"):
        profile = message.get(key)
        if name is None and isinstance(profile, Mapping):
            name = shown_name({"profile": profile})
    standing = lookups.standing(user) if user else Standing.UNKNOWN
    if us.said(message):
        standing = Standing.OURS
    elif bot is not None and standing is Standing.UNKNOWN:
        standing = _app(message, us)
    return Author(
        person_id(us.account, local),
        markup.storable(name or local),
        bot=bot is not None,
        standing=standing,
        picture=(user and not said_by and lookups.pictures(user)) or "",
    )


def person(user: object, us: Ourselves, lookups: Lookups) -> Author | None:
    """The person of a bare user id."""
    if not (isinstance(user, str) and ID.fullmatch(user)):
        return None
    name = lookups.people(user) or user
    return Author(person_id(us.account, user), name, standing=lookups.standing(user))


def _app(message: Mapping[str, Any], us: Ourselves) -> Standing:
    """Whether an app is of our workspace, as its message says."""
    match message.get("bot_profile"):
        case {"team_id": str(workspace)} if us.workspace:
            return Standing.APP if workspace == us.workspace else Standing.FOREIGN
        case _:
            return Standing.UNKNOWN


def manner_of(message: Mapping[str, Any], author: Author) -> Manner:
    """How it was said."""
    if message.get("subtype") == "me_message":
        return Manner.EMOTE
    return Manner.NOTICE if author.bot else Manner.SAID


def body_of(message: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> RichText:
    """A message's words; files that lie elsewhere are links below them."""
    body = markup.read_message(message, us.account, lookups)
    linked = [Paragraph((Link(address, title),)) for address, title in links_of(message)]
    return RichText((*body.blocks, *linked)) if linked else body


def version_of(message: Mapping[str, Any]) -> str:
    """When a message got the words that it has now, "" where these are its first."""
    match message.get("edited"):
        case {"ts": str(ts)} if time_of(ts):
            return ts
        case _:
            return ""


def is_too_long(message: Mapping[str, Any]) -> bool:
    """Whether a message is longer than anything that Slack takes."""
    return len(_text(message)) > LONGEST


def mentioned_in(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The user ids that a message mentions."""
    return markup.mentioned(_text(message))


def time_of(ts: object) -> datetime | None:
    """The moment of a `ts`, None where it is none."""
    if not (isinstance(ts, str) and _TS.fullmatch(ts)):
        return None
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (OverflowError, OSError, ValueError):
        return None


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
