"""Three small networks in memory, their people, and the bot between them; all of it synchronous.

What people did is the truth here; what the bot's networks tell it of that is up to the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from bot.bridge.places import Channel, Places
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import advancing, outbox, report
from bot.delivery.advancing import Empty, LookUp, Send, Wait
from bot.delivery.inlet import Handled
from bot.delivery.naming import FILES, PERSON
from bot.delivery.outcomes import Delivered, Postponed, Refusal, Settled, Unclear
from bot.delivery.rules import Gate, NoGate, Rules
from bot.errors import Refused
from bot.events import (
    Answer,
    Author,
    Content,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    Event,
    MessageId,
    MessagePosted,
    PersonId,
    Post,
    React,
    RoomId,
    Share,
    Topic,
    Unreact,
)
from bot.handler import Handler
from bot.platforms.base import Capabilities
from bot.richtext import plain, say
from bot.store.tables import Base, Outbox, State
from bot.words import words_for
from tests.custody import open_house

R1, R2, R3 = ROOMS = tuple(RoomId(f"fake:{name}/room") for name in ("a", "b", "c"))
START = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
WORDS = words_for("en")
decode = msgspec.json.Decoder(Content).decode
NO_GATE = NoGate()
RULES = Rules("", timedelta(0), timedelta(seconds=30), resend_privates=True)


def person(name: str, room: RoomId = R1) -> Author:
    return Author(PersonId(f"{room.partition('/')[0]}/{name.lower()}"), name)


@dataclass
class Shown:
    """A message as it stands in a room."""

    message: MessageId
    author: Author | None
    text: str
    thread: MessageId | None = None
    reply_to: MessageId | None = None
    file: str = ""
    deleted: bool = False
    theirs: bool = False
    """Said by a person in this room."""
    marks: list[str] = field(default_factory=list)
    """The bot's reactions."""


@dataclass
class Room:
    """One room of one network, which counts its own ids."""

    room: RoomId
    shown: dict[MessageId, Shown] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    topic: str = ""
    refuses: bool = False
    refused: set[str] = field(default_factory=set)
    """Names of files that it does not take."""
    answers: list[str] = field(default_factory=list)
    _number: int = 0

    def next(self) -> MessageId:
        self._number += 1
        return MessageId(f"{self._number:06d}")

    def say(self, message: str) -> None:
        """A person says something."""
        key = MessageId(message)
        self.shown[key] = Shown(key, None, "", theirs=True)

    def standing(self) -> list[Shown]:
        return [each for each in self.shown.values() if not each.deleted]

    def texts(self) -> list[str]:
        return [each.text for each in self.standing()]

    def apply(self, delivery: Delivery) -> MessageId | None:
        """Carry out a request as a network does: what is about nothing is a mistake of ours."""
        if self.refuses:
            raise Refused("room_gone")
        match delivery.content:
            case Post(body, author, thread, _, reply_to) as post:
                self.posts.append(post)
                return self._land(Shown(self.next(), author, plain(body), thread, reply_to))
            case Share(file, author, thread):
                if file.name in self.refused:
                    raise Refused("file_gone")
                return self._land(Shown(self.next(), author, "", thread, file=file.name))
            case Edit(body, _, message):
                self._there(message).text = plain(body)
            case Delete(message):
                self.shown[message].deleted = True
            case React(emoji, message):
                marks = self._there(message).marks
                marks[:] = [*(each for each in marks if each != emoji), emoji]
                return self.next()
            case Unreact(emoji, message):
                marks = self._there(message).marks
                marks[:] = [each for each in marks if each != emoji]
            case Topic(text):
                self.topic = text
            case Answer(_, body):
                self.answers.append(plain(body))
        return None

    def _there(self, message: MessageId) -> Shown:
        """What is to be changed. People may have deleted their own before the bot heard of it."""
        found = self.shown[message]
        if found.deleted and found.theirs:
            raise Refused("message_not_found")
        assert not found.deleted, "nothing is done to what we deleted"
        return found

    def _land(self, shown: Shown) -> MessageId:
        self.shown[shown.message] = shown
        return shown.message


class Bot:
    """The handler and the lanes' decisions on one store."""

    def __init__(
        self,
        session: Session,
        handler: Handler,
        rooms: Sequence[RoomId] = ROOMS,
        gate: Gate = NO_GATE,
    ) -> None:
        self.session = session
        self.rules = replace(RULES, gate=gate)
        self.handler = handler
        self.rooms = {room: Room(room) for room in rooms}
        self.now = START
        self.sent: dict[RoomId, list[Delivery]] = {room: [] for room in rooms}
        self.landed: dict[str, MessageId | None] = {}
        self._settled: dict[str, Settled] = {}

    def tell(self, event: Event) -> Handled:
        """A network tells the bot of an event."""
        self.now += timedelta(seconds=1)
        return self.handler(self.session, event, self.now)

    def send(self, lane: str, *, lost: bool = False, later: bool = False) -> bool:
        """The room's or file's lane takes one step; False where it has nothing to do. `lost`: no
        answer is heard of it, but we meet the message in its room. `later`: a file does not land
        at the first try.
        """
        step = advancing.advance(
            self.session, lane, self._settled.pop(lane, None), self.rules, self.now
        )
        match step:
            case Send(delivery):
                if isinstance(delivery.content, Share) and later:
                    outbox.settle(self.session, Postponed(delivery.id, self.now, "x"), self.now)
                    return True
                try:
                    landed = self.rooms[delivery.room].apply(delivery)
                except Refused as error:
                    outbox.settle(self.session, Refusal(delivery.id, error.reason), self.now)
                    return True
                self.sent[delivery.room].append(delivery)
                self.landed[delivery.id] = landed
                self._settled[lane] = Delivered(delivery.id, landed)
                if lost:
                    self._settled[lane] = Unclear(delivery.id, "cut", self.now)
                    if isinstance(delivery.content, Post | Share) and landed is not None:
                        self._meet(delivery, landed)
            case LookUp() | Wait():
                raise AssertionError(step)
            case Empty():
                return False
        if not lost:  # what landed is known before anybody can answer it
            outbox.settle(self.session, self._settled.pop(lane), self.now)
        return True

    def begin(self, lane: str) -> None:
        """A lane begins with what it has next; how that ends is settled with its next step."""
        step = advancing.advance(self.session, lane, None, self.rules, self.now)
        assert isinstance(step, Send)
        landed = self.rooms[step.delivery.room].apply(step.delivery)
        self._settled[lane] = Delivered(step.delivery.id, landed)

    def land(self, key: str) -> None:
        """What was not heard of has landed: we meet it in its room."""
        (row,) = (each for each in self.rows() if each.id == key)
        delivery = Delivery(DeliveryId(row.id), RoomId(row.room), decode(row.content or b""))
        landed = self.rooms[delivery.room].apply(delivery)
        assert landed is not None
        self._meet(delivery, landed)

    def retry(self) -> None:
        """An administrator has everything that was refused tried again."""
        report.retry(self.session, None)

    def rows(self, room: RoomId | None = None) -> list[Outbox]:
        """Every delivery, in the order of writing; those of one room."""
        self.session.expire_all()
        rows = self.session.execute(select(Outbox).order_by(Outbox.seq)).scalars()
        return [row for row in rows if room in {None, row.room}]

    def asides(self, room: RoomId) -> list[str]:
        """The lanes of the files that are on their way to a room."""
        lanes = outbox.lanes_in_use(self.session)
        return sorted(lane for lane in lanes if lane.startswith(f"{FILES}{room}#"))

    def waiting(self, room: RoomId) -> list[Content]:
        """What the room's lane holds."""
        rows = select(Outbox.content).where(Outbox.room == room, Outbox.state == State.WAITING)
        return [decode(row or b"") for row in self.session.execute(rows).scalars()]

    def settle(self) -> None:
        """Everything that waits is sent."""
        for room in self.rooms:
            while self.send(room) or any(self.send(lane) for lane in self.asides(room)):
                pass

    def told(self) -> list[str]:
        """What people are answered in private from now on; each answer is sent by this."""
        answers = [room.answers for room in self.rooms.values()]
        for each in answers:
            each.clear()
        for lane in outbox.lanes_in_use(self.session):
            while lane.startswith(PERSON) and self.send(lane):
                pass
        return [text for each in answers for text in each]

    def _meet(self, delivery: Delivery, message: MessageId) -> None:
        robot = Author(PersonId("fake:x/bot"), "Liaison", bot=True)
        self.tell(MessagePosted(delivery.room, message, robot, say(""), self.now, own=delivery.id))


@contextmanager
def empty_store(engine: Engine) -> Iterator[Session]:
    """A session on a store with nothing in it; all is forgotten at the end."""
    with engine.connect() as connection, Session(connection) as session:
        yield session
        session.rollback()


def store_in_memory() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    return engine


def handler_for(channel: Channel, able: Capabilities, custody: Gatekeeper | None = None) -> Handler:
    places = Places({channel.name: channel}, frozenset(), lambda _account: able)
    custody = custody or open_house({channel.name: channel.rooms})
    return Handler(places, frozenset({"help"}), ("Liaison",), WORDS, custody)
