"""An author sees a ⚠ on what has not landed everywhere, and on nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Connection

from bot.bridge.warnings import SIGN
from bot.delivery import report
from bot.delivery.overdue import Warnings
from bot.events import MessageId, React, RoomId, Unreact
from bot.store.database import Database
from bot.store.tables import OPEN, Outbox, State, Warned
from tests.clock import Clock
from tests.fake_platform import BARE, FarEnd, Fault
from tests.small_bot import WORDS, SmallBot, small_bot

Scenario = Callable[["Stage"], Awaitable[None]]


class Stage:
    """Three networks with a room each, in one channel, and a bot between them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.near, self.far, self.third = (FarEnd(f"fake:{n}") for n in ("near", "far", "third"))
        self.able = BARE
        self.bot: SmallBot

    @property
    def ends(self) -> list[FarEnd]:
        return [self.near, self.far, self.third]

    async def play(self, scenario: Scenario) -> None:
        rooms: dict[str, list[RoomId]] = {"c": [end.room() for end in self.ends]}
        async with small_bot(
            self.database, self.clock, *self.ends, channels=rooms, capabilities=self.able
        ) as self.bot:
            await self.bot.read()
            await scenario(self)

    async def say(self, *texts: str, name: str = "Ada") -> list[MessageId]:
        """Said in the near room, taken in, and landed where all is well."""
        well = [end for end in self.ends[1:] if end.up and not end.faults[end.room()]]
        said = [self.near.say(text, name=name) for text in texts]
        adapter = self.bot.platforms[self.near.account]
        await self.near.until(lambda: adapter.caught_up)
        for end in well:
            await end.until(lambda end=end: set(texts) <= set(end.copies()))  # type: ignore[misc]  # a default holds the loop's value
        return said

    async def wait(self, seconds: float) -> None:
        """Time passes; then the bot looks round, and does what is to be done at home."""
        self.clock.advance(seconds)
        self.bot.lanes.wake(await self.bot.warnings.look(self.database, self.clock()))
        await self.done(self.near.room())

    async def done(self, room: RoomId) -> None:
        """Nothing is under way to a room any more."""
        going = select(Outbox.seq).where(Outbox.room == room, Outbox.state.in_(OPEN)).limit(1)
        async with asyncio.timeout(50):
            while await self.database.read(lambda s: s.execute(going).first()):
                await self._stirred()

    async def _stirred(self) -> None:
        waits = [asyncio.ensure_future(end.changed.wait()) for end in self.ends]
        await asyncio.wait(waits, timeout=0.005, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()

    async def back(self, end: FarEnd) -> None:
        """A network is reached again, and all that waited for it lands."""
        end.restore()
        await self.bot.lanes.reconnected(end.account)
        await self.done(end.room())

    def signs(self) -> list[tuple[str, str]]:
        """What the bot did at home with its ⚠, in order."""
        return [
            (type(each.content).__name__, each.content.message)
            for each in self.near.tries
            if isinstance(each.content, React | Unreact)
        ]

    async def standing(self) -> int:
        """How many ⚠ the store holds."""
        rows = await self.database.read(lambda s: s.execute(select(Warned)).all())
        return len(rows)


@pytest.fixture
def stage(sqlite: Database, clock: Clock) -> Stage:
    return Stage(sqlite, clock)


def test_it_appears_after_30_s_and_goes_when_the_message_lands(
    database: Database, clock: Clock
) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        (message,) = await stage.say("words")
        await stage.wait(29)
        assert stage.signs() == []
        await stage.wait(1)
        assert stage.near.marks(message) == [SIGN]
        await stage.wait(600)
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.near.marks(message) == []
        assert stage.signs() == [("React", message), ("Unreact", message)]
        assert await stage.standing() == 0
        assert stage.far.copies() == stage.third.copies() == ["words"]
        assert stage.far.reactions == stage.third.reactions == []

    stage = Stage(database, clock)
    asyncio.run(stage.play(scenario))


def test_what_lands_in_time_shows_nothing(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say("one", "two")
        await stage.wait(3600)
        assert stage.signs() == []

    asyncio.run(stage.play(scenario))


def test_a_backlog_shows_it_once_on_its_oldest(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        messages = await stage.say(*(f"m{number}" for number in range(60)))
        for _ in range(20):
            await stage.wait(10)
        await stage.say("later", name="Ben")
        await stage.wait(60)
        await stage.back(stage.far)
        for _ in range(5):
            await stage.wait(1)
        assert len(stage.far.copies()) == 61
        assert stage.signs() == [("React", messages[0]), ("Unreact", messages[0])]

    asyncio.run(stage.play(scenario))


def test_when_the_oldest_is_done_with_the_rest_has_30_s_before_the_next_shows_it(
    stage: Stage,
) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        first, second, _ = await stage.say("one", "two", "three")
        await stage.wait(31)
        waiting = [row.id for row in await stage.bot.rows() if row.room == stage.far.room()]
        await stage.database.run(lambda s: report.drop(s, waiting[:1], stage.clock()))
        await stage.wait(1)
        assert stage.near.marks(first) == []
        await stage.wait(29)
        assert stage.near.reactions == []
        await stage.wait(1)
        assert stage.near.marks(second) == [SIGN]
        assert len(stage.near.reactions) == 1

    asyncio.run(stage.play(scenario))


def test_rooms_that_both_lack_it_show_one(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        stage.third.cut()
        (message,) = await stage.say("words")
        await stage.wait(31)
        assert await stage.standing() == 2
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.near.marks(message) == [SIGN]
        await stage.back(stage.third)
        await stage.wait(1)
        assert stage.signs() == [("React", message), ("Unreact", message)]

    asyncio.run(stage.play(scenario))


def test_one_that_is_refused_keeps_it_until_it_is_dropped(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.faults[stage.far.room()].append(Fault.REFUSE)
        (message,) = await stage.say("words")
        await stage.near.until(lambda: stage.near.marks(message) == [SIGN])
        await stage.wait(86400)
        assert stage.near.marks(message) == [SIGN]
        (dead,) = [row for row in await stage.bot.rows() if row.state == State.DEAD]
        await stage.database.run(lambda s: report.drop(s, [dead.id], stage.clock()))
        await stage.wait(1)
        assert stage.signs() == [("React", message), ("Unreact", message)]

    asyncio.run(stage.play(scenario))


def test_one_that_is_refused_keeps_it_until_it_is_sent_again_and_lands(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.faults[stage.far.room()].append(Fault.REFUSE)
        (message,) = await stage.say("words")
        await stage.near.until(lambda: stage.near.marks(message) == [SIGN])
        await stage.database.run(lambda s: report.retry(s, None))
        await stage.wait(1)
        assert stage.near.marks(message) == [SIGN]
        stage.bot.lanes.wake([stage.far.room()])
        await stage.done(stage.far.room())
        await stage.wait(1)
        assert stage.far.copies() == ["words"]
        assert stage.near.marks(message) == []

    asyncio.run(stage.play(scenario))


def test_a_backlog_that_is_refused_shows_it_once_and_what_comes_after_again(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.faults[stage.far.room()].append(Fault.REFUSE)
        (old,) = await stage.say("old")
        await stage.near.until(lambda: stage.near.marks(old) == [SIGN])
        stage.clock.advance(86400)
        stage.far.cut()
        first, second, third = await stage.say("one", "two", "three")
        stage.clock.advance(5)
        stage.far.faults[stage.far.room()].extend([Fault.REFUSE] * 4)
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.signs() == [("React", old), ("React", first)]
        (later,) = await stage.say("later")
        await stage.near.until(lambda: stage.near.marks(later) == [SIGN])
        dead = [row.id for row in await stage.bot.rows() if row.state == State.DEAD][1:]
        for gone, left in ((0, [later]), (3, [second]), (1, [third]), (2, [])):
            await stage.database.run(lambda s, at=gone: report.drop(s, [dead[at]], stage.clock()))  # type: ignore[misc]  # a default holds the loop's value
            await stage.wait(1)
            assert [m for m in (first, second, third, later) if stage.near.marks(m)] == left
        assert stage.near.marks(old) == [SIGN]

    asyncio.run(stage.play(scenario))


def test_a_persons_own_sign_stays_when_ours_goes(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.third.cut()
        (message,) = await stage.say("words")
        copy = stage.far.standing()[0].message
        stage.far.react(copy, SIGN, name="Ben")
        await stage.near.until(lambda: stage.near.marks(message) == [SIGN])
        await stage.wait(31)
        assert stage.signs() == [("React", message)]
        await stage.back(stage.third)
        await stage.wait(1)
        assert stage.near.marks(message) == [SIGN]
        stage.far.react(copy, SIGN, name="Ben", added=False)
        await stage.near.until(lambda: stage.near.marks(message) == [])
        assert len(stage.signs()) == 2

    asyncio.run(stage.play(scenario))


def test_our_sign_stays_when_a_persons_own_goes(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.third.cut()
        (message,) = await stage.say("words")
        copy = stage.far.standing()[0].message
        await stage.wait(31)
        stage.far.react(copy, SIGN, name="Ben")
        stage.far.react(copy, SIGN, name="Ben", added=False)
        adapter = stage.bot.platforms[stage.far.account]
        await stage.far.until(lambda: adapter.caught_up)
        await stage.wait(1)
        assert stage.signs() == [("React", message)]
        assert stage.far.marks(copy) == []
        await stage.back(stage.third)
        await stage.wait(1)
        assert stage.near.marks(message) == []

    asyncio.run(stage.play(scenario))


def test_what_a_room_that_has_left_the_configuration_said_is_let_go_of(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        await stage.say("words")
        await stage.wait(31)
        places = replace(stage.bot.warnings._places, channels={})
        elsewhere = Warnings(places, WORDS)
        await stage.back(stage.far)
        assert await elsewhere.look(stage.database, stage.clock()) == set()
        assert await stage.standing() == 0

    asyncio.run(stage.play(scenario))


def test_an_edit_that_does_not_land_shows_it_too(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        (message,) = await stage.say("words")
        stage.far.cut()
        stage.near.edit(message, "other words")
        await stage.third.until(lambda: stage.third.copies() == ["other words"])
        await stage.wait(31)
        assert stage.near.marks(message) == [SIGN]
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.near.marks(message) == []
        assert stage.far.copies() == ["other words"]

    asyncio.run(stage.play(scenario))


def test_of_a_deleted_message_nothing_is_left(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        (message,) = await stage.say("words")
        await stage.wait(31)
        stage.near.delete(message)
        await stage.third.until(lambda: stage.third.copies() == [])
        await stage.wait(1)
        assert await stage.standing() == 0
        await stage.wait(60)
        assert stage.signs() == [("React", message)]

    asyncio.run(stage.play(scenario))


def test_a_sign_that_was_not_shown_yet_is_not_shown_late(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        (message,) = await stage.say("words")
        stage.near.cut()
        stage.clock.advance(31)
        stage.bot.lanes.wake(await stage.bot.warnings.look(stage.database, stage.clock()))
        await stage.near.until(lambda: len(stage.signs()) == 1)
        await stage.back(stage.far)
        stage.clock.advance(1)
        await stage.bot.warnings.look(stage.database, stage.clock())
        await stage.back(stage.near)
        assert stage.near.marks(message) == []
        assert stage.signs() == [("React", message)]

    asyncio.run(stage.play(scenario))


def test_another_life_of_the_bot_shows_it_no_second_time(stage: Stage) -> None:
    messages: list[MessageId] = []

    async def first(stage: Stage) -> None:
        stage.far.cut()
        messages.extend(await stage.say("words"))
        await stage.wait(31)

    async def second(stage: Stage) -> None:
        await stage.wait(31)
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.signs() == [("React", messages[0]), ("Unreact", messages[0])]

    async def lives() -> None:
        await stage.play(first)
        await stage.play(second)

    asyncio.run(lives())


def test_where_the_bot_cannot_react_the_author_is_told_in_words(stage: Stage) -> None:
    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        await stage.say("words")
        await stage.wait(31)
        await stage.near.until(lambda: len(stage.near.told("Ada")) == 1)
        assert "trace" in stage.near.told("Ada")[0]
        assert "words" not in stage.near.told("Ada")[0]
        await stage.back(stage.far)
        await stage.wait(1)
        assert stage.signs() == []
        assert await stage.standing() == 0

    stage.able = replace(BARE, reactions=False)
    asyncio.run(stage.play(scenario))


def test_looking_reads_no_table_from_end_to_end(stage: Stage) -> None:
    """Of deliveries only those that are open are looked at."""
    plans: list[str] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, parameters: tuple[object, ...],
        *_more: object,
    ) -> None:  # fmt: skip
        if statement.lstrip().startswith("SELECT"):
            driver = connection.connection.driver_connection
            assert driver is not None
            found = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(row[-1] for row in found)

    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        await stage.say(*(f"m{number}" for number in range(5)))
        await stage.wait(31)
        engine = stage.database._readers
        event.listen(engine, "before_cursor_execute", explain)
        stage.clock.advance(31)
        await stage.bot.warnings.look(stage.database, stage.clock())

    asyncio.run(stage.play(scenario))
    assert plans
    scans = {each for each in plans if re.match(r"SCAN (outbox|message)", each)}
    assert scans == {"SCAN outbox USING INDEX ix_outbox_lane"}  # which holds only what is open


def test_a_long_backlog_is_looked_through_in_no_time(stage: Stage) -> None:
    """Ten thousand that wait: a look takes a fraction of the second between two of them."""

    async def scenario(stage: Stage) -> None:
        stage.far.cut()
        (message,) = await stage.say("words")
        rows = await stage.bot.rows()
        waiting = next(row for row in rows if row.room == stage.far.room())
        values = {
            column.name: getattr(waiting, column.name)
            for column in Outbox.__table__.columns
            if column.name not in {"seq", "id"}
        }
        await stage.database.run(
            lambda s: s.execute(
                Outbox.__table__.insert(),  # type: ignore[attr-defined]  # a table
                [{**values, "id": f"dfill{number}"} for number in range(10_000)],
            )
        )
        await stage.wait(31)
        assert stage.near.marks(message) == [SIGN]
        loop, took = asyncio.get_running_loop(), []
        for _ in range(3):
            began = loop.time()
            assert await stage.bot.warnings.look(stage.database, stage.clock()) == set()
            took.append(loop.time() - began)
        assert min(took) < 0.5

    asyncio.run(stage.play(scenario))
