"""What both arrives and leaves: files, the manner of saying, what can be pressed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from bot.events.places import AccountId


class FileKind(StrEnum):
    """What a client shows a file as."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"


HOUSE = AccountId("")
"""The account of files that lie on no network: their handle is the text that they hold."""


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that lies on its home network: what is known of it, and how it is fetched there.

    `handle` is the home adapter's own (an address, a key), opaque to everybody else; the bytes are
    never held whole. Of the account `HOUSE` the handle is what it holds.
    """

    account: AccountId
    handle: str
    name: str
    kind: FileKind = FileKind.FILE
    mimetype: str = ""
    size: int | None = None
    """Bytes, as the home network says."""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    alt: str = ""
    title: str = ""
    """Under which its home network shows it, where that is another than its name."""
    hidden: bool = False
    """Its author hid it until a reader asks: never shown by crossing."""
    bare: bool = False
    """It passes without what is not seen of it (see `bot.bridge.baring`)."""


class Manner(StrEnum):
    """How a message was said."""

    SAID = "said"
    EMOTE = "emote"
    """`/me`: about the author, in the third person."""
    NOTICE = "notice"
    """By a program."""


class Look(StrEnum):
    """How a control looks, where its network has looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    """What one would usually do."""
    DANGER = "danger"
    """What cannot be undone."""


class Control(msgspec.Struct, frozen=True, omit_defaults=True):
    """What can be pressed on a message: a button where there are buttons, else a reaction to be
    joined. Pressing it is typing `call` there, in answer to the message, by who presses and with
    their rights: so a press can do nothing that its presser could not type.

    `label`: what the button says. `call`: a command as it is typed after the slash; it says no
    more than the message itself. `emoji`: as of `Reacted`, one of its own on each message.
    """

    label: str
    call: str
    emoji: str
    look: Look = Look.PLAIN
    once: bool = False
    """It goes away when it has been used."""
    until: datetime | None = None
    """From then on pressing it says that it is too late."""
