"""What people do in a room, as events."""

from __future__ import annotations

from datetime import timedelta

from bot.events import (
    Author,
    File,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Reacted,
    RoomId,
)
from bot.richtext import RichText, say
from tests.bot.bridge.networks import R1, START, person

ADA, BEN = person("Ada"), person("Ben")


def said(
    text: str | RichText,
    message: str = "m1",
    room: RoomId = R1,
    *,
    author: Author = ADA,
    thread: str | None = None,
    reply_to: str | None = None,
    files: tuple[File, ...] = (),
    version: str = "",
    broadcast: bool = False,
) -> MessagePosted:
    return MessagePosted(
        room,
        MessageId(message),
        author,
        say(text) if isinstance(text, str) else text,
        START,
        thread=None if thread is None else MessageId(thread),
        reply_to=None if reply_to is None else MessageId(reply_to),
        files=files,
        version=version,
        broadcast=broadcast,
    )


def edited(
    text: str,
    version: str = "1",
    message: str = "m1",
    *,
    author: Author = ADA,
    own: bool = False,
    files: tuple[File, ...] | None = None,
) -> MessageEdited:
    return MessageEdited(
        R1, MessageId(message), author, say(text), version, START, own=own, files=files
    )


def deleted(message: str = "m1", room: RoomId = R1, *, own: bool = False) -> MessageDeleted:
    return MessageDeleted(room, MessageId(message), START, own=own)


def reacted(
    emoji: str = "👍",
    message: str = "m1",
    room: RoomId = R1,
    *,
    author: Author = BEN,
    added: bool = True,
    at: int = 0,
    reaction: str = "",
) -> Reacted:
    moment = START + timedelta(seconds=at)
    return Reacted(room, MessageId(message), author, emoji, added, moment, reaction)
