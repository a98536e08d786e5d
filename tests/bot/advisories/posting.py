"""Advisories that wait for their time, the scheduler that posts them, and what was posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec.json import decode
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.advisories import keeping, landing, releasing, reminding
from bot.events import Answer, Content, Post, RoomId
from bot.richtext import plain
from bot.schedules.kinds import Place
from bot.store.database import Database
from bot.store.tables import Outbox, Posting, Reference, State
from bot.store.tables.advisories import Advisory
from bot.times.instants import read_instant
from tests.bot.advisories.newsroom import BEGUN, Newsroom, Publisher, person
from tests.bot.schedules.life import Life
from tests.clock import Clock
from tests.custody import ROOMS


def life(database: Database, clock: Clock, publisher: Publisher, *, alone: bool = True) -> Life:
    """A scheduler that has taken the lease over, and posts advisories."""
    kinds = {
        releasing.KIND: releasing.handler(publisher),
        reminding.KIND: reminding.handler(publisher),
        landing.KIND: landing.handler(publisher),
    }
    return Life(database, clock, kinds, alone=alone)


def wait_for(database: Database, publisher: Publisher, at: datetime, count: int = 1) -> None:
    """Sealed advisories that are posted at an instant."""

    def work(session: Session) -> None:
        room = Newsroom(publisher.alliance, publisher.able, session=session)
        reading = read_instant(at.isoformat(), BEGUN, at.tzinfo or BEGUN.tzinfo)  # type: ignore[arg-type]
        for _ in range(count):
            place = Place(ROOMS[0], direct=True)
            releasing.schedule(session, room.sealed(), reading, person("a"), place, BEGUN)

    database.run_now(work)


def posts(database: Database) -> Counter[tuple[str, str]]:
    """How often each advisory was posted into each room."""
    rows = select(Posting.ref, Posting.room).where(Posting.kind == keeping.HEAD)
    return database.read_now(lambda s: Counter((ref, room) for ref, room in s.execute(rows)))


def numbers(database: Database) -> Sequence[int]:
    """The numbers that were taken, in order."""
    taken = select(Reference.number).where(Reference.number.is_not(None)).order_by(Reference.number)
    return database.read_now(lambda s: [each or 0 for each in s.execute(taken).scalars()])


def states(database: Database) -> Counter[str]:
    """How many advisories stand how."""
    found = select(Advisory.state, func.count()).group_by(Advisory.state)
    return database.read_now(lambda s: Counter({row[0]: row[1] for row in s.execute(found)}))


def land(database: Database, room: RoomId) -> None:
    """What is for a room has landed."""
    landed = {"state": State.DELIVERED, "finished": BEGUN, "landed": f"m-{room}"}
    database.run_now(
        lambda s: s.execute(
            update(Outbox).where(Outbox.room == room, Outbox.content.is_not(None)).values(landed)
        )
    )


def told(database: Database) -> list[str]:
    """What somebody was told alone."""
    contents = database.read_now(lambda s: list(s.execute(select(Outbox.content)).scalars()))
    found = [decode(each or b"", type=Content) for each in contents]
    return [plain(each.body) for each in found if isinstance(each, Answer)]


def shown(database: Database) -> list[str]:
    """What the posts say."""
    heads = (
        select(Outbox.content)
        .join(Posting, Posting.delivery == Outbox.id)
        .where(Posting.kind == keeping.HEAD)
    )
    contents = database.read_now(lambda s: list(s.execute(heads).scalars()))
    found = [decode(each or b"", type=Content) for each in contents]
    return [plain(each.body) for each in found if isinstance(each, Post)]
