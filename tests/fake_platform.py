"""An adapter to a network in memory (`tests.far_end`), with faults on request.

Rooms are logs: an adapter reads each from its committed mark on, so what was missed comes before
what is new without any more ado.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime

from bot.delivery.lanes import utc_now
from bot.errors import Barred, NotSent, OutcomeUnknown, Refused, Throttled
from bot.events import (
    Arrival,
    CommandTyped,
    Delivery,
    Edit,
    Event,
    File,
    Mark,
    MessageId,
    MessagePosted,
    RoomId,
    RoomRead,
    Share,
)
from bot.forms import Form
from bot.platforms.base import (
    Capabilities,
    Finding,
    Identity,
    Memory,
    OpenFile,
    RoomInfo,
    Roster,
    Sent,
    Trouble,
)
from tests.far_end import SAID, FarEnd, Fault, Landed, event_of

__all__ = [
    "BARE",
    "REMEMBERING",
    "SAID",
    "FakePlatform",
    "FarEnd",
    "Fault",
    "Landed",
    "event_of",
    "holding",
]

BARE = Capabilities(longest_text=4000, idempotent_for=0.0, request_timeout=30.0)
"""As of a network that knows nothing of repeated requests."""
REMEMBERING = replace(BARE, idempotent_for=43200.0, ephemeral=False, history_hides_privates=False)
"""As of a network that remembers a session's requests for half a day."""


class FakePlatform:
    """An adapter to a far end."""

    def __init__(
        self,
        far: FarEnd,
        memory: Memory,
        capabilities: Capabilities = BARE,
        session: str = "",
        open_file: OpenFile | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`clock`: up to when it says that a room was read."""
        self.far = far
        self.account = far.account
        self.capabilities = capabilities
        self._memory = memory
        self._session = session
        self._open_file = open_file or self.open_file
        self._clock = clock
        self._read: dict[RoomId, int] = {}
        self._calls = 0
        self._happened = 0
        self.handed_out = 0
        self.acknowledged: list[Event] = []
        self._asked: set[RoomId] = set()
        self.closed = False

    @property
    def session(self) -> str:
        return self._session

    @property
    def connected(self) -> bool:
        return self.far.up and not self.closed

    @property
    def caught_up(self) -> bool:
        """Whether all that there is was read and acknowledged."""
        if self._read.keys() != self.far.rooms.keys() or any(True for _ in self._peek()):
            return False
        return len(self.acknowledged) == self.handed_out

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
            asked = set(self._asked)
            for arrival in self._new():
                yield arrival
            for room in asked if self.far.up else ():
                self._asked.discard(room)
                yield self._arrival(RoomRead(room, self._clock()), None)
            if not any(True for _ in self._peek()):
                await changed.wait()

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        self._asked.update(self.far.rooms.keys() & set(rooms))
        self.far.stir()

    def _peek(self) -> Iterator[None]:
        if not self.far.up:
            return
        if self._asked:
            yield None
        if self.far.extra or self._calls < len(self.far.calls):
            yield None
        if self._happened < len(self.far.happened):
            yield None
        for room, log in self.far.rooms.items():
            if self._read[room] < len(log):
                yield None

    def _new(self) -> Iterator[Arrival]:
        """What is new now; it stops at once when the connection is cut. Nothing that happens to
        a message comes before the message.
        """
        happened = len(self.far.happened)
        while self.far.up and self.far.extra:
            yield self._arrival(self.far.extra.popleft(), None)
        while self.far.up and self._calls < len(self.far.calls):
            self._calls += 1
            yield self._arrival(self.far.calls[self._calls - 1], None)
        for room, log in self.far.rooms.items():
            while self.far.up and self._read[room] < len(log):
                landed = log[self._read[room]]
                self._read[room] += 1
                if not landed.deleted:
                    yield self._arrival(event_of(landed), Mark(room, landed.message))
        while self.far.up and self._happened < happened:
            self._happened += 1
            yield self._arrival(self.far.happened[self._happened - 1], None)

    def _arrival(self, event: Event, mark: Mark | None) -> Arrival:
        async def acknowledge(response: object = None) -> None:
            self.acknowledged.append(event)
            if response is not None:
                self.far.responses.append(response)
            self.far.stir()

        self.handed_out += 1
        return Arrival(event, mark, acknowledge)

    async def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        for landed in list(self.far.rooms[room]):
            if not self.far.up:
                raise NotSent("unreachable")
            if landed.message > since and not landed.deleted:
                yield Arrival(event_of(landed), Mark(room, landed.message), live=False)

    async def past(self, room: RoomId, since: datetime, most: int) -> AsyncIterator[Arrival]:
        if not self.far.up:
            raise NotSent("unreachable")
        if room in self.far.barred:
            raise Barred("not in the room")
        said = [each for each in self.far.rooms[room] if not each.deleted and each.said >= since]
        for landed in said[-most:]:
            yield Arrival(event_of(landed), live=False)

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
        await self._prepare(delivery)
        if delivery.room in self.far.barred:
            raise Barred("not in the room")
        fault = self._fault(delivery.room)
        if fault is not None:
            self._fail(fault, delivery)
        return Sent(self._applied(delivery))

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        if not self.far.up:
            raise NotSent("unreachable")
        self.far.forms.append((opens, form))
        self.far.stir()

    async def _prepare(self, delivery: Delivery) -> None:
        match delivery.content:
            case Edit() as edit if not self.far.stands(delivery.room, edit.message):
                raise Refused("message_gone")
            case Share(file):
                async with self._open_file(file) as pieces:
                    self.far.files[delivery.id] = b"".join([piece async for piece in pieces])

    @asynccontextmanager
    async def open_file(self, file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        if not self.far.up:
            raise NotSent("unreachable")
        if file.handle not in self.far.files:
            raise Refused("file_gone")
        await self.far.files_held.wait()
        yield _pieces(self.far.files[file.handle])

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

    async def roster(self, room: RoomId) -> Roster:
        self._ask_of(room)
        self.far.rosters_asked += 1
        self.far.stir()
        await self.far.rosters_held.wait()
        if self.far.roster_faults:
            raise self.far.roster_faults.popleft()
        return self.far.roster(room)

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        self._ask_of(room)
        found = (each for each in self.far.rooms[room] if each.message == message)
        return next((event_of(each) for each in found if not each.deleted), None)

    def _ask_of(self, room: RoomId) -> None:
        if not self.far.up:
            raise NotSent("unreachable")
        if room not in self.far.rooms:
            raise Refused("unknown_room")
        if room in self.far.barred:
            raise Barred("not in the room")

    async def check(self) -> Sequence[Finding]:
        return [Finding("connected", self.far.up, "" if self.far.up else "restore it")]

    def identity(self, room: RoomId) -> Identity | None:
        return Identity(self.far.same.get(room, room))

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        return f"https://fake.example/{room}/{message}"

    async def probe(self) -> Sequence[Trouble]:
        if self.far.refused is not None:
            raise self.far.refused
        if not self.far.up:
            raise NotSent("unreachable")
        return [Trouble("not in the room", room) for room in sorted(self.far.barred)]

    async def list_rooms(self) -> Sequence[RoomInfo]:
        return [RoomInfo(room, room, joined=True, private=True) for room in self.far.rooms]

    async def close(self) -> None:
        self.closed = True
        self.far.stir()


async def _pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@contextmanager
def holding(far: FarEnd) -> Iterator[None]:
    """Deliveries wait while this lasts."""
    far.held.clear()
    try:
        yield
    finally:
        far.held.set()
