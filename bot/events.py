"""What can happen in a room, and what can leave for one: inert values, no behaviour.

Ids are opaque strings with the account in front: an account is `slack:alpha` or
`matrix:coalition`, a room is `slack:alpha/C01GEN`, a person `matrix:coalition/@ada:example.org`.
Never split what stands after the first slash: Matrix room ids of today have no server part.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


class Standing(StrEnum):
    """What a person is in the workspace or on the server that they are seen in.

    The network says it: Slack by `is_restricted`, `is_ultra_restricted`, `team_id`, `is_bot`
    (https://docs.slack.dev/reference/objects/user-object). On a network where an id says which
    server somebody belongs to, everybody is a member.
    """

    MEMBER = "member"
    GUEST = "guest"
    """Let in, and not of the house."""
    FOREIGN = "foreign"
    """Of another workspace, seen in a room that both share."""
    APP = "app"
    """Another bot or app: it belongs to whom its workspace or server belongs to."""
    OURS = "ours"
    """The bot itself: of no team, and no reader."""
    UNKNOWN = "unknown"
    """Not looked up yet: only who is named as a person belongs to a team."""


class Author(msgspec.Struct, frozen=True):
    """Who said it. `name` is what the network shows; it is data, never part of the text."""

    person: PersonId
    name: str
    bot: bool = False
    standing: Standing = Standing.UNKNOWN
    team: str = ""
    """What their team is called, set when it is relayed; "" where they are of none."""
    mark: str = ""
    """The id by which they are told from somebody whose name theirs looks like; "" for most."""
    picture: str = ""
    """Their picture, as a `File.handle` of their account's; "" where they have none."""


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


# ── what arrives ────────────────────────────────────────────────────────────────────────────────


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
class CommandTyped:
    """A slash-command, as its network hands it over, or a control that was pressed: `text` is
    everything after the slash.

    `call` is what makes it unique (Slack's trigger id); `reply` is the network's own handle to
    answer by (Slack's response_url), usable for a while only, or None. `answers`: the message that
    it was pressed on or chosen for, and `thread` that message's. `pressed`: the delivery that
    made the control. `opens`: the network's handle by which a form can be shown to its asker, for
    three seconds or so; None where none can be.
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


Event = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | Reacted
    | StretchRead
    | LeftOut
    | TopicChanged
    | Pinned
    | Moved
    | RosterChanged
    | RoomRead
    | CommandTyped
    | FormFilled
    | Ignored
    | Unreadable
    | Undeliverable
)


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
    `moment` orders what happens in one room, as text, where the network says when it happened.
    """

    event: Event
    mark: Mark | None = None
    acknowledge: Callable[..., Awaitable[None]] = _no_acknowledgement
    live: bool = True
    received: float = 0.0
    moment: str = ""


# ── what leaves ─────────────────────────────────────────────────────────────────────────────────


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
