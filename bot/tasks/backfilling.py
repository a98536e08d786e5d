"""`backfill` at work: what was said before in the other rooms of a channel, brought into one.

A job stands in the store until it is done, so that it goes on after a restart. What has been
brought is known by its identity, so going on is beginning again. The messages of all rooms are
merged by the time at which they were said; each goes in one transaction, through the room's own
lane, and only a few are ever in it: what is said meanwhile waits for no more than those.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import structlog
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.bridge.jobs import MOST, Job, job_in, key_of, put_job
from bot.bridge.places import Places
from bot.delivery import outbox
from bot.delivery.backoff import pause
from bot.delivery.lanes import Lanes, utc_now
from bot.errors import PlatformError, Refused, StoreError
from bot.events import (
    AccountId,
    Arrival,
    Event,
    MessageEdited,
    MessagePosted,
    Outgoing,
    Post,
    Reacted,
    RoomId,
    account_of,
)
from bot.log import reference
from bot.platforms.base import Platform
from bot.richtext import say
from bot.store.database import Database
from bot.store.patience import patience
from bot.store.tables import OPEN, Memory, Outbox
from bot.tasks.crew import Crew
from bot.words import Words
from bot.words.times import moment

log = structlog.get_logger()

_AT_A_TIME = 5
"""Deliveries of a room's lane, beyond which no more is put into it."""
_LOOK = 1.0
"""Seconds between two looks for new jobs."""
_FULL = 0.1
"""Seconds between two looks at a lane that holds enough."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Brings(Protocol):
    """Gives a room what history tells: see `bot.handler.Handler.bring`."""

    def bring(self, session: Session, event: Event, room: RoomId, now: datetime) -> set[str]:
        """Write what follows; the lanes to wake."""


class Backfills:
    """Carries out the jobs, each as a task of its own."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[AccountId, Platform],
        places: Places,
        handler: Brings,
        lanes: Lanes,
        words: Words,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._places = places
        self._handler = handler
        self._lanes = lanes
        self._words = words
        self._clock = clock
        rooms = [room for channel in places.channels.values() for room in channel.rooms]
        self._rooms = {key_of(room): room for room in rooms}

    async def run(self) -> None:
        """Look for jobs, for ever."""
        waiting = partial(self._database.read, self._waiting)
        await Crew(waiting, self._insist, self._give_up).run(_LOOK)

    def _waiting(self, session: Session) -> list[RoomId]:
        accounts, keys = {account for account, _ in self._rooms}, {key for _, key in self._rooms}
        found = select(Memory.account, Memory.key).where(
            Memory.account.in_(accounts), Memory.key.in_(keys), Memory.value != ""
        )
        return [self._rooms[AccountId(account), key] for account, key in session.execute(found)]

    async def _insist(self, room: RoomId) -> None:
        """Carry a job out, again and again while networks or the store cannot be used."""
        attempt = 0
        while True:
            attempt, after = attempt + 1, None
            try:
                with patience():
                    return await self.carry_out(room)
            except PlatformError as error:
                log.info("backfill.postponed", room=room, reason=error.reason)
                after = error.retry_after
            await asyncio.sleep(pause(attempt, random.random(), retry_after=after))  # noqa: S311  jitter

    async def _give_up(self, room: RoomId, failure: BaseException) -> None:
        """Something unforeseen: the job ends, and the room hears it."""
        shown = reference()
        log.error("backfill.failed", room=room, reference=shown, exc_info=failure)
        text = self._words(
            "Something went wrong on my side; reference {reference}.", reference=shown
        )

        def work(session: Session) -> set[str]:
            put_job(session, room, None)
            return outbox.put(session, [Outgoing(room, Post(say(text)))], self._clock())

        with suppress(StoreError):  # it is begun again, and fails again
            self._lanes.wake(await self._database.run(work))

    async def carry_out(self, room: RoomId) -> None:
        """Bring over what a room's job says. Raises `PlatformError` and `StoreError`."""
        job = await self._database.read(lambda session: job_in(session, room))
        if job is None:
            return
        if not job.chosen and job.most < MOST:
            job = await self._chosen(room, job)
        async for event in self._merged(room, job):
            if not await self._room_in_lane(room) or not await self._bring(room, event):
                return  # it was told to stop
        await self._finish(room)

    async def _chosen(self, room: RoomId, job: Job) -> Job:
        """The job with the moment at which the newest `most` messages of all rooms begin."""
        newest: list[datetime] = []
        async for event in self._merged(room, job):
            if isinstance(event, MessagePosted) and event.own is None:
                keep = heapq.heappush if len(newest) < job.most else heapq.heappushpop
                keep(newest, event.said)
        since = newest[0] if newest else job.since
        return await self._change(room, lambda old: replace(old, since=since, chosen=True)) or job

    async def _bring(self, room: RoomId, event: Event) -> bool:
        """One message, edit or reaction; False where the job is no more."""

        def work(session: Session) -> tuple[bool, set[str]]:
            job = job_in(session, room)
            if job is None:
                return False, set()
            lanes = self._handler.bring(session, event, room, self._clock())
            if lanes and isinstance(event, MessagePosted):
                put_job(session, room, replace(job, brought=job.brought + 1))
            return True, lanes

        stands, lanes = await self._database.run(work)
        self._lanes.wake(lanes)
        return stands

    async def _room_in_lane(self, room: RoomId) -> bool:
        """Wait until the room's lane holds little; False where the job was ended meanwhile."""
        held = select(func.count()).where(Outbox.lane == room, Outbox.state.in_(OPEN))

        def look(session: Session) -> tuple[bool, int]:
            return job_in(session, room) is not None, session.execute(held).scalar() or 0

        while True:
            stands, count = await self._database.read(look)
            if not stands or count < _AT_A_TIME:
                return stands
            await asyncio.sleep(_FULL)

    async def _finish(self, room: RoomId) -> None:
        def work(session: Session) -> set[str]:
            job = job_in(session, room)
            if job is None:
                return set()
            put_job(session, room, None)
            now = self._clock()
            return outbox.put(session, [Outgoing(room, Post(say(self._done(job, now))))], now)

        self._lanes.wake(await self._database.run(work))
        log.info("backfill.done", room=room)

    def _done(self, job: Job, now: datetime) -> str:
        words, number = self._words, job.brought
        if job.since is None:
            text = words.count(
                "{n} earlier message was brought over.",
                "{n} earlier messages were brought over.",
                number,
            )
        else:
            text = words.count(
                "{n} message since {when} was brought over.",
                "{n} messages since {when} were brought over.",
                number,
                when=moment(words, job.since, now),
            )
        if job.unread:
            rooms = ", ".join(job.unread)
            text += "\n" + words("I could not read: {rooms}.", rooms=rooms)
        return text

    async def _merged(self, room: RoomId, job: Job) -> AsyncGenerator[Event, None]:
        """What the other rooms tell, by the time at which it was said."""
        others = self._places.channels[job.channel].others(room)
        async with AsyncExitStack() as stack:
            heap: list[tuple[datetime, int, Event, AsyncGenerator[Event, None]]] = []
            for number, other in enumerate(others):
                stream = await stack.enter_async_context(aclosing(self._stream(room, other, job)))
                await _push(heap, number, stream, _EARLIEST)
            while heap:
                moment_, number, event, stream = heapq.heappop(heap)
                if not isinstance(event, MessagePosted) or event.said <= job.until:
                    yield event
                await _push(heap, number, stream, moment_)

    async def _stream(self, room: RoomId, other: RoomId, job: Job) -> AsyncGenerator[Event, None]:
        platform = self._platforms[account_of(other)]
        since = job.since or datetime.fromtimestamp(0, UTC)
        try:
            past = platform.past(other, since, job.most)
            async for arrival in past:
                if _is_told(arrival):
                    yield arrival.event
        except Refused as error:
            log.warning("backfill.refused", room=other, reason=error.reason)
            await self._change(room, lambda old: _unread(old, other))

    async def _change(self, room: RoomId, change: Callable[[Job], Job]) -> Job | None:
        def work(session: Session) -> Job | None:
            job = job_in(session, room)
            if job is None:
                return None
            put_job(session, room, change(job))
            return change(job)

        return await self._database.run(work)


def _unread(job: Job, room: RoomId) -> Job:
    return replace(job, unread=tuple(dict.fromkeys((*job.unread, room))))


def _is_told(arrival: Arrival) -> bool:
    return isinstance(arrival.event, MessagePosted | MessageEdited | Reacted)


async def _push(
    heap: list[tuple[datetime, int, Event, AsyncGenerator[Event, None]]],
    number: int,
    stream: AsyncGenerator[Event, None],
    before: datetime,
) -> None:
    """The next of a stream: what was done to a message comes right after it."""
    async for event in stream:
        said = event.said if isinstance(event, MessagePosted) else before
        heapq.heappush(heap, (max(said, before), number, event, stream))
        return
