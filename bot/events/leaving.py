"""What leaves for a room, or for one person, and the request that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from bot.events.carried import Control, File, Manner
from bot.events.places import Author, DeliveryId, MessageId, PersonId, RoomId
from bot.richtext import RichText


class Post(msgspec.Struct, frozen=True, tag="post", omit_defaults=True):
    """A message that all in the room see. `author` None: the bot's own words."""

    body: RichText
    author: Author | None = None
    thread: MessageId | None = None
    """The root, by the target room's own id."""
    manner: Manner = Manner.SAID
    reply_to: MessageId | None = None
    """The message that it answers, by the target room's own id."""
    broadcast: bool = False
    headed: bool = False
    """Its first block says that it answers something: left out where `thread` or `reply_to` does.
    For the outbox, and nothing to a network."""
    labelled: bool = False
    """A line of ours says how it is marked, before its author's words. For the bridge."""
    controls: tuple[Control, ...] = ()


class Edit(msgspec.Struct, frozen=True, tag="edit", omit_defaults=True):
    """Other words for a message of ours; `message` by the room's own id, set when it is sent. The
    bot's own words name the delivery that `made` the message; what controls they have not, it has
    no more.
    """

    body: RichText
    author: Author | None = None
    message: MessageId = MessageId("")
    manner: Manner = Manner.SAID
    made: DeliveryId = DeliveryId("")
    """The delivery that made the message, set when it is sent: its mark stays on the message."""
    headed: bool = False
    """As of `Post`."""
    labelled: bool = False
    """As of `Post`."""
    calls: tuple[PersonId, ...] = ()
    """Those whom these words mention and the ones before did not: who is to be told of it."""
    controls: tuple[Control, ...] = ()


class Delete(msgspec.Struct, frozen=True, tag="delete", omit_defaults=True):
    """Take a message of ours back."""

    message: MessageId = MessageId("")
    made: DeliveryId = DeliveryId("")
    """The delivery that made the message, set when it is sent."""


class Answer(msgspec.Struct, frozen=True, tag="answer", omit_defaults=True):
    """A private answer to one person who asked in the delivery's room.

    `reply` is the handle of `CommandTyped`; `direct`: the room is their direct room already.
    `replaces`: where that can be, it takes the place of the answer that was pressed on. `secret`:
    its text is erased as soon as it is final (see `bot.delivery.forgetting`).
    `lasting`: nobody asked, and they may be away: it stands in their direct room on every network.
    `team`: for which it was made: who is of that no more when it is sent does not get it.
    """

    person: PersonId
    body: RichText
    reply: str | None = None
    thread: MessageId | None = None
    direct: bool = False
    controls: tuple[Control, ...] = ()
    replaces: bool = False
    secret: bool = False
    lasting: bool = False
    team: str = ""


class Offered(msgspec.Struct, frozen=True, omit_defaults=True):
    """That a reaction is a control, to be joined: for networks without buttons alone.

    `person`: of a private answer, which is perhaps not in the delivery's room; `direct` as of it.
    """

    person: PersonId | None = None
    direct: bool = False


class React(msgspec.Struct, frozen=True, tag="react", omit_defaults=True):
    """A reaction by the bot to a message of the room: a Unicode emoji, or `:name:`."""

    emoji: str
    message: MessageId = MessageId("")
    on: DeliveryId = DeliveryId("")
    """The delivery of ours whose message it is put on, where that is a copy of none."""
    offered: Offered | None = None


class Unreact(msgspec.Struct, frozen=True, tag="unreact", omit_defaults=True):
    """Remove a reaction of the bot; `reaction` is the id that it has of its own, if it has one."""

    emoji: str
    message: MessageId = MessageId("")
    reaction: MessageId | None = None
    on: DeliveryId = DeliveryId("")
    """As of `React`."""
    offered: Offered | None = None


class Line(msgspec.Struct, frozen=True):
    """What becomes of the line that stands in the place of a file that does not land at once."""

    landed: RichText
    """It says this when the file is there,"""
    refused: RichText
    """and this when it never will be;"""
    told: RichText
    """which its author hears, once."""


class Share(msgspec.Struct, frozen=True, tag="share", omit_defaults=True):
    """A file, streamed from its home network; as a message of its own."""

    file: File
    author: Author | None = None
    thread: MessageId | None = None
    line: Line | None = None
    """Of the part before it, which follows it in the outbox (see `bot.delivery.files`)."""
    large: bool = False
    """It is not waited for: it goes on in a lane of its own from the beginning."""
    secret: bool = False
    """As of `Answer`."""


class Topic(msgspec.Struct, frozen=True, tag="topic"):
    """The room's topic."""

    text: str


Content = Post | Edit | Delete | Answer | React | Unreact | Share | Topic

IDEMPOTENT = (Edit, Delete, React, Unreact, Topic)
"""Done twice is done once: where the outcome is unknown they are sent again, not looked for."""


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
    new: tuple[RoomId, MessageId] | None = None
    """That message, where nobody knew it before: none of its copies has been written yet."""
    thread: int | None = None
    """The row in `message` in whose thread it belongs."""
    part: int = 0
    """Which of the messages that one was split into (see `bot.bridge.parts`)."""
    about: int | None = None
    """The row in `message` whose copy it changes or takes back (the same part), or reacts to or
    answers (the first part)."""
    expires: datetime | None = None
    delayed: datetime | None = None
    """Until when it waits, so that its author can undo it (see `bot.bridge.delaying`)."""
    matter: str | None = None
    """JSON of how it is marked, where it is a copy of no message (see `bot.custody`)."""
    id: DeliveryId | None = None
    """Its delivery's, where somebody has to know that before it is written; else it gets one."""
