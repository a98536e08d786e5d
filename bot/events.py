"""What can happen in a room, and what can leave for one: inert values, no behaviour.

Ids are opaque strings with the account in front: an account is `slack:alpha` or
`matrix:coalition`, a room is `slack:alpha/C01GEN`, a person `matrix:coalition/@ada:example.org`.
Never split what stands after the first slash: Matrix room ids of today have no server part.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

import msgspec

from bot.richtext import RichText

AccountId = NewType("AccountId", str)
RoomId = NewType("RoomId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", str)
"""A message's id on its network (Slack's `ts`, Matrix's event id), unique inside its room."""
DeliveryId = NewType("DeliveryId", str)
"""Ours, `d` and 26 letters and digits; never changes, safe in URLs and Slack's block ids."""


def room_id(account: AccountId, local: str) -> RoomId:
    """The room `local` (the network's own id) of an account."""
    return RoomId(f"{account}/{local}")


def person_id(account: AccountId, local: str) -> PersonId:
    """The person `local` (the network's own id) as seen by an account."""
    return PersonId(f"{account}/{local}")


def account_of(place: RoomId | PersonId) -> AccountId:
    """The account that a room or person is seen by."""
    return AccountId(place.partition("/")[0])


def local(place: RoomId | PersonId) -> str:
    """The network's own id of a room or person."""
    return place.partition("/")[2]


class Author(msgspec.Struct, frozen=True):
    """Who said it. `name` is what the network shows; it is data, never part of the text."""

    person: PersonId
    name: str
    bot: bool = False


# ── what arrives ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A new message in a room.

    `own` is the delivery that made it, where we find our own words again, and `""` where it is
    ours but of no delivery we can name; None for everybody else's. `direct`: a room that only the
    author and the bot are in.
    """

    room: RoomId
    message: MessageId
    author: Author
    body: RichText
    said: datetime
    thread: MessageId | None = None
    own: DeliveryId | None = None
    direct: bool = False
    mentions_bot: bool = False


@dataclass(frozen=True, slots=True)
class CommandTyped:
    """A slash-command, as its network hands it over: `text` is everything after the slash.

    `call` is what makes it unique (Slack's trigger id); `reply` is the network's own handle to
    answer by (Slack's response_url), usable for a while only, or None.
    """

    room: RoomId
    call: str
    author: Author
    text: str
    said: datetime
    reply: str | None = None
    direct: bool = False


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


Event = MessagePosted | CommandTyped | Ignored | Unreadable | Undeliverable


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source has been read: committed in the same transaction as the event it is with.

    `scope` is a room's id, or an account's where the network has one position for all its rooms;
    `position` is the network's own (Slack's `ts`, Matrix's sync token).
    """

    scope: str
    position: str


async def _no_acknowledgement(response: object = None) -> None:
    """For what needs none (history, a sync stream)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, the mark that goes with it, and how to acknowledge it.

    `acknowledge` is called once, after the commit; `response` is what the network should show at
    once, if it can (a modal's errors). `live` is False for what comes from history. `received`
    is the `time.perf_counter()` at which its bytes were read, for measuring.
    """

    event: Event
    mark: Mark | None = None
    acknowledge: Callable[..., Awaitable[None]] = _no_acknowledgement
    live: bool = True
    received: float = 0.0


# ── what leaves ─────────────────────────────────────────────────────────────────────────────────


class Post(msgspec.Struct, frozen=True, tag="post", omit_defaults=True):
    """A message that all in the room see. `author` None: the bot's own words."""

    body: RichText
    author: Author | None = None
    thread: MessageId | None = None
    """The root, by the target room's own id."""


class Answer(msgspec.Struct, frozen=True, tag="answer", omit_defaults=True):
    """A private answer to one person who asked in the delivery's room.

    `reply` is the handle of `CommandTyped`; `direct`: the room is their direct room already.
    """

    person: PersonId
    body: RichText
    reply: str | None = None
    thread: MessageId | None = None
    direct: bool = False


class React(msgspec.Struct, frozen=True, tag="react"):
    """A reaction by the bot to a message of the room: one Unicode emoji."""

    message: MessageId
    emoji: str


Content = Post | Answer | React


class Delivery(msgspec.Struct, frozen=True):
    """One request, one message. `room` is where it goes, or where the person asked."""

    id: DeliveryId
    room: RoomId
    content: Content
    via: str | None = None
    """The session (`Platform.session`) by which it was first tried, None before the first try."""
    tried: datetime | None = None
    """When it was first tried."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a handler decides to send. `lane` is the room unless it is for one person."""

    room: RoomId
    content: Content
    lane: str = ""
    source: int | None = None
    """The row in `message` that it is a copy of."""
    thread: int | None = None
    """The row in `message` in whose thread it belongs."""
    expires: datetime | None = None
