"""What is found of a room: who came and went, what it shows, what was left out of reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.events.places import Author, MessageId, RoomId
from bot.events.said import MessageEdited


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody joined a room or left it."""

    room: RoomId
    event: str
    author: Author
    joined: bool
    said: datetime


@dataclass(frozen=True, slots=True)
class RosterChanged:
    """Who can read a room, or what the room is like, may be another now: it is to be read anew."""

    room: RoomId


@dataclass(frozen=True, slots=True)
class RoomRead:
    """All that was said in a room before `until` has been handed out before this: asked for by
    `Platform.read_up`. Of what a network was told and has not shown yet nobody knows.
    """

    room: RoomId
    until: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """Known, and nothing to us: `kind` names the type for the counters (never any content)."""

    kind: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Malformed or of an unknown shape: `kind` names type and what was wrong, never content."""

    kind: str


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A person said what cannot be carried (a body too large …): its sender is to be told.

    `reason` is a message id of the catalogues.
    """

    room: RoomId
    message: MessageId
    author: Author
    reason: str
    said: datetime


@dataclass(frozen=True, slots=True)
class DisplayedReaction:
    """Who shows an emoji on a message, the bot left out; `complete`: they are all named."""

    emoji: str
    by: tuple[Author, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Displayed:
    """A message as its room shows it now."""

    message: MessageId
    reactions: tuple[DisplayedReaction, ...] = ()
    edit: MessageEdited | None = None
    """Its words, where they are not the first."""
    deleted: bool = False
    """It was deleted, and something stands in its place."""


@dataclass(frozen=True, slots=True)
class StretchRead:
    """What stands in a stretch of a room now, or in one of its threads, read without a gap: to be
    compared with what was heard of it.

    At `since` and at `until`, or right before and after, something stands in the room: so what
    is missing between them is not missing because a whole time was erased. `messages`: the oldest
    first. Only for networks whose message ids sort as text.
    """

    room: RoomId
    since: MessageId
    until: MessageId
    messages: tuple[Displayed, ...]
    thread: MessageId | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Of what was missed in a room this much lies beyond `catch_up` and is not handed over.

    `gap` tells it from others, however often it is met. `count`: messages, at least that many
    where there are `more`.
    """

    room: RoomId
    gap: str
    count: int
    since: datetime
    until: datetime
    more: bool = False
