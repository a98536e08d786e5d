"""The chain's head goes to the rooms that witness it: once a day, at a fixed hour."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from bot.custody import heads, sealing, verifying
from bot.custody.audit import Action
from bot.custody.verifying import Fault, Wrong
from bot.delivery import outbox
from bot.delivery.lease import Leases
from bot.delivery.outcomes import Delivered
from bot.events import DeliveryId, MessageId, RoomId
from bot.store.database import Database
from bot.store.tables import Audit, Mark, Outbox
from bot.tasks.sealer import Sealer
from bot.words import words_for
from tests.bot.custody.rows import hashes, tampered, write
from tests.clock import Clock

ADMIN, HOME = RoomId("matrix:coalition/!adm:example.org"), RoomId("slack:alpha/C9")
START = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


class Life:
    """A bot's sealer from one start to the next."""

    def __init__(
        self, database: Database, clock: Clock, rooms: Sequence[RoomId] = (ADMIN, HOME)
    ) -> None:
        self.database = database
        self.clock = clock
        leases = Leases()
        names = [sealing.LEASE]
        leases.took(database.run_now(lambda s: leases.acquire(s, names, clock(), alone=True)))
        self._sealer = Sealer(database, leases, rooms, words_for("en"), clock=clock)

    def look(self) -> set[str]:
        return asyncio.run(self._sealer.look())


def told(database: Database) -> list[tuple[str, str]]:
    """Where heads went, and what was said."""
    rows = select(Outbox).order_by(Outbox.seq)
    return database.read_now(
        lambda s: [(row.room, (row.content or b"").decode()) for row in s.scalars(rows)]
    )


def land(database: Database) -> None:
    """Everything that was sent lands."""

    def work(session: Session) -> None:
        for key in list(session.scalars(select(Outbox.id))):
            outbox.settle(session, Delivered(DeliveryId(key), MessageId("$1")), START)

    database.run_now(work)


def verified(life: Life) -> verifying.Verified:
    return life.database.read_now(lambda s: verifying.verify(s, life.clock()))


def head_acts(database: Database) -> list[str]:
    acts = select(Audit.object).where(Audit.action == Action.HEAD).order_by(Audit.seq)
    return database.read_now(lambda s: list(s.scalars(acts)))


def test_the_head_is_told_at_six_to_every_witness(database: Database, clock: Clock) -> None:
    life = Life(database, clock)
    write(database, 3)
    assert life.look() == set(), "a new store begins with the next day"
    clock.now = datetime(2026, 3, 5, 5, 59, 59, tzinfo=UTC)
    assert life.look() == set()
    clock.now = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
    assert life.look() == {ADMIN, HOME}
    assert [room for room, _ in told(database)] == [ADMIN, HOME]
    (head,) = hashes(database)[2:3]
    assert all(f"3 rows; its head is {head.hex()}" in said for _, said in told(database))
    assert head_acts(database) == [f"head:3:{head.hex()}"]
    assert life.look() == set()
    assert verified(life).rows == 4, "telling it is a row as well"


def test_it_is_told_once_a_day_across_restarts_and_once_after_days_away(
    database: Database, clock: Clock
) -> None:
    write(database, 1)
    Life(database, clock).look()
    clock.now = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
    for _ in range(3):
        Life(database, clock).look()
    assert len(told(database)) == 2
    clock.advance(timedelta(hours=23).total_seconds())  # 5:30 of the next day
    Life(database, clock).look()
    assert len(told(database)) == 2
    clock.advance(timedelta(days=5).total_seconds())
    for _ in range(3):
        Life(database, clock).look()
    assert len(told(database)) == 4
    clock.advance(timedelta(hours=1).total_seconds())
    Life(database, clock).look()
    assert len(told(database)) == 6, "at six again, though nothing else was done"


def test_whoever_asks_again_in_the_same_day_is_given_none(database: Database, clock: Clock) -> None:
    """Between seeing that one is due and telling it, another may have told it."""
    life = Life(database, clock)
    life.look()
    clock.now = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
    assert life.look() == set(), "of a chain without rows there is no head"
    write(database, 1)
    life.look()
    for _ in range(2):
        assert database.run_now(lambda s: heads.next_head(s, clock(), sealing.end(s))) is None
    assert len(head_acts(database)) == 1


def test_a_chain_is_witnessed_when_its_head_has_landed(database: Database, clock: Clock) -> None:
    life = Life(database, clock)
    write(database, 3)
    life.look()
    assert verified(life).witnessed is None
    clock.now = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
    life.look()
    assert verified(life).witnessed is None, "nobody has seen it yet"
    land(database)
    assert verified(life).witnessed == 3
    clock.advance(timedelta(days=1).total_seconds())
    life.look()
    assert verified(life).witnessed == 3, "as long as the next one is on its way"
    land(database)
    assert verified(life).witnessed == 4


def test_without_a_room_nothing_is_told_and_nothing_witnessed(
    database: Database, clock: Clock
) -> None:
    life = Life(database, clock, ())
    write(database, 1)
    clock.advance(timedelta(days=3).total_seconds())
    life.look()
    assert (told(database), head_acts(database)) == ([], [])
    assert verified(life).witnessed is None
    assert verified(life).fault is None


@pytest.fixture
def witnessed(database: Database, clock: Clock) -> Life:
    """Three rows, a head of them that has landed, and the row that says so."""
    life = Life(database, clock)
    write(database, 3)
    life.look()
    clock.now = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
    life.look()
    life.look()
    land(database)
    assert verified(life).fault is None
    return life


def test_a_tail_that_was_cut_off_is_found_by_the_head_that_was_told(witnessed: Life) -> None:
    cut = "DELETE FROM audit WHERE number >= 3"
    with tampered(witnessed.database, cut) as session:
        found = verifying.verify(session, witnessed.clock())
    assert found.fault == Fault(3, Wrong.CUT)


def test_a_chain_that_was_made_anew_is_found_by_the_head_that_was_told(witnessed: Life) -> None:
    unseal = "UPDATE audit SET number = NULL, previous = NULL, hash = NULL"
    with tampered(witnessed.database, unseal) as session:
        session.execute(text("UPDATE audit SET who = 'nobody' WHERE seq = 2"))
        assert sealing.seal(session) == 4
        found = verifying.verify(session, witnessed.clock())
    assert found.fault == Fault(3, Wrong.REPLACED)


def test_what_the_store_remembers_of_heads_is_no_witness_of_its_own(witnessed: Life) -> None:
    """Who erases that too is found by the rooms alone: by a head that somebody gives."""
    kept = hashes(witnessed.database)[2]

    def forget(session: Session) -> None:
        session.execute(delete(Mark))
        session.execute(update(Outbox).values(content=None))
        session.execute(text("DELETE FROM audit WHERE number >= 3"))

    witnessed.database.run_now(forget)
    found = verified(witnessed)
    assert (found.fault, found.witnessed) == (None, None)
    given = witnessed.database.read_now(lambda s: verifying.verify(s, witnessed.clock(), kept))
    assert given.fault == Fault(3, Wrong.UNKNOWN)
