"""A command as it waits in the inbox: all that is needed to run it and to answer."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bot.events import (
    Author,
    CommandTyped,
    DeliveryId,
    File,
    FormFilled,
    MessageId,
    MessagePosted,
    Reacted,
    RoomId,
)
from commands.grammar import Call, NearMiss


class Called(msgspec.Struct, frozen=True):
    """A call or a near miss, as it is kept."""

    name: str
    """The command's name; of a near miss what was typed, perhaps nothing."""
    text: str = ""
    near: bool = False
    suggestion: str | None = None

    @property
    def typed(self) -> str:
        """As it is typed after the slash."""
        return f"{self.name} {self.text}".strip()


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
    pressed: DeliveryId | None = None
    """The delivery whose control was pressed, where it was not typed."""
    files: tuple[File, ...] = ()
    """What came with the message that asked."""
    stands: bool = False
    """The answer stays where it is shown until another takes its place."""


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
        files=event.files,
    )


def asked_by(event: CommandTyped | FormFilled, call: Call | NearMiss) -> Asked:
    """What a slash-command asks, a press, or a form."""
    return Asked(
        room=event.room,
        author=event.author,
        said=event.said,
        reply=event.reply,
        direct=event.direct,
        thread=event.thread,
        reply_to=event.answers,
        pressed=event.pressed if isinstance(event, CommandTyped) else None,
        stands=isinstance(event, CommandTyped) and event.stands,
        call=_called(call),
    )


def asked_on(
    event: Reacted,
    room: RoomId,
    pressed: DeliveryId | None,
    call: Call | NearMiss,
    *,
    direct: bool,
) -> Asked:
    """What a reaction asks that joins a control, or (`pressed` None) our 🔎; `room`: where it
    counts as typed.
    """
    return Asked(
        room=room,
        author=event.author,
        said=event.said,
        direct=direct,
        reply_to=event.message,
        pressed=pressed,
        call=_called(call),
    )


def _called(call: Call | NearMiss) -> Called:
    match call:
        case Call(name, text):
            return Called(name, text)
        case NearMiss(word, suggestion):
            return Called(word, near=True, suggestion=suggestion)
