"""Recognition in passing: a 🔎 where a channel's readers know a value, and what is behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from structlog.typing import EventDict

from bot.bridge import recognised
from bot.bridge.recognised import SIGN
from bot.custody.frozen import Kind, Order
from bot.events import MessageId, RoomId
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables.recognition import Recognised
from tests.clock import Clock
from tests.custody import BEGINNING, ROOMS, Alliance
from tests.fake_platform import BARE, FarEnd, event_of
from tests.indicators import ADDRESS, NOW, A, feed, take_in, thing
from tests.small_bot import SmallBot, small_bot

HERE = "room"
SAID = "the beacon goes to 198.51.100.7"


@dataclass
class Stage:
    """A channel that recognises, and its rooms' networks."""

    bot: SmallBot
    ends: tuple[FarEnd, ...]

    async def said(self, text: str = SAID) -> MessageId:
        """Ada of team a says something, and it lands elsewhere."""
        before = len(self.ends[-1].copies(HERE))
        message = self.ends[0].say(text, local=HERE)
        if len(self.ends) > 1:
            await self.ends[-1].until(lambda: len(self.ends[-1].copies(HERE)) > before)
        return message

    def copy(self) -> MessageId:
        return [each for each in self.ends[-1].standing(HERE) if each.delivery][-1].message

    async def passed(self) -> None:
        """What comes after it is recognised, so that it was looked at."""
        marked = await self.said("known to all: 203.0.113.9")
        await self.ends[0].until(lambda: self.ends[0].marks(marked) == [SIGN])


@asynccontextmanager
async def stage(
    database: Database,
    rooms: tuple[RoomId, ...] = ROOMS[:2],
    clearances: Mapping[str, Label] | None = None,
) -> AsyncIterator[Stage]:
    known = Marking(Label.CLEAR)
    take_in(database, feed("all"), thing(99, ADDRESS._replace(value="203.0.113.9"), marking=known))
    alliance = Alliance(clearances=clearances or {}, default=Label.CLEAR)
    alliance.open()
    ends = tuple(FarEnd(rooms=(HERE,), account=each.partition("/")[0]) for each in rooms)
    async with small_bot(
        database, Clock(NOW), *ends, channels={"c": rooms}, custody=alliance.custody,
        directory=alliance.directory, capabilities=BARE, recognise=True,
    ) as bot:  # fmt: skip
        await bot.read()
        yield Stage(bot, ends)


def test_what_all_readers_know_is_marked_once_in_every_room_and_answered_alone(
    database: Database, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        take_in(database, feed("acme"), thing(1, ADDRESS, confidence=60))
        async with stage(database) as on:
            a, b = on.ends
            message = await on.said()
            await a.until(lambda: a.marks(message) == [SIGN])
            await b.until(lambda: b.marks(on.copy()) == [SIGN])
            b.react(on.copy(), SIGN, name="Ben", local=HERE)
            await b.until(lambda: len(b.told("Ben")) == 1)
            assert b.told("Ben")[0].startswith("TLP:GREEN 198[.]51[.]100[.]7: known")
            assert (a.told("Ada"), a.told("Ben"), b.told("Ada")) == ([], [], [])
            await on.bot.settled()
            assert a.marks(message) == [SIGN], "who asks is told to nobody"
            a.say("!ioc", local=HERE, reply_to=message)
            await a.until(lambda: len(a.told("Ada")) == 1)
            assert a.told("Ada") == b.told("Ben")
        assert "198" not in str(records)

    asyncio.run(scenario())


def test_what_some_reader_may_not_know_is_not_recognised(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(
            sqlite, feed("strict", Label.AMBER, A), thing(1, ADDRESS, marking=Marking(Label.AMBER))
        )
        async with stage(sqlite, clearances={"b": Label.GREEN}) as on:
            message = await on.said()
            await on.passed()
            assert on.ends[0].marks(message) == []

    asyncio.run(scenario())


def test_a_group_that_some_reader_is_not_in_keeps_it_from_being_recognised(
    sqlite: Database,
) -> None:
    async def scenario() -> None:
        inner = Marking(Label.GREEN, (frozenset({"inner"}),))
        take_in(sqlite, feed("acme", originator=A), thing(1, ADDRESS, marking=inner))
        async with stage(sqlite, ROOMS) as on:
            message = await on.said()
            await on.passed()
            assert on.ends[0].marks(message) == []

    asyncio.run(scenario())


def test_nothing_is_recognised_of_what_is_tlp_red_or_taken_back(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with stage(sqlite) as on:
            red = on.ends[0].say(f"TLP:RED {SAID}", local=HERE)
            await on.passed()
            assert on.ends[0].marks(red) == []

    asyncio.run(scenario())


def test_nothing_is_recognised_while_its_room_is_frozen(sqlite: Database) -> None:
    async def scenario() -> None:
        async with stage(sqlite) as on:
            message = await on.said()
            await on.passed()
            take_in(sqlite, feed("acme"), thing(1, ADDRESS))
            found = next(e for e in on.ends[0].standing(HERE) if e.message == message)
            said = event_of(found)
            on.bot.frozen.hold([Order(Kind.ROOM, ROOMS[0], BEGINNING)])
            await on.bot.recognition.look(said)
            on.bot.frozen.hold([])
            assert not await on.bot.database.read(lambda s: recognised.stands(s, 1))
            await on.bot.recognition.look(said)
            await on.ends[0].until(lambda: on.ends[0].marks(message) == [SIGN])

    asyncio.run(scenario())


def test_an_edit_that_says_what_is_known_is_recognised(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with stage(sqlite) as on:
            message = await on.said("nothing yet")
            on.ends[0].edit(message, SAID, local=HERE)
            await on.ends[0].until(lambda: on.ends[0].marks(message) == [SIGN])

    asyncio.run(scenario())


def test_in_a_channel_of_one_room_the_values_are_found_again(database: Database) -> None:
    async def scenario() -> None:
        take_in(database, feed("acme"), thing(1, ADDRESS))
        async with stage(database, ROOMS[:1]) as on:
            (a,) = on.ends
            message = await on.said()
            await a.until(lambda: a.marks(message) == [SIGN])
            a.react(message, SIGN, local=HERE)
            await a.until(lambda: len(a.told("Ada")) == 1)
            assert a.told("Ada")[0].startswith("TLP:GREEN 198[.]51[.]100[.]7: known")
            a.delete(message, local=HERE)
            held = select(Recognised.values)
            async with asyncio.timeout(30):
                while (await database.read(lambda s: list(s.scalars(held)))) != [None]:
                    await asyncio.sleep(0)
            a.say("!ioc", local=HERE, reply_to=message)
            await a.until(lambda: len(a.told("Ada")) == 2)
            assert a.told("Ada")[1].startswith("Of what you answer I keep no words")

    asyncio.run(scenario())


@pytest.mark.parametrize("emoji", [SIGN, "\N{EYES}"])
def test_where_nothing_was_recognised_a_reaction_is_a_reaction(
    sqlite: Database, emoji: str
) -> None:
    async def scenario() -> None:
        async with stage(sqlite) as on:
            a, b = on.ends
            message = await on.said("nothing to see")
            a.react(message, emoji, local=HERE)
            await b.until(lambda: b.marks(on.copy()) == [emoji])
            assert a.told("Ada") == []

    asyncio.run(scenario())


def test_the_bots_own_sign_outlasts_somebodys_who_takes_theirs_back(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with stage(sqlite) as on:
            a, b = on.ends
            message = await on.said()
            await b.until(lambda: b.marks(on.copy()) == [SIGN])
            a.react(message, SIGN, local=HERE)
            await a.until(lambda: len(a.told("Ada")) == 1)
            a.react(message, SIGN, local=HERE, added=False)
            await on.passed()
            await on.bot.settled()
            known = next(each for each in b.standing(HERE) if SAID in each.text).message
            assert b.marks(known) == [SIGN]

    asyncio.run(scenario())
