"""Markings through the running bot: what arrives at the far ends, and what its people are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from bot.custody import holding
from bot.custody.gatekeeper import Gatekeeper
from bot.sharing.marking import Label
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.store.tables import Message
from bot.tasks.refetch import Refetches
from tests.clock import Clock
from tests.custody import ROOMS, Alliance
from tests.fake_platform import FarEnd, Fault
from tests.small_bot import SmallBot, small_bot

A, B, C = ROOMS


@dataclass
class Ends:
    """A bot between three networks."""

    bot: SmallBot
    a: FarEnd
    b: FarEnd
    c: FarEnd

    def texts(self) -> tuple[list[str], list[str]]:
        """What the bot wrote into the rooms of b and c."""
        return self.b.copies("room"), self.c.copies("room")

    async def quiet(self) -> None:
        """Wait until all is read and sent."""
        ends = self.bot.platforms.values()
        await self.bot.until(lambda: all(each.caught_up for each in ends))
        await self.bot.settled()


@asynccontextmanager
async def opened(database: Database, custody: Gatekeeper) -> AsyncIterator[Ends]:
    ends = [FarEnd(f"fake:{name}", ["room"]) for name in ("a", "b", "c")]
    channels = {"c": list(ROOMS)}
    async with small_bot(
        database, Clock(), *ends, channels=channels, custody=custody,
        directory=custody.markings.directory,
    ) as bot:  # fmt: skip
        refetches = Refetches(database, bot.platforms, bot.handler, bot.lanes, clock=bot.clock)
        fetching = asyncio.create_task(refetches.run())
        await bot.read()
        try:
            yield Ends(bot, *ends)
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)


def allied(ceiling: Label = Label.AMBER, **clearances: Label) -> Gatekeeper:
    alliance = Alliance(ceiling, clearances=clearances)
    return alliance.open()


def test_who_only_speaks_of_a_label_says_how_it_is_meant(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, allied()) as ends:
            message = ends.a.say("what does TLP:RED mean?", local="room")
            await ends.quiet()
            assert ends.texts() == ([], [])
            (told,) = ends.a.told("Ada")
            assert "TLP:RED: not passed on to any other room." in told
            assert "mark TLP:GREEN" in told
            ends.a.say("!mark TLP:CLEAR", local="room", thread=message)
            await ends.bot.until(lambda: len(ends.a.told("Ada")) == 2)
            assert "only a release" in ends.a.told("Ada")[1]
            ends.a.say("!mark tlp green", local="room", thread=message)
            await ends.bot.until(lambda: all(ends.texts()))
            assert [text.splitlines()[-1] for text in ends.b.copies("room")] == [
                "what does TLP:RED mean?"
            ]

    asyncio.run(scenario())


def test_who_speaks_of_a_label_hears_how_to_unmark_it_though_it_passes(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with opened(database, allied()) as ends:
            ends.a.say("plain", local="room")
            message = ends.a.say("what does TLP:AMBER mean?", local="room")
            await ends.bot.until(lambda: all(len(each) == 2 for each in ends.texts()))
            await ends.bot.until(lambda: len(ends.a.told("Ada")) == 1)
            assert ends.a.told("Ada")[0].startswith("It counts as TLP:AMBER")
            assert "mark TLP:GREEN" in ends.a.told("Ada")[0]
            ends.a.edit(message, "what does TLP:AMBER mean, then?", local="room")
            other = ends.a.say("plain as well", local="room")
            await ends.quiet()
            assert len(ends.a.told("Ada")) == 1
            ends.a.edit(other, "or TLP:AMBER?", local="room")
            await ends.bot.until(lambda: len(ends.a.told("Ada")) == 2)

    asyncio.run(scenario())


def test_an_unknown_label_waits_for_its_author(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, allied(b=Label.GREEN)) as ends:
            message = ends.a.say("TLP:AMBR here it is", local="room")
            await ends.quiet()
            assert ends.texts() == ([], [])
            (told,) = ends.a.told("Ada")
            assert "Did you mean TLP:AMBER?" in told
            ends.a.say("!mark TLP:AMBER", local="room", thread=message)
            await ends.bot.until(lambda: len(ends.c.copies("room")) == 1)
            await ends.quiet()
            assert ends.texts()[0] == []

    asyncio.run(scenario())


def test_marking_higher_takes_back_and_is_for_its_team_alone(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, allied(b=Label.GREEN)) as ends:
            message = ends.a.say("hello", local="room")
            ends.a.say("an answer", local="room", thread=message)
            await ends.bot.until(lambda: all(len(each) == 2 for each in ends.texts()))
            copy = ends.b.standing("room")[0].message
            ends.b.say("!mark TLP:RED", local="room", thread=copy)
            await ends.bot.until(lambda: len(ends.b.told("Ada")) == 1)
            assert "Only who said it" in ends.b.told("Ada")[0]
            ends.a.say("!mark TLP:AMBER", local="room", thread=message)
            await ends.bot.until(lambda: not ends.texts()[0])
            await ends.quiet()
            assert len(ends.texts()[1]) == 2
            assert sum("taken back from 1 room" in each for each in ends.a.told("Ada")) == 2

    asyncio.run(scenario())


def test_a_copy_that_cannot_be_taken_back_is_told(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, allied()) as ends:
            message = ends.a.say("hello", local="room")
            await ends.bot.until(lambda: all(ends.texts()))
            await ends.quiet()
            ends.b.faults[B].append(Fault.REFUSE)
            ends.a.edit(message, "TLP:RED hello", local="room")
            await ends.bot.until(lambda: len(ends.a.told("Ada")) == 2)
            assert any(f"• {B}:" in each and "stands still" in each for each in ends.a.told("Ada"))

    asyncio.run(scenario())


def test_a_command_that_is_red_is_not_kept(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, allied()) as ends:
            ends.a.say("!backfill TLP:RED canary", local="room")
            ends.a.call("help [tlp red] canary", local="room")
            ends.a.call("release TLP:RED canary", local="room")
            await ends.bot.until(lambda: len(ends.a.told("Ada")) == 3)
            assert all("I keep nothing of it" in each for each in ends.a.told("Ada"))

    asyncio.run(scenario())


def test_what_goes_nowhere_is_found_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        caplog.set_level(logging.DEBUG)
        structlog.reset_defaults()
        database = open_database(f"sqlite:///{tmp_path}/liaison.db")
        upgrade(database.engine)
        async with opened(database, allied()) as ends:
            ends.a.say("TLP:RED canary", local="room")
            ends.a.say("TLP:PURPLE canary", local="room")
            ends.a.say("TLP:AMBER+STRICT canary", local="room", files={"canary.txt": b"canary"})
            ends.a.say("!backfill TLP:RED canary", local="room")
            ends.a.set_topic("TLP:RED canary", local="room")
            later = ends.a.say("canary before", local="room")
            await ends.bot.until(lambda: all(ends.texts()))
            ends.a.edit(later, "TLP:RED canary after", local="room")
            await ends.bot.until(lambda: ends.texts() == ([], []))
            await ends.quiet()
            assert all(b"TLP:RED canary" not in each for each in stored_in(tmp_path))
            await is_gone(tmp_path, b"canary")
        database.close()
        out = capsys.readouterr()
        assert "canary" not in out.out + out.err + caplog.text
        assert not any(b"canary" in each for each in stored_in(tmp_path))

    asyncio.run(scenario())


def test_a_legal_hold_keeps_nothing_that_an_edit_marks_red(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = open_database(f"sqlite:///{tmp_path}/liaison.db")
        upgrade(database.engine)
        now = Clock()()
        database.run_now(lambda s: holding.begin(s, holding.Kind.CHANNEL, "c", "", now))
        async with opened(database, allied()) as ends:
            held = ends.a.say("kanari before", local="room")
            ends.a.say("what stays", local="room")
            await ends.bot.until(lambda: all(len(each) == 2 for each in ends.texts()))
            ends.a.edit(held, "TLP:RED kanari after", local="room")
            await ends.bot.until(lambda: all(len(each) == 1 for each in ends.texts()))
            await ends.quiet()
            await is_gone(tmp_path, b"kanari")
            assert any(b"what stays" in each for each in stored_in(tmp_path))
            row = database.read_now(lambda s: s.execute(select(Message.digest)).scalars().all())
            assert len(row) == 2
            assert all(row)
        database.close()

    asyncio.run(scenario())


def stored_in(folder: Path) -> list[bytes]:
    """All that the store's files hold, its log's too."""
    return [file.read_bytes() for file in folder.iterdir() if file.name.startswith("liaison.db")]


async def is_gone(folder: Path, words: bytes) -> None:
    """Wait, some seconds at most, until no file of the store has these words."""
    async with asyncio.timeout(30):
        while any(words in each for each in stored_in(folder)):
            await asyncio.sleep(0.05)
