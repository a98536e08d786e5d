"""What became of a message, as events: pure.

https://docs.slack.dev/reference/events/message/message_changed and .../message_deleted
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.events import (
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    RoomId,
    Undeliverable,
    Unreadable,
)
from bot.platforms.slack.files import files_of
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID
from bot.platforms.slack.quoting import quoted_in
from bot.platforms.slack.said import (
    TOO_LONG,
    author_of,
    body_of,
    is_too_long,
    manner_of,
    placed,
    time_of,
    version_of,
)

SAME = Ignored("message.message_changed")
"""The message has other thread counters, previews or pins, and the same words."""


def changed(event: Mapping[str, Any], us: Ourselves, lookups: Lookups) -> Event:
    """`message_changed`: an edit where the words or files are others, a deletion where only a
    tombstone is left (of what has replies), and nothing at all for the rest.
    """
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, Mapping):
        return Unreadable("message_changed.message")
    place = placed({**message, "channel": event.get("channel")}, None, us)
    if place is None:
        return Unreadable("message_changed.place")
    room, ts, said = place
    now = time_of(event.get("ts")) or said
    if message.get("subtype") == "tombstone":
        return MessageDeleted(room, ts, now)
    version = _new_version(message, before, event)
    if not version:
        return SAME
    return edited(message, room, us, lookups, version)


def edited(
    message: Mapping[str, Any], room: RoomId, us: Ourselves, lookups: Lookups, version: str
) -> Event:
    """The event that a message's words as they stand mean, if they are an edit's."""
    place = placed(message, room, us)
    if place is None:
        return Unreadable("message.place")
    _, ts, said = place
    author = author_of(message, us, lookups)
    if author is None:
        return Unreadable("message.author")
    said = time_of(version) or said
    if is_too_long(message):
        return Undeliverable(room, ts, author, TOO_LONG, said)
    body = body_of(message, us, lookups)
    return MessageEdited(
        room=room,
        message=ts,
        author=author,
        body=body,
        version=version,
        said=said,
        own=us.said(message),
        manner=manner_of(message, author),
        files=files_of(message, us.account) if "files" in message else None,
        quotes=quoted_in(message, body, us),
    )


def deleted(event: Mapping[str, Any], us: Ourselves) -> Event:
    """`message_deleted`. Slack does not say by whom."""
    before = event.get("previous_message")
    ts = event.get("deleted_ts") or (before.get("ts") if isinstance(before, Mapping) else None)
    place = placed({"ts": ts, "channel": event.get("channel")}, None, us)
    if place is None:
        return Unreadable("message_deleted.place")
    room, message, said = place
    return MessageDeleted(room, message, time_of(event.get("ts")) or said)


def _new_version(message: Mapping[str, Any], before: object, event: Mapping[str, Any]) -> str:
    """What orders this change, "" where neither words nor files are others."""
    version = version_of(message)
    if not isinstance(before, Mapping):
        return version
    if version and version != version_of(before) and _words(message) != _words(before):
        return version
    if _files(message) < _files(before):  # one was deleted: nobody edited anything
        moment = event.get("ts")
        return moment if isinstance(moment, str) and time_of(moment) else ""
    return ""


def _words(message: Mapping[str, Any]) -> tuple[object, ...]:
    """All of a message that its author wrote: neither previews nor the ids of blocks."""
    blocks, attachments = message.get("blocks"), message.get("attachments")
    return (
        message.get("text") or "",
        [_without_id(block) for block in blocks] if isinstance(blocks, list) else [],
        [item for item in attachments if not _is_preview(item)]
        if isinstance(attachments, list)
        else [],
        _files(message),
    )


def _files(message: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        found["id"]
        for found in (message["files"] if isinstance(message.get("files"), list) else [])
        if isinstance(found, Mapping)
        and isinstance(found.get("id"), str)
        and ID.fullmatch(found["id"])
        and found.get("mode") != "tombstone"
    )


def _without_id(block: object) -> object:
    if not isinstance(block, Mapping):
        return block
    return {key: value for key, value in block.items() if key != "block_id"}


def _is_preview(attachment: object) -> bool:
    return isinstance(attachment, Mapping) and any(
        attachment.get(key)
        for key in ("from_url", "original_url", "app_unfurl_url", "is_msg_unfurl")
    )
