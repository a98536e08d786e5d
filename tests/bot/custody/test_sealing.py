"""Rows are sealed in the order in which they were written, once each, whoever dies when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody import sealing
from bot.custody.audit import Act, Action, named, of_message, record, record_all
from bot.delivery.lease import LASTS, Leases
from bot.errors import LeaseLost
from bot.store.database import Database
from bot.store.tables import Audit, Message
from bot.tasks.sealer import Sealer
from bot.words import words_for
from tests.bot.custody.rows import NOW, act, seal, verified, write
from tests.clock import Clock


def rows(database: Database) -> list[Audit]:
    every = select(Audit).order_by(Audit.seq)
    return database.read_now(lambda session: list(session.scalars(every)))


def test_an_act_is_written_as_it_was_and_sealed_later(database: Database) -> None:
    write(database, 1)
    (row,) = rows(database)
    wanted = act(0)
    assert (row.who, row.team, row.action, row.object) == (
        wanted.who, wanted.team, wanted.action, wanted.object,
    )  # fmt: skip
    assert (row.rule, row.outcome, row.originator) == ("gate:ceiling", "denied", "cert-bravo")
    assert row.at == NOW
    assert (row.number, row.previous, row.hash) == (None, None, None)
    assert seal(database) == 1
    assert seal(database) == 0
    (row,) = rows(database)
    assert row.number == 1
    assert row.previous == bytes(32)
    assert len(row.hash or b"") == 32


def test_an_act_stands_with_what_it_is_about_or_not_at_all(database: Database) -> None:
    def fail(session: Session) -> None:
        record(session, act(), NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run_now(fail)
    assert rows(database) == []


def test_a_message_is_named_by_its_number_and_the_hash_of_its_text() -> None:
    assert of_message(Message(id=12, digest=b"\x01\xff")) == "message:12:01ff"
    assert of_message(Message(id=12, digest=None)) == "message:12"
    assert named("audit") == "audit"


def test_several_acts_keep_their_order(database: Database) -> None:
    acts = [Act("bot", None, Action.JOINED, named("room", each)) for each in range(5)]
    database.run_now(lambda session: record_all(session, acts, NOW))
    database.run_now(lambda session: record_all(session, [], NOW))
    assert [row.object for row in rows(database)] == [each.object for each in acts]


def test_a_backlog_is_sealed_in_pieces_that_fit_together(database: Database) -> None:
    write(database, 7)
    assert [database.run_now(lambda s: sealing.seal(s, 3)) for _ in range(4)] == [3, 3, 1, 0]
    assert verified(database).rows == 7


def test_what_was_committed_late_is_sealed_later(new_postgresql: object) -> None:
    """On PostgreSQL a row with a lower `seq` may become visible after one with a higher."""
    from tests.stores import opened

    with opened(new_postgresql()) as database:  # type: ignore[operator]  # the fixture's function
        with database.engine.connect() as slow, Session(slow) as session:
            record(session, act(1), NOW)
            write(database, 1)
            assert seal(database) == 1
            session.commit()
        assert seal(database) == 1
        assert [row.number for row in rows(database)] == [2, 1]
        assert verified(database).fault is None


def sealer(database: Database, clock: Clock) -> tuple[Sealer, Leases]:
    leases = Leases()
    return Sealer(database, leases, [], words_for("en"), clock=clock), leases


def take(database: Database, leases: Leases, clock: Clock) -> None:
    taken = database.run_now(lambda s: leases.acquire(s, [sealing.LEASE], clock(), alone=False))
    leases.took(taken)


def test_what_a_dead_bot_left_is_sealed_by_the_next(database: Database, clock: Clock) -> None:
    """It dies after its rows were committed and before they were sealed."""
    first, leases = sealer(database, clock)
    take(database, leases, clock)
    write(database, 3)
    asyncio.run(first.look())
    write(database, 2)  # and here it dies
    clock.advance(LASTS.total_seconds() + 1)
    second, others = sealer(database, clock)
    take(database, others, clock)
    asyncio.run(second.look())
    assert verified(database).rows == 5
    assert verified(database).unsealed == 0


def test_of_two_sealers_one_seals(database: Database, clock: Clock) -> None:
    """The one that was taken for dead wakes up, and is fenced off."""
    old, leases = sealer(database, clock)
    take(database, leases, clock)
    clock.advance(LASTS.total_seconds() + 1)
    new, others = sealer(database, clock)
    take(database, others, clock)
    write(database, 3)
    with pytest.raises(LeaseLost):
        asyncio.run(old.look())
    assert verified(database).rows == 0
    asyncio.run(new.look())
    assert verified(database).rows == 3


def test_sealers_that_know_of_no_lease_still_make_one_chain(database: Database) -> None:
    """What the store itself holds them to: one transaction after the other."""
    write(database, 40)

    async def both() -> list[int]:
        return await asyncio.gather(
            *(database.run(lambda s: sealing.seal(s, 10)) for _ in range(4))
        )

    assert asyncio.run(both()) == [10] * 4
    found = verified(database)
    assert (found.rows, found.fault) == (40, None)


def test_rows_are_sealed_while_others_are_written(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, leases = sealer(database, clock)
        taken = await database.run(
            lambda s: leases.acquire(s, [sealing.LEASE], clock(), alone=True)
        )
        leases.took(taken)

        async def act_on() -> None:
            for number in range(60):
                await database.run(lambda s, n=number: record(s, act(n), NOW + timedelta(0, n)))  # type: ignore[misc]  # a default holds the loop's value

        acting = asyncio.create_task(act_on())
        while not acting.done():
            await one.look()
        await acting
        await one.look()

    asyncio.run(scenario())
    found = verified(database)
    assert (found.rows, found.unsealed, found.fault) == (60, 0, None)
    count = select(func.count()).where(Audit.hash.is_not(None))
    assert database.read_now(lambda s: s.execute(count).scalar_one()) == 60
