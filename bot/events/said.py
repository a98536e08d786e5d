"""What somebody did in a room: said, changed, took back, reacted, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.events.carried import File, Manner
from bot.events.places import Author, DeliveryId, MessageId, PersonId, RoomId
from bot.richtext import RichText


@dataclass(frozen=True, slots=True)
class Quoted:
    """Another message that a message shows: it was forwarded, or its link shows it."""

    room: RoomId
    message: MessageId


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
    files: tuple[File, ...] = ()
    manner: Manner = Manner.SAID
    reply_to: MessageId | None = None
    """The one message that it answers, outside of threads or inside of one."""
    broadcast: bool = False
    """Said in a thread and shown in the room as well."""
    version: str = ""
    """The edit (`MessageEdited.version`) that these words are of, where history shows a message
    that was edited since; "" for the first words."""
    quotes: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message has other words now.

    `version` orders a message's edits (a time in the network's own notation, which sorts as text).
    `own`: our own edit, seen again.
    """

    room: RoomId
    message: MessageId
    author: Author
    body: RichText
    version: str
    said: datetime
    own: bool = False
    manner: Manner = Manner.SAID
    files: tuple[File, ...] | None = None
    """The files that it has now, None where the network does not say."""
    quotes: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message, or (where a network deletes those alike) a reaction, was taken back."""

    room: RoomId
    message: MessageId
    said: datetime
    by: PersonId | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction was added or removed. `emoji`: the Unicode sequence without variation selectors,
    or `:name:`; `reaction`: the id that it has of its own, "" where the network gives none.
    """

    room: RoomId
    message: MessageId
    author: Author
    emoji: str
    added: bool
    said: datetime
    reaction: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class TopicChanged:
    """A room's topic is another one; empty: there is none now."""

    room: RoomId
    event: str
    author: Author
    topic: str
    said: datetime
    own: bool = False
    purpose: bool = False
    """What the room is for, where a network says that beside the topic."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A message was pinned in its room, or unpinned."""

    room: RoomId
    event: str
    message: MessageId
    author: Author
    pinned: bool
    said: datetime
    own: bool = False


@dataclass(frozen=True, slots=True)
class CommandTyped:
    """A slash-command, as its network hands it over, or a control that was pressed: `text` is
    everything after the slash.

    `call` is what makes it unique (Slack's trigger id); `reply` is the network's own handle to
    answer by (Slack's response_url), usable for a while only, or None. `answers`: the message that
    it was pressed on or chosen for, and `thread` that message's. `pressed`: the delivery that
    made the control. `opens`: the network's handle by which a form can be shown to its asker, for
    three seconds or so; None where none can be. `stands`: its answer stays where it is shown
    until another takes its place.
    """

    room: RoomId
    call: str
    author: Author
    text: str
    said: datetime
    reply: str | None = None
    direct: bool = False
    answers: MessageId | None = None
    thread: MessageId | None = None
    pressed: DeliveryId | None = None
    opens: str | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True)
class FormFilled:
    """A form came back (`bot.forms`): `values` by its fields' names, what was left empty not among
    them. The rest as of `CommandTyped`.
    """

    room: RoomId
    call: str
    author: Author
    command: str
    values: Mapping[str, str]
    said: datetime
    reply: str | None = None
    direct: bool = False
    answers: MessageId | None = None
    thread: MessageId | None = None
