"""Third parties through the bot: asked only by name, after the answer, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from sqlalchemy import select
from structlog.typing import EventDict

from bot.desk.outside import Outside
from bot.feeds.fetching import Way
from bot.indicators.enriching import Enricher
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.store.tables import Inbox
from bot.words import words_for
from tests.bot.desk.test_looking_up import local, whole_store
from tests.bot.feeds.far_side import FarSide, far_side
from tests.clock import Clock
from tests.custody import ROOMS, Alliance
from tests.fake_platform import BARE, FarEnd
from tests.indicators import ADDRESS, NOW, A, feed, take_in, thing
from tests.small_bot import SmallBot, small_bot

HERE = local(ROOMS[0])
PATH = "/ipv4/198.51.100.7"


@asynccontextmanager
async def asking(
    database: Database, side: FarSide, ceiling: Label = Label.CLEAR, now: datetime = NOW
) -> AsyncIterator[tuple[SmallBot, FarEnd]]:
    """The room of team a, in a deployment that names one third party."""
    alliance = Alliance()
    alliance.open()
    far = FarEnd(rooms=(HERE,), account=ROOMS[0].partition("/")[0])
    acme = Enricher("acme", f"{side.url}/{{type}}/{{value}}", ceiling)
    async with small_bot(
        database, Clock(now), far, channels={"c": ROOMS[:1]}, custody=alliance.custody,
        directory=alliance.directory, capabilities=BARE, third_parties={"acme": ceiling},
        outside=Outside({"acme": acme}, Way(), words_for("en")),
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot, far


async def told(far: FarEnd, text: str, count: int) -> list[str]:
    """All that Ada has been answered, once it is so much."""
    far.say(text, local=HERE)
    await far.until(lambda: len(far.told("Ada")) == count)
    return far.told("Ada")


def test_nobody_is_asked_who_was_not_named_in_the_question(sqlite: Database) -> None:
    async def scenario() -> None:
        async with far_side() as side, asking(sqlite, side) as (bot, far):
            await told(far, "!ioc 198.51.100.7", 1)
            await told(far, "!ioc --details 198.51.100.7 192.0.2.1", 2)
            await bot.settled()
            assert side.asked == []

    asyncio.run(scenario())


def test_who_is_named_is_asked_and_the_answer_says_so(
    database: Database, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        async with far_side() as side, asking(database, side) as (bot, far):
            said = '{"summary": "a scanner of scan.example", "details": {"asn": 64500}}'
            side.says(PATH, said, "application/json")
            first, second = await told(far, "!ioc --enrich acme 198.51.100.7", 2)
            assert first.endswith("I ask acme, a third party; what it says follows.")
            assert second == (
                "acme (a third party) on 198[.]51[.]100[.]7: a scanner of scan[.]example\n"
                "• asn: 64500"
            )
            assert [each.path for each in side.asked] == [PATH]
            await bot.settled()
            assert far.copies(HERE) == []
        kept = whole_store(database)
        assert "scanner" not in kept
        assert "198" not in str(records)

    asyncio.run(scenario())


def test_one_that_is_down_costs_a_line_and_delays_nothing(sqlite: Database) -> None:
    async def scenario() -> None:
        async with far_side() as side, asking(sqlite, side) as (_, far):
            answers = asyncio.Event()

            async def hangs(_request: web.Request) -> web.StreamResponse:
                await answers.wait()
                return web.Response(status=500)

            side.answers[PATH] = hangs
            await told(far, "!ioc --enrich acme 198.51.100.7", 1)
            await told(far, "!ioc 192.0.2.1", 2)
            answers.set()
            await far.until(lambda: len(far.told("Ada")) == 3)
            assert far.told("Ada")[2] == (
                "acme (a third party) on 198[.]51[.]100[.]7: no answer\n"
                "Why: it reports a fault of its own"
            )

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("marked", "ceiling", "originator", "is_told"),
    [
        (Label.CLEAR, Label.CLEAR, None, True),
        (Label.GREEN, Label.CLEAR, None, False),
        (Label.GREEN, Label.GREEN, None, True),
        (Label.AMBER, Label.CLEAR, A, True),
    ],
)
def test_what_the_allies_say_more_strictly_is_told_to_no_third_party(
    sqlite: Database, marked: Label, ceiling: Label, originator: object, *, is_told: bool
) -> None:
    async def scenario() -> None:
        source = feed("f", marked, originator)  # type: ignore[arg-type]  # a team or none
        take_in(sqlite, source, thing(1, ADDRESS))
        async with far_side() as side, asking(sqlite, side, ceiling) as (bot, far):
            (first, *_) = await told(far, "!ioc --enrich acme 198.51.100.7", 2 if is_told else 1)
            await bot.settled()
            assert len(side.asked) == is_told
            assert ("acme is not told of 198[.]51[.]100[.]7" in first) is not is_told

    asyncio.run(scenario())


@pytest.mark.parametrize("value", ["10.0.0.1", "192.168.0.0/16", "::1", "printer.local"])
def test_what_means_something_in_one_network_only_stays_here(sqlite: Database, value: str) -> None:
    async def scenario() -> None:
        async with far_side() as side, asking(sqlite, side) as (bot, far):
            (first,) = await told(far, f"!ioc --enrich acme {value}", 1)
            assert "acme is not told of" in first
            await bot.settled()
            assert side.asked == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("!ioc --enrich acne 198.51.100.7", "I know no third party “acne”. Did you mean “acme”?"),
        ("!ioc --enrich acme", "Name the values that a third party is to be asked about."),
        ("!ioc --enrich acme " + " ".join(f"192.0.2.{n}" for n in range(11)),
         "Third parties are asked about 10 values at most at once."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nobody_asked(sqlite: Database, typed: str, said: str) -> None:
    async def scenario() -> None:
        async with far_side() as side, asking(sqlite, side) as (bot, far):
            (first,) = await told(far, typed, 1)
            assert first.startswith(said)
            await bot.settled()
            assert side.asked == []

    asyncio.run(scenario())


def test_who_was_asked_when_the_bot_died_is_asked_again_and_the_answer_comes(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with far_side() as side:
            begun = side.hangs(PATH)
            async with asking(database, side) as (_, far):
                await told(far, "!ioc --enrich acme 198.51.100.7", 1)
                await asyncio.wait_for(begun.wait(), 20)
            side.says(PATH, '{"summary": "a scanner"}', "application/json")
            async with asking(database, side) as (bot, far):
                await far.until(lambda: len(far.told("Ada")) == 1)
                assert far.told("Ada")[0].endswith("198[.]51[.]100[.]7: a scanner")
                await bot.settled()
            kept = database.read_now(lambda s: list(s.scalars(select(Inbox.content))))
            assert kept == [None]
            async with asking(database, side) as (bot, far):
                await bot.settled()
                assert far.told("Ada") == []

    asyncio.run(scenario())


def test_nobody_is_asked_for_whom_nobody_waits_any_more(sqlite: Database) -> None:
    async def scenario() -> None:
        async with far_side() as side:
            begun = side.hangs(PATH)
            async with asking(sqlite, side) as (_, far):
                await told(far, "!ioc --enrich acme 198.51.100.7", 1)
                await asyncio.wait_for(begun.wait(), 20)
            async with asking(sqlite, side, now=NOW + timedelta(hours=1)) as (_, far):
                await far.until(lambda: len(far.told("Ada")) == 1)
                assert far.told("Ada") == ["No third party was asked in time. Ask again."]
            assert len(side.asked) == 1

    asyncio.run(scenario())


def test_what_nobody_foresaw_of_a_third_party_gives_a_reference_and_is_not_asked_again(
    sqlite: Database, records: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody heard of it, and they were asked anew at each start."""

    async def breaks(_outside: Outside, _enquiries: object) -> str:
        raise ZeroDivisionError("canary")

    async def scenario() -> None:
        monkeypatch.setattr(Outside, "ask", breaks)
        async with far_side() as side, asking(sqlite, side) as (bot, far):
            told_twice = await told(far, "!ioc --enrich acme 198.51.100.7", 2)
            await bot.settled()
            (record,) = [each for each in records if each["event"] == "outside.failed"]
            shown = record["reference"]
            assert told_twice[1] == f"Something went wrong on my side; reference {shown}."
        kept = sqlite.read_now(lambda s: list(s.scalars(select(Inbox.content))))
        assert kept == [None]

    asyncio.run(scenario())
