"""From one occurrence to the next: which is due, which were missed, when to try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.schedules.kinds import Late
from bot.store.tables import Occurrence, Schedule
from bot.times.recurring import Recurring, latest, upcoming
from bot.times.schedules import read_schedule
from bot.times.zones import read_zone

GRACE = timedelta(minutes=5)
"""An occurrence that is carried out within this is not late: a restart takes less."""
_LONGEST = timedelta(hours=1)
"""Between two tries of what fails."""


@dataclass(frozen=True, slots=True)
class Coming:
    """The occurrence to carry out. `extra`: one that somebody asked for."""

    instant: datetime
    late: bool = False
    skipped: bool = False
    extra: bool = False


def next_due(session: Session) -> datetime | None:
    """When anything is due next."""
    return session.execute(select(func.min(Schedule.due)).where(Schedule.due.is_not(None))).scalar()


def due_now(session: Session, now: datetime, most: int) -> Sequence[int]:
    """The schedules that are due, the longest first, at most so many."""
    due = select(Schedule.id).where(Schedule.due <= now)
    return session.execute(due.order_by(Schedule.due, Schedule.id).limit(most)).scalars().all()


def recurring(row: Schedule) -> Recurring:
    """When a schedule that is for more than once happens; raises UserError where its words cannot
    be read any more (a zone that was given up).
    """
    return _read(row.said, row.zone, row.since)


@lru_cache(maxsize=1024)
def _read(said: str, zone: str, since: datetime) -> Recurring:
    return read_schedule(said, read_zone(zone), since)


def coming(row: Schedule, now: datetime) -> Coming | None:
    """The occurrence of a schedule that is due; None where none is. Of several that were missed
    it is the last.
    """
    if row.extra is not None and row.extra <= now:
        return Coming(row.extra, extra=True)
    if row.next is None or row.paused is not None or row.next > now:
        return None
    instant = row.next
    if not row.once:
        rule = recurring(row)
        following = next(upcoming(rule, instant), None)
        if following is not None and following <= now:
            instant = latest(rule, now, instant) or instant
    late = now - instant > GRACE
    return Coming(instant, late, skipped=late and row.late == Late.SKIP)


def move_on(row: Schedule, been: Coming, now: datetime) -> None:
    """An occurrence has been: on to the next."""
    if been.extra:
        row.extra = None
    else:
        row.next = None if row.once else next(upcoming(recurring(row), been.instant), None)
    row.attempts, row.reference = 0, None
    row.due = due_of(row)
    if row.next is None and row.extra is None:
        row.ended = now


def put_off(row: Schedule, reference: str, now: datetime) -> None:
    """The occurrence that is due has failed: try it again later, and less and less often."""
    row.attempts, row.reference = row.attempts + 1, reference
    row.due = now + min(timedelta(seconds=2.0 ** min(row.attempts - 1, 20)), _LONGEST)


def due_of(row: Schedule) -> datetime | None:
    """When a schedule has to be looked at, by its own times."""
    coming_ = None if row.paused is not None else row.next
    return min((each for each in (coming_, row.extra) if each is not None), default=None)


def forget(session: Session, before: datetime) -> None:
    """Forget occurrences that were before a moment: no clock goes back so far."""
    session.execute(delete(Occurrence).where(Occurrence.done < before))
