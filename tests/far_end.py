"""The far end of a network in memory: its rooms as logs, all that happens there counted.

It outlives the adapters that look at it, as a server outlives a bot's process.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from msgspec import structs

from bot.errors import AccountRefused, PlatformError
from bot.events import (
    AccountId,
    Answer,
    Author,
    CommandTyped,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    Event,
    File,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Moved,
    Post,
    React,
    Reacted,
    RoomId,
    RosterChanged,
    Share,
    Standing,
    Topic,
    TopicChanged,
    Unreact,
    person_id,
    room_id,
)
from bot.forms import Form
from bot.platforms.base import Roster
from bot.richtext import RichText, plain, say

_MEMBER = Standing.MEMBER
SAID = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


class Fault(Enum):
    """How one request can go wrong."""

    HANG_UP_BEFORE = auto()
    """The connection is cut before the request was carried out."""
    HANG_UP_AFTER = auto()
    """It is carried out, then the connection is cut."""
    LATE = auto()
    """Nothing is heard of it; it is carried out after the first look-up for it."""
    THROTTLE = auto()
    UNREACHABLE = auto()
    REFUSE = auto()
    BREAK = auto()
    """The adapter itself fails, with an exception that it should not have raised."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A message as it stands in a room, or (with `to`) before one person."""

    room: RoomId
    message: MessageId
    author: Author | None
    text: str
    delivery: DeliveryId | None = None
    thread: MessageId | None = None
    to: str | None = None
    mark: str | None = None
    """The emoji of a reaction."""
    reply_to: MessageId | None = None
    files: tuple[File, ...] = ()
    """What a person put there."""
    held: bytes | None = None
    """What the bot put there: the bytes of one file, whose name is the text."""
    version: str = ""
    """Its newest edit."""
    deleted: bool = False
    """Nobody sees it any more."""
    said: datetime = SAID


class FarEnd:
    """The network itself, shared by all adapters that look at it."""

    def __init__(self, account: str = "fake:far", rooms: Sequence[str] = ("r1",)) -> None:
        self.account = AccountId(account)
        self.rooms: dict[RoomId, list[Landed]] = {room_id(self.account, r): [] for r in rooms}
        self.privates: list[Landed] = []
        self.reactions: list[Landed] = []
        self.forms: list[tuple[str, Form]] = []
        """Forms that were shown, by the handle that opened them;"""
        self.responses: list[object] = []
        """and what acknowledgements said."""
        self.calls: list[CommandTyped] = []
        self.tries: list[Delivery] = []
        """Every request to deliver, in the order in which they came."""
        self.looked_up: list[DeliveryId] = []
        self.faults: dict[RoomId | None, deque[Fault]] = defaultdict(deque)
        """Scripted for the next requests to a room, or (None) to any."""
        self.find_faults: deque[Fault] = deque()
        self.late: list[Delivery] = []
        self.held = asyncio.Event()
        """While it is clear, deliveries wait: for tests of what happens meanwhile."""
        self.held.set()
        self.files_held = asyncio.Event()
        """While it is clear, files of people here are not given out."""
        self.files_held.set()
        self.begun = 0
        """How many requests to deliver have reached us, held ones included."""
        self.pause = 30.0
        """Seconds that a throttled request is told to wait."""
        self.up = True
        self.refused: AccountRefused | None = None
        self.barred: set[RoomId] = set()
        """Rooms that the bot was put out of."""
        self.files: dict[str, bytes] = {}
        """By their handles; what a share was given, by the delivery's id."""
        self.same: dict[RoomId, str] = {}
        """The conversation that a room is, where that is another room's too."""
        self.topics: dict[RoomId, str] = {}
        self.rosters: dict[RoomId, Roster] = {}
        """Who reads a room beside the bot, where anybody does (see `seat`)."""
        self.roster_faults: deque[PlatformError] = deque()
        """Scripted for the next questions for a roster."""
        self.rosters_held = asyncio.Event()
        """While it is clear, rosters are not given out."""
        self.rosters_held.set()
        self.rosters_asked = 0
        """How many questions for a roster have reached us, held ones included."""
        self.happened: list[Event] = []
        """Edits, deletions, reactions and topics: every adapter gets them from the first on."""
        self.extra: deque[Event] = deque()
        """Events to be handed out beside the rooms' own: doubles, malformed ones."""
        self.changed = asyncio.Event()
        self._numbers = 0

    def room(self, local: str = "r1") -> RoomId:
        return room_id(self.account, local)

    def author(self, name: str) -> Author:
        return Author(person_id(self.account, name.lower()), name)

    def say(
        self,
        text: str,
        *,
        name: str = "Ada",
        local: str = "r1",
        thread: MessageId | None = None,
        files: Mapping[str, bytes] | None = None,
        said: datetime = SAID,
        reply_to: MessageId | None = None,
    ) -> MessageId:
        """A person says something in a room, perhaps with files, by their names."""
        message = self._next()
        held = []
        for file_name, content in (files or {}).items():
            handle = f"{message}/{file_name}"
            self.files[handle] = content
            held.append(File(self.account, handle, file_name, size=len(content)))
        self._land(
            Landed(
                self.room(local),
                message,
                self.author(name),
                text,
                thread=thread,
                files=tuple(held),
                said=said,
                reply_to=reply_to,
            )
        )
        return message

    def edit(self, message: MessageId, text: str, *, local: str = "r1") -> None:
        """A person says a message of theirs in other words."""
        self._edit(self.room(local), message, text)

    def delete(self, message: MessageId, *, local: str = "r1") -> None:
        """A person takes a message back."""
        self._delete(self.room(local), message)

    def react(
        self,
        message: MessageId,
        emoji: str,
        *,
        name: str = "Ada",
        local: str = "r1",
        added: bool = True,
    ) -> None:
        """A person reacts to a message, or does so no more."""
        author = self.author(name)
        self._tell(Reacted(self.room(local), message, author, emoji, added, self._now()))

    def set_topic(self, topic: str, *, name: str = "Ada", local: str = "r1") -> None:
        """A person sets a room's topic."""
        self._set_topic(self.room(local), topic, self.author(name))

    def roster(self, room: RoomId) -> Roster:
        """Who reads a room, the bot among them."""
        found = self.rosters.get(room, Roster((), history_from_joining=True, encrypted=True))
        return replace(found, readers=(*found.readers, _us(self.account)))

    def seat(self, roster: Roster, *, local: str = "r1") -> None:
        """A room has other readers, or is otherwise another one than before."""
        self.rosters[self.room(local)] = roster
        self._tell(RosterChanged(self.room(local)))

    def move(self, name: str, *, local: str = "r1", joined: bool = True) -> None:
        """A person comes into a room, or leaves it; a member of their house."""
        room, author = self.room(local), structs.replace(self.author(name), standing=_MEMBER)
        found = self.roster(room)
        ours = _us(self.account).person
        others = [each for each in found.readers if each.person not in {ours, author.person}]
        if joined:
            others.append(author)
        self.rosters[room] = replace(found, readers=tuple(others))
        self._tell(Moved(room, self._next(), author, joined, self._now()))

    def call(self, text: str, *, name: str = "Ada", local: str = "r1") -> CommandTyped:
        """A person types a slash-command."""
        typed = CommandTyped(self.room(local), self._next(), self.author(name), text, SAID)
        self.calls.append(typed)
        self.stir()
        return typed

    def double(self, message: MessageId, local: str = "r1") -> None:
        """The network gives an event again that it gave before."""
        found = next(each for each in self.rooms[self.room(local)] if each.message == message)
        self.extra.append(event_of(found))
        self.stir()

    def hand_out(self, event: Event) -> None:
        """The network gives this event, whatever it is."""
        self.extra.append(event)
        self.stir()

    def texts(self, local: str = "r1") -> list[str]:
        """What people read in a room."""
        return [each.text for each in self.standing(local)]

    def standing(self, local: str = "r1") -> list[Landed]:
        """What stands in a room."""
        return [each for each in self.rooms[self.room(local)] if not each.deleted]

    def copies(self, local: str = "r1") -> list[str]:
        """What the bot wrote into a room."""
        return [each.text for each in self.standing(local) if each.delivery]

    def marks(self, message: MessageId) -> list[str]:
        """The bot's reactions to a message."""
        return [str(each.mark) for each in self.reactions if each.message == message]

    def told(self, name: str) -> list[str]:
        """What one person was answered in private."""
        person = self.author(name).person
        return [each.text for each in self.privates if each.to == person]

    def cut(self) -> None:
        """Nothing gets through, either way."""
        self.up = False
        self.stir()

    def restore(self) -> None:
        """It gets through again."""
        self.up = True
        self.stir()

    def apply_late(self, key: DeliveryId | None = None) -> None:
        """What was accepted without a word is carried out now."""
        for delivery in [each for each in self.late if key in {None, each.id}]:
            self.late.remove(delivery)
            self.apply(delivery)

    def apply(self, delivery: Delivery) -> MessageId:
        """Carry a delivery out."""
        message = self._next()
        room, key = delivery.room, delivery.id
        match delivery.content:
            case Post(body, author, thread) as post:
                text, answered = plain(body), post.reply_to
                self._land(Landed(room, message, author, text, key, thread, reply_to=answered))
            case Share(file, author, thread):
                held = self.files[key]
                self._land(Landed(room, message, author, file.name, key, thread, held=held))
            case Answer(person, body):
                self.privates.append(Landed(room, message, None, plain(body), key, to=person))
            case Edit(body, _, target):
                self._edit(room, target, plain(body), own=True)
            case Delete(target):
                self._delete(room, target, own=True)
            case React(emoji, target):
                self._show(Landed(room, target, None, "", key, mark=emoji))
            case Unreact(emoji, target):
                self._hide(room, target, emoji)
            case Topic(text):
                self._set_topic(room, text, None)
        self.stir()
        return message

    def find(self, key: DeliveryId) -> MessageId | None:
        """The message that a delivery became, in any room."""
        everywhere = (each for room in self.rooms.values() for each in room)
        return next((each.message for each in everywhere if each.delivery == key), None)

    def stands(self, room: RoomId, message: MessageId) -> bool:
        """Whether a message is there to be edited or reacted to."""
        return any(each.message == message and not each.deleted for each in self.rooms[room])

    def stir(self) -> None:
        """Wake whoever waits for something to change."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def until(self, done: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait until something at the far end is so."""
        async with asyncio.timeout(seconds):
            while not done():
                await self.changed.wait()

    def _next(self) -> MessageId:
        self._numbers += 1
        return MessageId(f"{self._numbers:08d}")

    def _land(self, landed: Landed) -> None:
        self.rooms[landed.room].append(landed)
        self.stir()

    def _edit(self, room: RoomId, message: MessageId, text: str, *, own: bool = False) -> None:
        version = self._next()
        now = self._replace(room, message, text=text, version=version)
        if now is not None:
            author, body = event_of(now).author, say(text)
            self._tell(MessageEdited(room, message, author, body, version, self._now(), own))

    def _delete(self, room: RoomId, message: MessageId, *, own: bool = False) -> None:
        if self._replace(room, message, deleted=True) is not None:
            self._tell(MessageDeleted(room, message, self._now(), own=own))

    def _replace(self, room: RoomId, message: MessageId, **values: Any) -> Landed | None:
        log = self.rooms[room]
        for place, each in enumerate(log):
            if each.message == message and not each.deleted:
                log[place] = replace(each, **values)
                return log[place]
        return None

    def _show(self, reaction: Landed) -> None:
        """Twice is once."""
        if str(reaction.mark) not in self.marks(reaction.message):
            self.reactions.append(reaction)
            self._tell_of_ours(reaction.room, reaction.message, str(reaction.mark), added=True)

    def _hide(self, room: RoomId, message: MessageId, emoji: str) -> None:
        if emoji in self.marks(message):
            self.reactions = [
                each for each in self.reactions if (each.message, each.mark) != (message, emoji)
            ]
            self._tell_of_ours(room, message, emoji, added=False)

    def _tell_of_ours(self, room: RoomId, message: MessageId, emoji: str, *, added: bool) -> None:
        us = _us(self.account)
        self._tell(Reacted(room, message, us, emoji, added, self._now(), own=True))

    def _set_topic(self, room: RoomId, topic: str, author: Author | None) -> None:
        self.topics[room] = topic
        who = author or _us(self.account)
        told = TopicChanged(room, self._next(), who, topic, self._now(), own=author is None)
        self._tell(told)

    def _tell(self, event: Event) -> None:
        self.happened.append(event)
        self.stir()

    def _now(self) -> datetime:
        """Later at every look."""
        return SAID + timedelta(seconds=len(self.happened) + 1)


def event_of(landed: Landed) -> MessagePosted:
    """The event that a message in a room is."""
    us = _us(AccountId(landed.room.partition("/")[0]))
    author = us if landed.delivery is not None else landed.author or us
    return MessagePosted(
        landed.room,
        landed.message,
        author,
        say(landed.text) if landed.text else RichText(()),
        landed.said,
        thread=landed.thread,
        own=landed.delivery,
        files=landed.files,
        reply_to=landed.reply_to,
        version=landed.version,
    )


def _us(account: AccountId) -> Author:
    return Author(person_id(account, "bot"), "Bot", bot=True, standing=Standing.OURS)
