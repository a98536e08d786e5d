"""Feeds beside each other: one that fails harms no other, and its owner hears of it once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.lease import Leases
from bot.errors import LeaseLost
from bot.events import RoomId
from bot.feeds.fetching import Way
from bot.feeds.keeping import standings
from bot.feeds.standing import Standing
from bot.indicators.feeds.source import Source
from bot.store.database import Database
from bot.store.tables import Outbox, Roster
from bot.tasks.feeding import LEASE, FeedNotices, Feeds, guarded, readers_of
from bot.words import words_for
from tests.bot.feeds.far_side import FarSide, far_side
from tests.bot.indicators.feeds.test_rounds import lines
from tests.clock import Clock

ADMIN, OWNER = RoomId("fake:a/admin"), "fake:a/ada"
WAY = Way(most=10_000_000, total=5.0, idle=2.0)


class House:
    """Two feeds on one server."""

    def __init__(self, database: Database, clock: Clock, side: FarSide) -> None:
        self.database = database
        self.clock = clock
        self.side = side
        self.woken: set[str] = set()
        self.leases = Leases()
        self.sources = {
            name: Source(name, "text", url=f"{side.url}/{name}", every=timedelta(minutes=15),
                         owner=OWNER if name == "one" else None)
            for name in ("one", "two")
        }  # fmt: skip
        readers = readers_of(
            self.sources, {}, database, WAY, clock=clock, chance=lambda: 0.0,
            guard=guarded(self.leases),
        )  # fmt: skip
        self.feeds = Feeds(
            database, readers, FeedNotices([ADMIN], words_for("en")), self.wake, clock=clock,
        )  # fmt: skip

    def wake(self, lanes: Collection[str]) -> None:
        self.woken |= set(lanes)

    def take_over(self) -> None:
        taken = self.database.run_now(
            lambda s: self.leases.acquire(s, [LEASE], self.clock(), alone=True)
        )
        self.leases.took(taken)

    async def look(self, seconds: float = 0.0) -> None:
        """What is due by then is read to its end."""
        self.clock.advance(seconds)
        async with asyncio.TaskGroup() as tasks:
            await self.feeds.look(tasks)

    def standing(self, name: str) -> Standing:
        return self.database.read_now(lambda s: standings(s, [name]))[name]

    def told(self) -> list[tuple[str, str, str]]:
        """Room, kind and text of what was written."""
        columns = select(Outbox.room, Outbox.kind, Outbox.content)
        found = self.database.read_now(lambda s: s.execute(columns).all())
        return [(room, kind, str(content)) for room, kind, content in found]


@asynccontextmanager
async def house(database: Database, clock: Clock) -> AsyncIterator[House]:
    async with far_side() as side:
        side.says("/one", lines(300))
        side.says("/two", lines(50, 1000))
        made = House(database, clock, side)
        made.take_over()
        yield made


def test_one_that_fails_harms_no_other(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            whole.side.says("/one", "<html>", "text/html")
            await whole.look()
            assert (whole.standing("one").problem, whole.standing("one").good) == ("web page", 0)
            assert (whole.standing("two").problem, whole.standing("two").count) == ("", 50)

    asyncio.run(play())


def test_its_owner_is_told_privately_once_and_that_it_is_over(
    sqlite: Database, clock: Clock
) -> None:
    async def play() -> None:
        sqlite.run_now(lambda s: s.add(Roster(
            room="fake:a/room", person=OWNER, name="Ada", standing="member", team="a",
            since=clock(), until=None,
        )))  # fmt: skip
        async with house(sqlite, clock) as whole:
            await whole.look()
            assert whole.told() == []
            whole.side.says("/one", lines(900))
            for _ in range(3):
                await whole.look(86_400 / 4)
            ((room, kind, text),) = whole.told()
            assert (room, kind) == ("fake:a/room", "answer")
            assert "doubled" in text
            assert "feeds run one" in text
            by_hand = readers_of(whole.sources, {}, sqlite, WAY, clock=clock)["one"]
            made = await by_hand.read(accept=True)
            assert made.after.problem == ""
            await whole.look(1000)
            assert [kind for _, kind, _ in whole.told()] == ["answer", "answer"]
            assert "read again" in whole.told()[1][2]

    asyncio.run(play())


def test_what_often_is_over_soon_is_told_when_it_is_not(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            whole.side.says("/two", "", status=500)
            for _ in range(2):
                await whole.look(3600)
            assert whole.told() == []
            await whole.look(3600)
            ((room, kind, text),) = whole.told()
            assert (room, kind) == (ADMIN, "post")
            assert "never been read" in text
            assert whole.woken == {ADMIN}

    asyncio.run(play())


def test_nothing_is_written_by_one_who_has_lost_the_lease(sqlite: Database, clock: Clock) -> None:
    async def play() -> None:
        async with house(sqlite, clock) as whole:
            other = Leases()
            sqlite.run_now(lambda s: other.acquire(s, [LEASE], clock(), alone=True))
            with pytest.raises(ExceptionGroup) as raised:
                await whole.look()
            assert raised.group_contains(LeaseLost)
            assert whole.standing("two") == Standing()

    asyncio.run(play())
