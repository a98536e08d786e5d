"""A command as it waits in the inbox: all that is needed to run it and to answer."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bot.events import Author, CommandTyped, MessageId, MessagePosted, RoomId
from commands.grammar import Call, NearMiss


class Called(msgspec.Struct, frozen=True):
    """A call or a near miss, as it is kept."""

    name: str
    """The command's name; of a near miss what was typed, perhaps nothing."""
    text: str = ""
    near: bool = False
    suggestion: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """Who asked what, where, and in answer to what."""

    room: RoomId
    author: Author
    said: datetime
    call: Called
    direct: bool = False
    message: MessageId | None = None
    """The message that asked, None for a slash-command."""
    thread: MessageId | None = None
    reply_to: MessageId | None = None
    reply: str | None = None


encode_asked = msgspec.json.Encoder().encode
decode_asked = msgspec.json.Decoder(Asked).decode


def asked_in(event: MessagePosted, call: Call | NearMiss) -> Asked:
    """What a message asks."""
    return Asked(
        room=event.room,
        author=event.author,
        said=event.said,
        direct=event.direct,
        message=event.message,
        thread=event.thread,
        reply_to=event.reply_to,
        call=_called(call),
    )


def asked_by(event: CommandTyped, call: Call | NearMiss) -> Asked:
    """What a slash-command asks."""
    return Asked(
        room=event.room,
        author=event.author,
        said=event.said,
        reply=event.reply,
        direct=event.direct,
        call=_called(call),
    )


def _called(call: Call | NearMiss) -> Called:
    match call:
        case Call(name, text):
            return Called(name, text)
        case NearMiss(word, suggestion):
            return Called(word, near=True, suggestion=suggestion)
