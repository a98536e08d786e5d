"""Files that are slow, fail, or are cut off: each lands once, and nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.bridge.filing import PROMPT
from bot.delivery import report
from bot.delivery.files import LAST
from bot.events import HOUSE, File
from bot.store.database import Database
from tests.clock import Clock
from tests.fake_platform import BARE, REMEMBERING, FarEnd, Fault
from tests.small_bot import SmallBot, small_bot

CONTENT = b"%PDF" * 1000
LINE, BELOW = "📎 plan.pdf (4.0 kB) is on its way.", "📎 plan.pdf (4.0 kB): below"
ROOMS = ("r1", "r2")
networks = pytest.mark.parametrize("able", [BARE, REMEMBERING], ids=["bare", "remembering"])


def far_end() -> FarEnd:
    return FarEnd(rooms=ROOMS)


@asynccontextmanager
async def reading(
    database: Database, clock: Clock, far: FarEnd, able: object = BARE, prompt: float = 0.02
) -> AsyncIterator[SmallBot]:
    assert able in (BARE, REMEMBERING)
    capabilities = REMEMBERING if able == REMEMBERING else BARE
    channels = {"c": [far.room(each) for each in ROOMS]}
    session = "device" if able == REMEMBERING else ""
    async with small_bot(
        database, clock, far, channels=channels, capabilities=capabilities, session=session,
        prompt=prompt,
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot


def share(far: FarEnd, content: bytes = CONTENT) -> None:
    far.say("text", files={"plan.pdf": content})
    far.say("after")


@networks
def test_a_slow_file_goes_on_with_the_same_try(
    database: Database, clock: Clock, able: object
) -> None:
    async def scenario() -> None:
        far = far_end()
        far.files_held.clear()
        async with reading(database, clock, far, able) as bot:
            share(far)
            await far.until(lambda: far.copies("r2") == ["text", LINE, "after"])
            far.files_held.set()
            await bot.settled()
            assert far.copies("r2") == ["text", BELOW, "after", "plan.pdf"]
            assert far.standing("r2")[-1].held == CONTENT
            assert [each.content.__class__.__name__ for each in far.tries].count("Share") == 1

    asyncio.run(scenario())


@networks
@pytest.mark.parametrize("size", [4_000, PROMPT + 1])
def test_killed_on_its_way_it_lands_once(
    sqlite: Database, clock: Clock, able: object, size: int
) -> None:
    async def scenario() -> None:
        far = far_end()
        far.files_held.clear()
        async with reading(sqlite, clock, far, able) as bot:
            share(far, b"x" * size)
            await far.until(lambda: "after" in far.copies("r2"))
        far.files_held.set()
        for _ in range(2):
            async with reading(sqlite, clock, far, able) as bot:
                await bot.settled()
        copies = far.copies("r2")
        assert (copies[0], copies[2:]) == ("text", ["after", "plan.pdf"])
        assert copies[1].endswith(": below")

    asyncio.run(scenario())


@networks
@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.REFUSE])
@pytest.mark.parametrize("at", [1, 2])
def test_whatever_fails_both_land_once_and_in_order(
    sqlite: Database, clock: Clock, able: object, fault: Fault, at: int
) -> None:
    async def scenario() -> None:
        far = far_end()
        async with reading(sqlite, clock, far, able, prompt=10.0) as bot:
            faults = far.faults[far.room("r2")]
            far.say("one")
            await far.until(lambda: far.copies("r2") == ["one"])
            far.held.clear()
            share(far)
            await far.until(lambda: far.begun == 2)
            far.held.set()
            for _ in range(at):
                tried = len(far.tries)
                await bot.until(lambda tried=tried: len(far.tries) > tried)  # type: ignore[misc]  # bound now
            faults.append(fault)
            await bot.until(lambda: not faults or len(far.copies("r2")) == 4)
            faults.clear()
            await bot.settled()
        copies = far.copies("r2")
        assert copies.count("plan.pdf") == 1
        assert [each for each in copies if each in {"one", "text", "after"}] == [
            "one", "text", "after",
        ]  # fmt: skip
        lines = [each for each in copies if each.startswith("📎")]
        assert lines in ([], [BELOW])
        assert min(copies.index(each) for each in [*lines, "plan.pdf"]) == 2

    asyncio.run(scenario())


def test_what_is_refused_is_told_to_its_author_and_edited(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = far_end()
        far.files_held.clear()
        async with reading(sqlite, clock, far) as bot:
            share(far)
            await far.until(lambda: far.copies("r2") == ["text", LINE, "after"])
            far.faults[far.room("r2")].append(Fault.REFUSE)
            far.files_held.set()
            await bot.settled()
            said = "📎 plan.pdf (4.0 kB) could not be brought over; it stays in fake:far."
            assert far.copies("r2") == ["text", said, "after"]
            assert len(far.told("Ada")) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("by", ["time", "hand"])
def test_what_is_given_up_says_so_too(sqlite: Database, clock: Clock, by: str) -> None:
    async def scenario() -> None:
        far = far_end()
        async with reading(sqlite, clock, far) as bot:
            far.files.clear()
            far.faults[far.room("r2")].extend([Fault.UNREACHABLE] * 100)
            far.say("", files={"plan.pdf": CONTENT})
            await bot.until(lambda: bool(far.tries))
            if by == "time":
                clock.advance(LAST.total_seconds())
            else:
                key = next(each.id for each in await bot.rows() if each.kind == "share")
                await bot.database.run(lambda s: report.drop(s, [key], clock()))
            far.faults.clear()
            await bot.settled()
            said = "📎 plan.pdf (4.0 kB) could not be brought over; it stays in fake:far."
            assert far.copies("r2") == [said]
            assert len(far.told("Ada")) == 1

    asyncio.run(scenario())


def test_a_text_of_ours_is_a_file_that_can_be_opened(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = far_end()
        async with reading(sqlite, clock, far, prompt=10.0) as bot:
            far.say("é" * 41_000)
            await bot.until(lambda: len(far.copies("r2")) == 2)
            shared = far.standing("r2")[-1]
            assert (shared.text, shared.held) == ("message.txt", ("é" * 41_000 + "\n").encode())

    asyncio.run(scenario())


def test_the_house_is_no_account() -> None:
    assert File(HOUSE, "text", "message.txt").account == ""
