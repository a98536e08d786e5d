"""Carries out what is due: our tables are the truth, and APScheduler holds one job, the next due
instant, which does nothing but wake us.

An occurrence happens in one transaction: what its handler decides is in the outbox, a row says
that it has been, and its schedule has moved on, or none of it. So it happens once, whatever falls
over; a second is impossible by the row. That only one process does it is held by a lease whose
fence is checked in that transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import structlog
from apscheduler.jobstores.base import JobLookupError  # type: ignore[import-untyped]
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.date import DateTrigger  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.identifying import derived
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.errors import LeaseLost, StoreError
from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.log import reference
from bot.richtext import say
from bot.schedules import advancing
from bot.schedules.advancing import Coming
from bot.schedules.kinds import Due, Kinds, Place
from bot.store.database import Database
from bot.store.patience import patience
from bot.store.tables import Occurrence, Schedule
from bot.words import Words
from bot.words.times import moment

log = structlog.get_logger()

LEASE = "scheduler"
_AT_ONCE = 32
"""Occurrences that may share a commit: what the relay writes meanwhile waits for no more."""
_BREATH = 0.005
"""Seconds between so many and the next."""
_JOB = "next due instant"


class Scheduler:
    """Carries out what is due, as long as the lease `LEASE` is ours."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        kinds: Kinds,
        wake_lanes: Callable[[set[str]], None],
        words: Words,
        admin_rooms: Sequence[RoomId] = (),
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._leases = leases
        self._kinds = kinds
        self._wake_lanes = wake_lanes
        self._words = words
        self._admin_rooms = admin_rooms
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the tables now: something has changed, or may have.

        To be called every second, too. So what another process writes is found, and a wall clock
        that was set, of which the timer knows nothing, is noticed.
        """
        self._woken.set()

    async def run(self) -> None:
        """Carry out what is due, for ever. Raises LeaseLost."""
        timer = _Timer(self.wake)
        try:
            while True:
                self._woken.clear()
                with patience():  # at the next look it may be there again
                    await self.carry_out()
                    timer.set(await self._database.read(advancing.next_due), self._clock())
                await self._woken.wait()
        finally:
            timer.close()

    async def carry_out(self) -> None:
        """Carry out all that is due now. Raises LeaseLost and StoreError."""
        while True:
            now = self._clock()
            due = await self._database.read(partial(advancing.due_now, now=now, most=_AT_ONCE))
            lanes = await asyncio.gather(*(self._try(number) for number in due))
            self._wake_lanes(set().union(*lanes))
            if len(due) < _AT_ONCE:
                return
            await asyncio.sleep(_BREATH)

    async def _try(self, number: int) -> set[str]:
        """Carry out what is due of one schedule; the lanes to wake. A failure is its own."""
        try:
            return await self._database.run(partial(self._happen, number))
        except (LeaseLost, StoreError):
            raise
        except Exception:
            shown = reference()
            log.exception("schedule.failed", schedule=number, reference=shown)
        return await self._database.run(partial(self._put_off, number, shown))

    def _happen(self, number: int, session: Session) -> set[str]:
        self._leases.guard(session, LEASE)
        row, now = session.get(Schedule, number), self._clock()
        if row is None or row.due is None or row.due > now:
            return set()
        coming = advancing.coming(row, now)
        if coming is None:  # it was paused, or the clock set back
            row.due = advancing.due_of(row)
            return set()
        lanes = set[str]()
        if not _has_been(session, row, coming):
            if not coming.skipped:
                outgoing = self._kinds[row.kind](session, _due(row, coming), now)
                lanes = outbox.put(session, _named(session, row, coming, outgoing), now)
            state = "skipped" if coming.skipped else "posted"
            session.add(Occurrence(schedule=row.id, instant=coming.instant, state=state, done=now))
        advancing.move_on(row, coming, now)
        return lanes

    def _put_off(self, number: int, shown: str, session: Session) -> set[str]:
        """It has failed: later again. Whose it is hears it once for each occurrence."""
        self._leases.guard(session, LEASE)
        row, now = session.get(Schedule, number), self._clock()
        if row is None or row.due is None or row.due > now:
            return set()
        first = row.attempts == 0
        advancing.put_off(row, shown, now)
        return outbox.put(session, self._told(row, shown, now), now) if first else set()

    def _told(self, row: Schedule, shown: str, now: datetime) -> list[Outgoing]:
        text = self._words(
            "{handle}, due {when}, failed; I try it again. Reference: {reference}.",
            handle=row.handle,
            when=moment(self._words, row.extra or row.next or now, now),
            reference=shown,
        )
        if row.place is None:
            return [Outgoing(room, Post(say(text))) for room in self._admin_rooms]
        place = msgspec.json.decode(row.place, type=Place)
        answer = Answer(PersonId(row.by), say(text), direct=place.direct, team=row.team or "")
        return [Outgoing(place.room, answer)]


def _has_been(session: Session, row: Schedule, coming: Coming) -> bool:
    same = (Occurrence.schedule == row.id, Occurrence.instant == coming.instant)
    return session.execute(select(Occurrence.id).where(*same)).first() is not None


def _named(
    session: Session, row: Schedule, coming: Coming, outgoing: Sequence[Outgoing]
) -> list[Outgoing]:
    """What an occurrence posts has the same ids whenever it is worked out (see `identifying`)."""
    instant = coming.instant.isoformat()
    return [
        replace(item, id=derived(session, "occurrence", row.handle, instant, item.room, place))
        if item.id is None and item.source is None and isinstance(item.content, Post)
        else item
        for place, item in enumerate(outgoing)
    ]


def _due(row: Schedule, coming: Coming) -> Due:
    return Due(
        handle=row.handle,
        object=row.object,
        instant=coming.instant,
        zone=row.zone,
        late=coming.late,
        by=PersonId(row.by),
        team=row.team,
        channel=row.channel,
        marking=row.marking,
    )


class _Timer:
    """APScheduler with one job at most. The job only rings: one that did the work would be left
    out where the last had not ended, and lost where it raised.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        # Without a time of grace a job that is a second late never runs (measured on 3.11.2).
        defaults = {"misfire_grace_time": None, "coalesce": True}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        self._scheduler.start()

    def set(self, due: datetime | None, now: datetime) -> None:
        """Ring at an instant by a clock that says `now`; None: never."""
        if due is None:
            self._remove()
            return
        # APScheduler reads the machine's own clock.
        at = datetime.now(UTC) + max(due - now, timedelta())
        self._scheduler.add_job(
            self._rung, DateTrigger(at, timezone=UTC), id=_JOB, replace_existing=True
        )

    async def _rung(self) -> None:  # a plain function would be run in a thread
        self._ring()

    def _remove(self) -> None:
        try:
            self._scheduler.remove_job(_JOB)
        except JobLookupError:
            return

    def close(self) -> None:
        self._scheduler.shutdown(wait=False)
