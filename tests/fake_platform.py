"""A network in memory, its far end counted, with faults on request.

`FarEnd` is the network: it outlives the adapters (`FakePlatform`) that look at it, as a server
outlives a bot's process. Rooms are logs: an adapter reads each from its committed mark on, so what
was missed comes before what is new without any more ado.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, Refused, Throttled
from bot.events import (
    AccountId,
    Answer,
    Arrival,
    Author,
    CommandTyped,
    Delivery,
    DeliveryId,
    Event,
    Mark,
    MessageId,
    MessagePosted,
    Post,
    React,
    RoomId,
    person_id,
    room_id,
)
from bot.platforms.base import Capabilities, Finding, Memory, RoomInfo, Sent
from bot.richtext import plain, say

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


class FarEnd:
    """The network itself, shared by all adapters that look at it."""

    def __init__(self, account: str = "fake:far", rooms: Sequence[str] = ("r1",)) -> None:
        self.account = AccountId(account)
        self.rooms: dict[RoomId, list[Landed]] = {room_id(self.account, r): [] for r in rooms}
        self.privates: list[Landed] = []
        self.reactions: list[Landed] = []
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
        self.begun = 0
        """How many requests to deliver have reached us, held ones included."""
        self.pause = 30.0
        """Seconds that a throttled request is told to wait."""
        self.up = True
        self.refused: AccountRefused | None = None
        self.extra: deque[Event] = deque()
        """Events to be handed out beside the rooms' own: doubles, malformed ones."""
        self.changed = asyncio.Event()
        self._numbers = 0

    def room(self, local: str = "r1") -> RoomId:
        return room_id(self.account, local)

    def author(self, name: str) -> Author:
        return Author(person_id(self.account, name.lower()), name)

    def say(
        self, text: str, *, name: str = "Ada", local: str = "r1", thread: MessageId | None = None
    ) -> MessageId:
        """A person says something in a room."""
        landed = Landed(self.room(local), self._next(), self.author(name), text, thread=thread)
        self._land(landed)
        return landed.message

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
        return [each.text for each in self.rooms[self.room(local)]]

    def copies(self, local: str = "r1") -> list[str]:
        """What the bot wrote into a room."""
        return [each.text for each in self.rooms[self.room(local)] if each.delivery]

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
        match delivery.content:
            case Post(body, author, thread):
                self._land(Landed(delivery.room, message, author, plain(body), delivery.id, thread))
            case Answer(person, body):
                answer = Landed(delivery.room, message, None, plain(body), delivery.id, to=person)
                self.privates.append(answer)
            case React(target, emoji):
                reaction = Landed(delivery.room, target, None, "", delivery.id, mark=emoji)
                self.reactions.append(reaction)
        self.stir()
        return message

    def find(self, key: DeliveryId) -> MessageId | None:
        """The message that a delivery became, in any room."""
        everywhere = (each for room in self.rooms.values() for each in room)
        return next((each.message for each in everywhere if each.delivery == key), None)

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


def event_of(landed: Landed) -> MessagePosted:
    """The event that a message in a room is."""
    nobody = Author(person_id(AccountId(landed.room.partition("/")[0]), "bot"), "Bot", bot=True)
    author = nobody if landed.delivery is not None else landed.author or nobody
    return MessagePosted(
        landed.room,
        landed.message,
        author,
        say(landed.text),
        SAID,
        thread=landed.thread,
        own=landed.delivery,
    )


BARE = Capabilities(longest_text=4000, idempotent_for=0.0, request_timeout=30.0)
"""As of a network that knows nothing of repeated requests."""
REMEMBERING = replace(BARE, idempotent_for=43200.0, ephemeral=False, history_hides_privates=False)
"""As of a network that remembers a session's requests for half a day."""


class FakePlatform:
    """An adapter to a far end."""

    def __init__(
        self, far: FarEnd, memory: Memory, capabilities: Capabilities = BARE, session: str = ""
    ) -> None:
        self.far = far
        self.account = far.account
        self.capabilities = capabilities
        self._memory = memory
        self._session = session
        self._read: dict[RoomId, int] = {}
        self._calls = 0
        self.handed_out = 0
        self.acknowledged: list[Event] = []
        self.closed = False

    @property
    def session(self) -> str:
        return self._session

    @property
    def connected(self) -> bool:
        return self.far.up and not self.closed

    async def open(self) -> None:
        if self.far.refused is not None:
            raise self.far.refused
        if not self.far.up:
            raise NotSent("unreachable")
        for room in self.far.rooms:
            await self._memory.set_mark(room, "")

    async def events(self) -> AsyncIterator[Arrival]:
        for room in self.far.rooms:
            position = await self._memory.mark(room) or ""
            self._read[room] = sum(each.message <= position for each in self.far.rooms[room])
        while True:
            changed = self.far.changed
            for arrival in self._new():
                yield arrival
            if not any(True for _ in self._peek()):
                await changed.wait()

    def _peek(self) -> Iterator[None]:
        if not self.far.up:
            return
        if self.far.extra or self._calls < len(self.far.calls):
            yield None
        for room, log in self.far.rooms.items():
            if self._read[room] < len(log):
                yield None

    def _new(self) -> Iterator[Arrival]:
        """What is new now; it stops at once when the connection is cut."""
        while self.far.up and self.far.extra:
            yield self._arrival(self.far.extra.popleft(), None)
        while self.far.up and self._calls < len(self.far.calls):
            self._calls += 1
            yield self._arrival(self.far.calls[self._calls - 1], None)
        for room, log in self.far.rooms.items():
            while self.far.up and self._read[room] < len(log):
                landed = log[self._read[room]]
                self._read[room] += 1
                yield self._arrival(event_of(landed), Mark(room, landed.message))

    def _arrival(self, event: Event, mark: Mark | None) -> Arrival:
        async def acknowledge(response: object = None) -> None:
            self.acknowledged.append(event)
            self.far.stir()

        self.handed_out += 1
        return Arrival(event, mark, acknowledge)

    async def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        for landed in list(self.far.rooms[room]):
            if not self.far.up:
                raise NotSent("unreachable")
            if landed.message > since:
                yield Arrival(event_of(landed), Mark(room, landed.message), live=False)

    async def deliver(self, delivery: Delivery) -> Sent:
        self.far.begun += 1
        self.far.stir()
        await self.far.held.wait()
        self.far.tries.append(delivery)
        self.far.stir()
        if not self.far.up:
            raise NotSent("unreachable")
        if delivery.room not in self.far.rooms:
            raise Refused("unknown_room")
        fault = self._fault(delivery.room)
        if fault is not None:
            self._fail(fault, delivery)
        return Sent(self._applied(delivery))

    def _fault(self, room: RoomId) -> Fault | None:
        for key in (room, None):
            if self.far.faults[key]:
                return self.far.faults[key].popleft()
        return None

    def _fail(self, fault: Fault, delivery: Delivery) -> None:
        match fault:
            case Fault.HANG_UP_AFTER:
                self._applied(delivery)
            case Fault.LATE:
                self.far.late.append(delivery)
            case Fault.THROTTLE:
                raise Throttled("rate_limited", retry_after=self.far.pause)
            case Fault.UNREACHABLE:
                raise NotSent("unreachable")
            case Fault.REFUSE:
                raise Refused("room_gone")
            case Fault.BREAK:
                raise ZeroDivisionError
            case Fault.HANG_UP_BEFORE:
                pass
        raise OutcomeUnknown("cut")

    def _applied(self, delivery: Delivery) -> MessageId:
        """The network remembers what a session asked before, where it can."""
        known = self.far.find(delivery.id) if self.capabilities.idempotent_for else None
        return known or self.far.apply(delivery)

    async def find(self, delivery: Delivery) -> Sent | None:
        self.far.looked_up.append(delivery.id)
        self.far.stir()
        if self.far.find_faults:
            self.far.find_faults.popleft()
            raise OutcomeUnknown("cut")
        if not self.far.up:
            raise NotSent("unreachable")
        found = self.far.find(delivery.id)
        self.far.apply_late(delivery.id)
        return None if found is None else Sent(found)

    async def check(self) -> Sequence[Finding]:
        return [Finding("connected", self.far.up, "" if self.far.up else "restore it")]

    async def list_rooms(self) -> Sequence[RoomInfo]:
        return [RoomInfo(room, room, joined=True, private=True) for room in self.far.rooms]

    async def close(self) -> None:
        self.closed = True
        self.far.stir()


@contextmanager
def holding(far: FarEnd) -> Iterator[None]:
    """Deliveries wait while this lasts."""
    far.held.clear()
    try:
        yield
    finally:
        far.held.set()
