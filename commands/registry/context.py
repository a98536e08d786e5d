"""What a command is given and what it gives back: inert values, and one view of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.events import AccountId, Author, MessageId, RoomId
from bot.richtext import RichText, say
from bot.words import Words

if TYPE_CHECKING:
    from commands.registry.declaration import Command

FIRST_LINE = 80
"""Characters that the first line of an answer may have: it says it all, also in a notification."""


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A coordination channel, as commands may know it."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class LaneView:
    """What a room's lane holds: how many deliveries wait (those being sent included), are of
    unknown outcome, are dead; when the oldest of the first two was said; when one last landed.
    """

    waiting: int = 0
    unknown: int = 0
    dead: int = 0
    oldest: datetime | None = None
    last_delivered: datetime | None = None


class House(Protocol):
    """What commands may ask of the running house. Nothing here waits, and nothing changes."""

    def channels(self) -> Mapping[str, ChannelView]:
        """Every configured channel by its name, in the configuration's order."""

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel, in the configuration's order."""

    def is_admin_room(self, room: RoomId) -> bool:
        """Whether a room is one of the configured admin rooms."""

    def connected(self, account: AccountId) -> bool:
        """Whether an account receives live events now."""

    def since(self, account: AccountId) -> datetime | None:
        """Since when it is connected, or is not; None where that is not known."""

    def channel_of(self, room: RoomId) -> str | None:
        """The channel that a room belongs to."""

    def waiting(self, session: Session, channel: str | None = None) -> Mapping[RoomId, LaneView]:
        """The lanes of a channel's rooms; without a channel every lane that holds anything, and
        when something last landed is left out. A room that is absent has an empty lane.
        """


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, where, when, and by what means a command can answer.

    `room` is None where a command was not typed in a room. `channel` is the channel that the room
    belongs to; in a direct or admin room what `--channel NAME` named, else None. `said` is when
    the network says that it was typed; `answers` is the message of the room that it was typed in
    answer to, or in whose thread. `words` are in the asker's language. `commands` is filled
    in by the registry.
    """

    session: Session
    now: datetime
    asker: Author
    room: RoomId | None
    direct: bool
    channel: str | None
    words: Words
    house: House
    said: datetime | None = None
    answers: MessageId | None = None
    commands: Mapping[str, Command] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers. `public`: for all in the room; else for its asker alone."""

    body: RichText
    public: bool = False


def reply(text: str, *, public: bool = False) -> Reply:
    """An answer of plain text, its first line held to 80 characters: what is more goes below."""
    first, _, _ = text.partition("\n")
    if len(first) > FIRST_LINE:
        at = max(first.rfind(" ", 0, FIRST_LINE + 1), 0) or FIRST_LINE
        text = text[:at] + "\n" + text[at:].removeprefix(" ")
    return Reply(say(text), public)


def refusal(error: UserError, words: Words) -> Reply:
    """What the person is told who made the mistake: private always."""
    return reply(words(error.words, **error.values))


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, with … where some were left out."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
