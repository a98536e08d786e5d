"""What was missed comes before what is new: live arrivals and catch-up, merged room by room.

A room that may have missed something is *behind*: its live messages are held until its past has
been read and handed out. Other rooms, and what belongs to no room's conversation (commands), go
on meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

import structlog

from bot.errors import AccountRefused, PlatformError, Refused, Throttled
from bot.events import (
    Arrival,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Moved,
    Pinned,
    Reacted,
    RoomId,
    RoomRead,
    RosterChanged,
    TopicChanged,
    Undeliverable,
)
from bot.platforms.base import CatchUp, Memory
from bot.platforms.ordering import RoomQueue
from bot.platforms.past import Comparison, Past, start_of
from bot.platforms.turns import Turns, Why

log = structlog.get_logger()

_WAITING = 100
"""Arrivals handed out but not yet taken, of each kind: what is beyond waits at its source."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
"""Seconds until a room whose past could not be read is tried again; doubled each time."""
_NO_LIMITS: Mapping[RoomId, CatchUp] = MappingProxyType({})


_BEGUN_AT_ONCE, _BEGUN_TOGETHER, _BEGUN_WITHIN = 500, 8, 5.0
"""Rooms that are begun before the first event, how many at a time, and the seconds for it all."""


@dataclass(slots=True)
class _Gap:
    """A room that is behind."""

    piece: bool = False
    """Nothing was missed: it is held for a piece of comparing alone."""
    missed: bool = True
    """Something may have been missed; if not, it is read because it is time to."""

    held: deque[Arrival] = field(default_factory=deque)
    dropped: bool = False
    """More was held than may be: the rest was dropped, unacknowledged, and is to be read again."""
    again: bool = False
    """Fell behind anew while its past was being read."""
    attempts: int = 0


class Gaps:
    """Merges live arrivals with catch-up. Every room starts behind.

    `put` what is live, call `fall_behind` when something may have been missed, and take
    everything from `arrivals`, which must have one reader that commits each arrival before it
    asks for the next. All in one event loop.
    """

    def __init__(
        self,
        rooms: Iterable[RoomId],
        past: Past,
        memory: Memory,
        *,
        limits: Mapping[RoomId, CatchUp] = _NO_LIMITS,
        held: int = 1000,
        reconcile: float = 600.0,
        spacing: float = 2.0,
        first_pause: float = _FIRST_PAUSE,
        missed: Callable[[str], None] = lambda _position: None,
        comparison: Comparison | None = None,
        thorough: bool = False,
    ) -> None:
        """`held`: live arrivals kept for a room that is behind; `reconcile`: seconds between two
        readings of a room when nothing seems to be missing; `spacing`: seconds between two such
        readings of different rooms, so that many rooms stretch the round and hit no limit;
        `missed` is called with the position of what history shows and nobody had told of;
        `comparison`: what a network has whose history tells less than what is live, done after
        each reading, its pieces `spacing` apart; `thorough`: a room has been read only when all
        of that is done too.
        """
        self._thorough = thorough
        self._rooms = frozenset(rooms)
        self._past = past
        self._memory = memory
        self._limits = limits
        self._held = held
        self._spacing = spacing
        self._first_pause = first_pause
        self._missed = missed
        self._comparison = comparison
        self._live: asyncio.Queue[Arrival] = RoomQueue(_WAITING, _place_of)
        self._read: asyncio.Queue[Arrival] = asyncio.Queue(_WAITING)
        self._arrived = asyncio.Event()
        self._failure: BaseException | None = None
        self._behind: dict[RoomId, _Gap] = {}
        self._turns = Turns(len(self._rooms), reconcile, spacing)
        self._asked: set[RoomId] = set()
        """Rooms of which is to be told that they have been read."""
        self._read_to: dict[RoomId, str] = {}
        """Up to where a room's past is known to be complete, by this process."""
        self.fall_behind()

    async def begin(self) -> None:
        """Give every room that was never read its start, before anything live is heard: what is
        said from then on is not lost, whatever happens. Of very many rooms each gets it only when
        it is first read.
        """
        if len(self._rooms) > _BEGUN_AT_ONCE:
            return
        places = asyncio.Semaphore(_BEGUN_TOGETHER)

        async def one(room: RoomId) -> None:
            async with places:
                if await self._memory.mark(room) is None:
                    with suppress(PlatformError):  # it is tried again when it is read
                        await self._start(room)

        with suppress(TimeoutError):
            async with asyncio.timeout(_BEGUN_WITHIN):
                await asyncio.gather(*(one(room) for room in self._rooms))

    async def _start(self, room: RoomId) -> None:
        newest = await self._past.newest(room)
        await self._memory.keep(start_of(room), newest)
        await self._memory.set_mark(room, newest)

    @property
    def behind(self) -> int:
        """How many rooms are behind."""
        return len(self._behind)

    def knows(self, room: RoomId) -> bool:
        """Whether this is one of the rooms that are caught up."""
        return room in self._rooms

    def fall_behind(self, rooms: Iterable[RoomId] | None = None) -> None:
        """Something may have been missed in these rooms; without rooms, in all."""
        for room in self._rooms if rooms is None else self._rooms.intersection(rooms):
            self._fall(room, _Gap())

    def _fall(self, room: RoomId, why: _Gap) -> None:
        gap = self._behind.get(room)
        if gap is None:
            self._behind[room] = why
            self._turns.put(room)
        elif not why.piece:
            gap.again = True
            gap.missed = gap.missed or why.missed

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Read these before others, and tell of each that it has been read."""
        for room in self._rooms.intersection(rooms) - self._asked:
            self._asked.add(room)
            self._fall(room, _Gap(missed=False))
            self._turns.hurry(room)

    def recheck(self) -> None:
        """Nothing should be missing, but something may: read every room again, one after the
        other, each held only while it is its turn.
        """
        self._turns.all_due(room for room in self._rooms if room not in self._behind)

    def fail(self, error: BaseException) -> None:
        """The source of what is live is gone for good: `arrivals` raises this."""
        self._failure = error
        self._arrived.set()

    async def put(self, arrival: Arrival) -> None:
        """A live arrival: held, handed out in its turn, or dropped unacknowledged."""
        room = _room_of(arrival)
        gap = None if room is None else self._behind.get(room)
        if room is None or gap is None:
            await self._live.put(arrival)
            self._arrived.set()
        elif gap.dropped or len(gap.held) >= self._held:
            if not gap.dropped:
                log.warning("catch_up.overflowed", room=room, held=len(gap.held))
            gap.dropped = True
        else:
            gap.held.append(arrival)
            if len(gap.held) > 1 and arrival.moment < gap.held[-2].moment:
                gap.held = deque(sorted(gap.held, key=lambda held: held.moment))
            self._turns.hurry(room)

    async def arrivals(self) -> AsyncGenerator[Arrival, None]:
        """Everything, for ever: of each room what was missed before what is new."""
        work = asyncio.create_task(self._catch_up())
        work.add_done_callback(lambda _task: self._arrived.set())
        try:
            while True:
                self._arrived.clear()
                for queue in (self._live, self._read):
                    if not queue.empty():
                        yield queue.get_nowait()
                        queue.task_done()
                        self._arrived.set()
                if self._failure is not None:
                    raise self._failure
                if work.done():
                    work.result()
                await self._arrived.wait()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _catch_up(self) -> None:
        while True:
            room, why = await self._turns.next()
            if why is not Why.BEHIND:
                self._fall(room, _Gap(piece=why is Why.PIECE, missed=False))
                continue
            gap = self._behind[room]
            gap.again, asked, now = False, room in self._asked, datetime.now(UTC)
            if gap.piece:
                await self._read_piece(room)
                await self._release(room, gap)
                continue
            try:
                await self._read_past(room, gap)
            except Refused as error:
                # it cannot be read, now or later: what is live must not wait for it
                log.warning("catch_up.refused", room=room, reason=error.reason)
                self._asked.discard(room)
                await self._release(room, gap)
            except PlatformError as error:
                await self._postpone(room, gap, error)
            else:
                await self._release(room, gap)
                if asked:
                    await self._tell(RoomRead(room, now))

    async def _tell(self, read: RoomRead) -> None:
        """A room has been read: behind what was live before, which waits to be taken yet."""
        self._asked.discard(read.room)
        await self._live.put(Arrival(read, live=False))
        self._arrived.set()

    async def _postpone(self, room: RoomId, gap: _Gap, error: PlatformError) -> None:
        pause = min(self._first_pause * 2**gap.attempts, _LONGEST_PAUSE)
        pause = max(error.retry_after or 0.0, pause * random.uniform(0.5, 1.0))  # noqa: S311  jitter
        if isinstance(error, AccountRefused):
            log.warning("account.refused", room=room, mend=error.mend)
        log.info("catch_up.postponed", room=room, reason=error.reason, seconds=round(pause, 1))
        gap.attempts = min(gap.attempts + 1, 16)
        not_before = asyncio.get_running_loop().time() + pause
        self._turns.put(room, urgent=bool(gap.held), not_before=not_before)
        if isinstance(error, Throttled):  # a limit is on all readings, not on one room's
            await asyncio.sleep(pause)

    async def _read_piece(self, room: RoomId) -> None:
        """Compare a little; if that cannot be done now, what is live does not wait for it."""
        if self._comparison is None:
            return
        try:
            await self._compare(room)
        except PlatformError as error:
            pause = max(error.retry_after or 0.0, self._first_pause, 10 * self._spacing)
            self._turns.rest(pause)
            log.info("comparing.postponed", room=room, reason=error.reason)

    async def _compare(self, room: RoomId) -> None:
        assert self._comparison is not None
        async with aclosing(self._comparison.piece(room)) as arrivals:
            async for arrival in arrivals:
                await self._hand_out(arrival)

    async def _read_past(self, room: RoomId, gap: _Gap) -> None:
        mark = await self._memory.mark(room)
        if mark is None:
            await self._start(room)
            return
        read_to = self._read_to.get(room, mark)
        since = self._past.earlier(mark if self._past.is_later(read_to, mark) else read_to)
        start = await self._memory.recall(start_of(room))
        if start is not None and self._past.is_later(start, since):
            since = start  # what was said before the bot came is none of its business
        count = 0
        async with aclosing(
            self._past.read(room, since, self._limits.get(room, CatchUp()))
        ) as past:
            async for arrival in past:
                position = arrival.mark.position if arrival.mark else mark
                known = not self._past.is_later(position, mark)
                if not known and not count:
                    self._missed(position)
                await self._hand_out(replace(arrival, mark=None) if known else arrival)
                count += not known
        if count:
            log.info("catch_up.read", room=room, messages=count)
        if gap.missed and room in self._read_to:  # at the start every roster is read anyway
            await self._hand_out(Arrival(RosterChanged(room), live=False))
        if self._comparison is not None:
            await self._comparison.plan(room, since, missed=gap.missed)
            await self._read_piece(room)
            while self._thorough and self._comparison.is_unfinished(room):
                await asyncio.sleep(self._spacing / 10)
                await self._compare(room)

    async def _hand_out(self, arrival: Arrival) -> None:
        await self._read.put(arrival)
        self._arrived.set()

    async def _release(self, room: RoomId, gap: _Gap) -> None:
        """Hand out what was held, in order; then the room is live again, or behind anew."""
        while True:
            while gap.held:
                await self._hand_out(gap.held.popleft())
            await self._read.join()
            if not gap.held:
                break
        gap.attempts = 0
        mark = await self._memory.mark(room)
        if mark is not None and not gap.piece:
            self._read_to[room] = mark
        if gap.again or gap.dropped or gap.held:
            gap.missed = gap.missed if gap.again else gap.dropped
            gap.dropped = gap.piece = False
            self._turns.put(room, urgent=bool(gap.held))
            return
        del self._behind[room]
        if self._comparison is not None and self._comparison.is_unfinished(room):
            self._turns.has_more(room)
        if not gap.piece:
            self._turns.was_read(room)


def _place_of(arrival: Arrival) -> tuple[str, str] | None:
    room = _room_of(arrival)
    return (room, arrival.moment) if room is not None and arrival.moment else None


def _room_of(arrival: Arrival) -> RoomId | None:
    match arrival.event:
        case (
            MessagePosted(room=room)
            | MessageEdited(room=room)
            | MessageDeleted(room=room)
            | Reacted(room=room)
            | TopicChanged(room=room)
            | Pinned(room=room)
            | Moved(room=room)
            | Undeliverable(room=room)
        ):
            return room
        case _:
            return None
