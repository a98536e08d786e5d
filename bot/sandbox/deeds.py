"""What a person can do in a room of the sandbox. Messages are named by their ids in that room.

The page sends these as JSON, told apart by their `type`.
"""

from __future__ import annotations

import msgspec


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Say something, or type a command; `answers`: in the thread of that message."""

    text: str
    answers: str | None = None


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """Say something of one's own otherwise."""

    message: str
    text: str


class TakeBack(msgspec.Struct, frozen=True, tag="take back"):
    """Delete something of one's own."""

    message: str


class React(msgspec.Struct, frozen=True, tag="react"):
    """Put an emoji (as Unicode) under a message."""

    message: str
    emoji: str


class Unreact(msgspec.Struct, frozen=True, tag="unreact"):
    """Take one's own emoji back."""

    message: str
    emoji: str


class Share(msgspec.Struct, frozen=True, tag="share"):
    """Share a file."""

    name: str
    content: bytes
    mimetype: str = "text/plain"


class Press(msgspec.Struct, frozen=True, tag="press"):
    """Press something of the bot's under a message: a button, or its reaction to be joined."""

    message: str
    button: str


class Choose(msgspec.Struct, frozen=True, tag="choose"):
    """Choose a shortcut in a message's menu."""

    message: str
    shortcut: str


class Fill(msgspec.Struct, frozen=True, tag="fill"):
    """Send off the form that stands open."""

    form: str
    values: dict[str, str]


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Close the form that stands open."""

    form: str


Deed = Say | Edit | TakeBack | React | Unreact | Share | Press | Choose | Fill | Close
