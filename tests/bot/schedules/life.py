"""A bot's scheduler from one start to the next, with a kind of its own: it says what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.json import decode
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery.lease import Leases
from bot.events import Answer, Content, Outgoing, PersonId, Post, RoomId
from bot.richtext import plain, say
from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due, Handler, Kinds, Late, Place
from bot.store.database import Database
from bot.store.tables import Occurrence, Outbox, Schedule
from bot.tasks.scheduler import LEASE, Scheduler
from bot.words import words_for
from tests.clock import Clock

ROOM, ADMIN = RoomId("slack:alpha/C1"), RoomId("matrix:coalition/!adm:example.org")
ADA, PLACE = PersonId("slack:alpha/U1"), Place(ROOM)


def saying(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
    text = f"{due.object} of {due.instant:%d.%m. %H:%M}" + (", late" if due.late else "")
    return [Outgoing(ROOM, Post(say(text)))]


def broken(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
    raise ZeroDivisionError


SAYING: Mapping[str, Handler] = {"say": saying}


class Life:
    """A scheduler that has taken the lease over."""

    def __init__(
        self, database: Database, clock: Clock, kinds: Kinds = SAYING, *, alone: bool = True
    ) -> None:
        self.database = database
        self.leases = Leases()
        self.woken = asyncio.Event()
        names = [LEASE]
        self.leases.took(
            database.run_now(lambda s: self.leases.acquire(s, names, clock(), alone=alone))
        )
        self.scheduler = Scheduler(
            database, self.leases, kinds, self._wake, words_for("en"), [ADMIN], clock=clock
        )

    def _wake(self, lanes: set[str]) -> None:
        if lanes:
            self.woken.set()

    def look(self) -> None:
        """Carry out what is due."""
        asyncio.run(self.scheduler.carry_out())


def daily(
    database: Database,
    clock: Clock,
    said: str = "daily 09:00",
    zone: str = "UTC",
    *,
    kind: str = "say",
    late: Late = Late.POST,
    name: str = "digest",
) -> str:
    """A schedule of Ada's; its handle."""
    plan = Plan(kind, name, by=ADA, place=PLACE, late=late)
    return database.run_now(lambda s: keeping.begin(s, plan, said, zone, clock()).handle)


def once(database: Database, clock: Clock, at: datetime, *, late: Late = Late.POST) -> str:
    plan = Plan("say", "advisory", by=ADA, place=PLACE, late=late)
    return database.run_now(lambda s: keeping.begin_once(s, plan, at, "UTC", clock()).handle)


def said(database: Database) -> list[str]:
    """What has been put into the outbox, in order."""
    rows = select(Outbox.content).order_by(Outbox.seq)

    def text(content: bytes | None) -> str:
        found = decode(content or b"", type=Content)
        assert isinstance(found, Post | Answer)
        return plain(found.body)

    return database.read_now(lambda s: [text(each) for each in s.scalars(rows)])


def occurrences(database: Database) -> list[str]:
    rows = select(Occurrence.state, Occurrence.instant).order_by(Occurrence.instant)
    return database.read_now(lambda s: [f"{a} {b:%d.%m. %H:%M}" for a, b in s.execute(rows)])


def row(database: Database, handle: str) -> Schedule:
    found = select(Schedule).where(Schedule.handle == handle)

    def work(session: Session) -> Schedule:
        one = session.execute(found).scalar_one()
        session.expunge(one)
        return one

    return database.read_now(work)
