"""Schedules as people keep them: begun, paused, resumed, run beside their times, ended."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.events import PersonId
from bot.schedules.advancing import due_of, recurring
from bot.schedules.kinds import Late, Place
from bot.store.tables import Schedule
from bot.times.recurring import upcoming

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""Nothing that is read as another."""
_LENGTH = 5
_STANDING = (
    select(Schedule)
    .where(Schedule.ended.is_(None))
    .order_by(Schedule.due.is_(None), Schedule.due, Schedule.id)
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen: a kind, and the object that its handler goes by. Whose it is, for which
    channel, and as JSON how marked, where that is not the channel's default.
    """

    kind: str
    object: str
    by: PersonId | str = ""
    place: Place | None = None
    team: str | None = None
    channel: str | None = None
    marking: str | None = None
    late: Late = Late.POST


def begin_once(session: Session, plan: Plan, at: datetime, zone: str, now: datetime) -> Schedule:
    """Let something happen once, at an instant."""
    said = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _add(session, plan, said, zone, now, once=True, first=at)


def begin(session: Session, plan: Plan, said: str, zone: str, now: datetime) -> Schedule:
    """Let something happen again and again, as `bot.times.schedules` reads it; raises UserError."""
    row = _add(session, plan, said, zone, now, once=False, first=None)
    row.next = next(upcoming(recurring(row), now))
    row.due = due_of(row)
    return row


def standing(session: Session, *where: ColumnElement[bool]) -> Sequence[Schedule]:
    """Those that have not ended, and for which something holds; what comes first, first."""
    return session.execute(_STANDING.where(*where)).scalars().all()


def by_handle(session: Session, handle: str) -> Schedule | None:
    """What has this handle, as somebody typed it, and has not ended."""
    where = (Schedule.handle == handle.strip().lower(), Schedule.ended.is_(None))
    return session.execute(select(Schedule).where(*where)).scalar_one_or_none()


def pause(row: Schedule, now: datetime) -> bool:
    """Let its times go by; False where it is paused already."""
    if row.paused is not None:
        return False
    row.paused = now
    row.due = due_of(row)
    return True


def resume(row: Schedule, now: datetime) -> bool:
    """Let it go on with its next time: what went by meanwhile does not happen. False where it was
    not paused; raises UserError where its only time has gone by.
    """
    if row.paused is None:
        return False
    if not row.once:
        row.next = next(upcoming(recurring(row), now), None)
    elif row.next is not None and row.next <= now:
        raise UserError(
            "Its time went by while it was paused. “schedule run {handle}” does it now.",
            handle=row.handle,
        )
    row.paused, row.attempts = None, 0
    row.due = due_of(row)
    return True


def run(row: Schedule, now: datetime) -> None:
    """Let it happen now, beside its own times. What is for once has happened with that."""
    row.extra, row.attempts = now, 0
    if row.once:
        row.next = None
    row.due = due_of(row)


def end(row: Schedule, now: datetime) -> None:
    """It never happens again."""
    row.next = row.extra = row.due = None
    row.ended = now


def _add(
    session: Session,
    plan: Plan,
    said: str,
    zone: str,
    now: datetime,
    *,
    once: bool,
    first: datetime | None,
) -> Schedule:
    row = Schedule(
        handle=_free_handle(session),
        kind=plan.kind,
        object=plan.object,
        said=said,
        zone=zone,
        since=now,
        once=once,
        late=plan.late,
        next=first,
        due=first,
        attempts=0,
        by=plan.by,
        place=None if plan.place is None else msgspec.json.encode(plan.place).decode(),
        team=plan.team,
        channel=plan.channel,
        marking=plan.marking,
        created=now,
    )
    session.add(row)
    session.flush()  # the next handle that is looked for sees it
    return row


def _free_handle(session: Session) -> str:
    while True:
        handle = "s-" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        found = select(Schedule.id).where(Schedule.handle == handle)
        if session.execute(found).first() is None:
            return handle
