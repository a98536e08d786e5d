"""`backfill`: what was said before comes into a new room, in order, once, and in its threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.bridge.jobs import MOST, Job, job_in, put_job
from bot.events import RoomId
from bot.store.database import Database
from bot.tasks.backfilling import Backfills
from bot.words.times import moment
from tests.clock import Clock
from tests.fake_platform import SAID, FarEnd
from tests.small_bot import WORDS, SmallBot, places, small_bot

LATER = SAID + timedelta(days=1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def ends() -> tuple[FarEnd, FarEnd]:
    """Two networks, the first with the new room `new` beside `r1`."""
    return FarEnd("fake:one", ["r1", "new"]), FarEnd("fake:two")


@asynccontextmanager
async def filling(
    database: Database, clock: Clock, one: FarEnd, two: FarEnd
) -> AsyncIterator[tuple[SmallBot, Backfills]]:
    rooms = [one.room("r1"), two.room(), one.room("new")]
    async with small_bot(database, clock, one, two, channels={"c": rooms}) as bot:
        where = places({"c": rooms})
        yield (
            bot,
            Backfills(database, bot.platforms, where, bot.handler, bot.lanes, WORDS, clock=clock),
        )


async def ask(bot: SmallBot, room: RoomId, most: int = MOST, **more: object) -> None:
    job = Job("c", SAID, LATER, most, **more)  # type: ignore[arg-type]  # fields by name
    await bot.database.run(lambda s: put_job(s, room, job))


async def fill(bot: SmallBot, backfills: Backfills, room: RoomId) -> None:
    """Carry the job out, while the lanes work."""
    task = asyncio.create_task(backfills.carry_out(room))
    await bot.until(task.done)
    await task
    await bot.settled()


def told(far: FarEnd) -> list[str]:
    """What the new room shows, without the times."""
    return [text.splitlines()[-1] for text in far.copies("new")]


def test_all_rooms_are_merged_by_time_and_each_message_says_when(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            one.say("first", said=SAID)
            two.say("second", said=SAID + minutes(1))
            one.say("third", said=SAID + minutes(2))
            two.say("!ping", said=SAID + minutes(3))
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            assert told(one)[:3] == ["first", "second", "third"]
            assert one.copies("new")[3].startswith("3 messages since")
            assert len(one.copies("new")) == 4
            assert "2026-03-04 14:01 UTC" in one.copies("new")[1]
            assert one.copies("r1") == []
            assert two.copies() == [], "nobody else is told again"

    asyncio.run(scenario())


def test_where_nothing_was_said_it_tells_from_when_on_it_looked(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await bot.read()
            await ask(bot, one.room("new"), most=200)
            await fill(bot, backfills, one.room("new"))
            when = moment(WORDS, SAID, clock())
            assert told(one) == [f"0 messages since {when} were brought over."]

    asyncio.run(scenario())


def test_what_the_room_has_is_not_doubled_and_asking_again_brings_nothing(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await bot.read()
            one.say("live")
            await bot.until(lambda: len(one.copies("new")) == 1 and len(two.copies()) == 1)
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            said = told(one)
            assert said[0] == "live"
            assert [text.startswith("0 messages since") for text in said[1:]] == [True, True]
            assert two.copies() == ["live"]

    asyncio.run(scenario())


def test_threads_edits_and_reactions_come_over_too(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            root = two.say("root", said=SAID)
            two.say("answer", thread=root, said=SAID + minutes(1))
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            stands = {each.text.splitlines()[-1]: each for each in one.standing("new")}
            assert stands["answer"].thread == stands["root"].message
            await bot.read()  # what happens to it from now on follows
            two.edit(root, "root, said better")
            two.react(root, "👍")
            await bot.until(lambda: one.marks(stands["root"].message) == ["👍"])
            await bot.until(lambda: any("said better" in text for text in one.copies("new")))
            (edited,) = [text for text in one.copies("new") if "said better" in text]
            assert "14:00 UTC" in edited, "when it was said stays"

    asyncio.run(scenario())


def test_what_was_only_told_still_reaches_the_others_when_it_is_heard(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            two.say("not yet heard")
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            assert one.copies("r1") == []
            await bot.read()
            await bot.until(lambda: one.copies("r1") == ["not yet heard"])
            assert [text for text in told(one) if text == "not yet heard"] == ["not yet heard"]

    asyncio.run(scenario())


def test_only_the_newest_of_all_rooms_together_where_a_number_is_asked_for(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        one, two = ends()
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            for number in range(6):
                (one, two)[number % 2].say(str(number), said=SAID + minutes(number))
            await ask(bot, one.room("new"), 3)
            await fill(bot, backfills, one.room("new"))
            assert told(one)[:3] == ["3", "4", "5"]
            assert told(one)[3].startswith("3 messages since")

    asyncio.run(scenario())


def test_it_goes_on_after_a_restart_without_a_double(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        for number in range(12):
            two.say(str(number), said=SAID + minutes(number))
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await ask(bot, one.room("new"))
            task = asyncio.create_task(backfills.carry_out(one.room("new")))
            await bot.until(lambda: len(one.copies("new")) >= 4)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await fill(bot, backfills, one.room("new"))
            assert told(one)[:12] == [str(number) for number in range(12)]
            assert told(one)[12].startswith("12 messages since")

    asyncio.run(scenario())


def test_it_can_be_stopped(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        for number in range(30):
            two.say(str(number), said=SAID + minutes(number))
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await ask(bot, one.room("new"))
            task = asyncio.create_task(backfills.carry_out(one.room("new")))
            await bot.until(lambda: len(one.copies("new")) >= 3)
            await bot.database.run(lambda s: put_job(s, one.room("new"), None))
            await bot.until(task.done)
            await bot.settled()
            assert len(one.copies("new")) < 30

    asyncio.run(scenario())


def test_what_is_said_meanwhile_waits_for_a_few_alone(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        for number in range(30):
            two.say(str(number), said=SAID + minutes(number))
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            one.held.clear()  # the lane stands still
            await ask(bot, one.room("new"))
            task = asyncio.create_task(backfills.carry_out(one.room("new")))
            await bot.until(lambda: one.begun == 1)
            await bot.post(one.room("new"), "live")
            one.held.set()
            await bot.until(task.done)
            await bot.settled()
            assert told(one).index("live") <= 6

    asyncio.run(scenario())


def test_a_room_that_cannot_be_read_is_named_at_the_end(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        one.say("here")
        two.barred.add(two.room())
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await ask(bot, one.room("new"))
            await fill(bot, backfills, one.room("new"))
            assert told(one) == ["here", "I could not read: fake:two/r1."]
            assert await bot.database.read(lambda s: job_in(s, one.room("new"))) is None

    asyncio.run(scenario())


def test_a_job_that_stands_in_the_store_is_begun(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        one, two = ends()
        two.say("said before")
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            await ask(bot, one.room("new"))
            running = asyncio.create_task(backfills.run())
            try:
                await bot.until(lambda: len(one.copies("new")) == 2)
                await ask(bot, one.room("new"))
                await bot.until(lambda: len(one.copies("new")) == 3)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            assert told(one)[0] == "said before"

    asyncio.run(scenario())


def test_what_nobody_foresaw_ends_the_job_and_is_said(
    sqlite: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        one, two = ends()
        two.say("said before")
        async with filling(sqlite, clock, one, two) as (bot, backfills):
            monkeypatch.setattr(bot.handler, "bring", lambda *_: 1 / 0)
            await ask(bot, one.room("new"))
            running = asyncio.create_task(backfills.run())
            try:
                await bot.until(lambda: len(one.copies("new")) == 1)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            assert one.copies("new")[0].startswith("Something went wrong on my side")
            assert await bot.database.read(lambda s: job_in(s, one.room("new"))) is None

    asyncio.run(scenario())
