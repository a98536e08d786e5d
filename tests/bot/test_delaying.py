"""A delay before what is said leaves, and `undo`, through the running bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.bridge.delaying import DELAYED
from bot.events import Answer, CommandTyped
from bot.store.database import Database
from bot.store.tables import State
from tests.clock import Clock
from tests.custody import ROOMS
from tests.fake_platform import SAID, FarEnd, Fault
from tests.small_bot import SmallBot, small_bot

A, B, C = ROOMS
DELAY = 10.0


@dataclass
class Ends:
    """A bot between three networks, whose clock begins when people speak."""

    bot: SmallBot
    a: FarEnd
    b: FarEnd
    c: FarEnd

    async def heard(self) -> None:
        """Wait until all that was said is taken in; no time passes."""
        async with asyncio.timeout(30):
            while not all(each.caught_up for each in self.bot.platforms.values()):
                await asyncio.sleep(0.002)
        await self.bot.database.run(lambda session: None)

    async def answered(self, number: int) -> str:
        """The newest of so many private answers to Ada; a second passes at most."""
        await self.bot.until(lambda: len(self.a.told("Ada")) >= number, step=0.01)
        return self.a.told("Ada")[-1]

    def texts(self) -> list[list[str]]:
        """What stands in the rooms of b and c."""
        return [[text.splitlines()[-1] for text in end.copies("room")] for end in (self.b, self.c)]


@asynccontextmanager
async def opened(
    database: Database, clock: Clock | None = None, ends: list[FarEnd] | None = None
) -> AsyncIterator[Ends]:
    ends = ends or [FarEnd(f"fake:{name}", ["room"]) for name in ("a", "b", "c")]
    channels = {"c": list(ROOMS)}
    clock = clock or Clock(SAID)
    async with small_bot(database, clock, *ends, channels=channels, delay=DELAY) as bot:
        await bot.read()
        yield Ends(bot, *ends)


def test_what_is_said_leaves_after_the_delay_and_its_author_is_told_once(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            ends.a.say("hello", local="room")
            assert "undo" in await ends.answered(1)
            assert ends.texts() == [[], []]
            before = ends.bot.clock()
            await ends.bot.until(lambda: ends.texts() == [["hello"], ["hello"]], step=0.5)
            assert ends.bot.clock() - before > timedelta(seconds=DELAY - 2)
            assert len(ends.a.told("Ada")) == 1

    asyncio.run(scenario())


def test_undo_takes_back_the_last_or_the_one_that_it_answers(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            first = ends.a.say("first", local="room")
            ends.a.say("second", local="room")
            ends.a.say("third", local="room")
            await ends.answered(3)
            ends.a.say("!undo", local="room")
            assert "Undone" in await ends.answered(4)
            ends.a.say("!undo", local="room", thread=first)
            assert "Undone" in await ends.answered(5)
            ends.a.say("!undo", local="room")
            assert "taken back already" in await ends.answered(6)
            await ends.bot.settled()
            assert ends.texts() == [["second"], ["second"]]
            kept = await ends.bot.rows()
            assert all(row.content is None for row in kept if row.reason == "taken back")

    asyncio.run(scenario())


def test_its_button_undoes_the_message_that_it_was_offered_for(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            for text in ("first", "second"):
                ends.a.say(text, local="room")
            await ends.answered(2)
            offered = [each for each in ends.a.tries if isinstance(each.content, Answer)]
            (control,) = offered[0].content.controls  # type: ignore[union-attr]  # an answer
            pressed = CommandTyped(
                ROOMS[0], "press", ends.a.author("Ada"), control.call, SAID, pressed=offered[0].id
            )
            ends.a.calls.append(pressed)
            ends.a.stir()
            assert "Undone" in await ends.answered(3)
            await ends.bot.settled()
            assert ends.texts() == [["second"], ["second"]]

    asyncio.run(scenario())


def test_undo_is_its_authors_and_too_late_when_it_has_left(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            message = ends.a.say("hello", local="room")
            await ends.answered(1)
            ends.a.say("!undo", local="room", thread=message, name="Ben")
            await ends.bot.until(lambda: len(ends.a.told("Ben")) == 1, step=0.01)
            assert "Only who said it" in ends.a.told("Ben")[0]
            await ends.bot.until(lambda: all(ends.texts()))
            ends.a.say("!undo", local="room")
            assert "recall" in await ends.answered(2)
            await ends.bot.settled()
            assert ends.texts() == [["hello"], ["hello"]]

    asyncio.run(scenario())


def test_what_its_author_deletes_meanwhile_never_leaves(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            message = ends.a.say("hello", local="room")
            await ends.answered(1)
            ends.a.delete(message, local="room")
            await ends.heard()
            await ends.bot.settled()
            assert ends.texts() == [[], []]

    asyncio.run(scenario())


def test_what_its_author_edits_meanwhile_leaves_as_it_reads_then_in_its_place(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            message = ends.a.say("helo", local="room")
            ends.a.say("next", local="room")
            await ends.answered(2)
            ends.a.edit(message, "hello", local="room")
            await ends.heard()
            await ends.bot.settled()
            assert ends.texts() == [["hello", "next"], ["hello", "next"]]
            assert not [row for row in await ends.bot.rows() if row.kind == "edit"]

    asyncio.run(scenario())


def test_a_part_that_an_edit_adds_waits_too_and_can_be_undone(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            message = ends.a.say("short", local="room")
            await ends.answered(1)
            ends.a.edit(message, "long " * 2000, local="room")
            await ends.heard()
            await ends.bot.let_pass(0.1)
            waiting = [row for row in await ends.bot.rows() if row.source is not None]
            assert len(waiting) > 2
            assert {row.reason for row in waiting} == {DELAYED}
            ends.a.say("!undo", local="room")
            assert "Undone" in await ends.answered(2)
            await ends.bot.settled()
            assert ends.texts() == [[], []]

    asyncio.run(scenario())


def test_what_is_marked_higher_meanwhile_never_leaves(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            message = ends.a.say("hello", local="room")
            await ends.answered(1)
            ends.a.edit(message, "TLP:RED hello", local="room")
            await ends.heard()
            await ends.bot.settled()
            assert ends.texts() == [[], []]
            assert not [row for row in await ends.bot.rows() if b"hello" in (row.content or b"")]

    asyncio.run(scenario())


def test_nothing_overtakes_and_a_network_that_comes_back_does_not_hurry_it(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            ends.a.say("first", local="room")
            await ends.answered(1)
            await ends.bot.post(B, "the bot's own")
            for _ in range(20):
                ends.bot.lanes.wake([B, C], hurry=True)
                await ends.bot.let_pass(0)
            assert ends.texts() == [[], []]
            await ends.bot.settled()
            assert ends.b.copies("room")[-1] == "the bot's own"
            assert ends.texts()[1] == ["first"]

    asyncio.run(scenario())


def test_it_survives_a_crash(database: Database) -> None:
    async def scenario() -> None:
        clock, ends = Clock(SAID), [FarEnd(f"fake:{name}", ["room"]) for name in ("a", "b", "c")]
        async with opened(database, clock, ends) as before:
            before.a.say("stays", local="room")
            before.a.say("goes", local="room")
            await before.answered(2)
        async with opened(database, clock, ends) as after:
            await after.heard()
            assert after.texts() == [[], []]
            after.a.say("!undo", local="room")
            assert "Undone" in await after.answered(3)
            await after.bot.settled()
            assert after.texts() == [["stays"], ["stays"]]

    asyncio.run(scenario())


def test_what_was_said_long_ago_does_not_wait(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database, Clock(SAID + timedelta(minutes=1))) as ends:
            ends.a.say("hello", local="room")
            await ends.bot.until(lambda: all(ends.texts()), step=0)
            assert ends.a.told("Ada") == []

    asyncio.run(scenario())


def test_what_has_left_for_one_room_cannot_be_undone(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            ends.c.faults[C] += [Fault.UNREACHABLE] * 3
            ends.a.say("hello", local="room")
            await ends.answered(1)
            await ends.bot.until(lambda: bool(ends.texts()[0]), step=0.2)
            ends.a.say("!undo", local="room")
            assert "too late" in await ends.answered(2)

    asyncio.run(scenario())


def test_what_waits_to_be_undone_is_no_fault(database: Database) -> None:
    async def scenario() -> None:
        async with opened(database) as ends:
            ends.a.say("hello", local="room")
            await ends.answered(1)
            later = ends.bot.clock() + timedelta(seconds=35)
            assert await ends.bot.warnings.look(database, later) == set()
            waiting = [row for row in await ends.bot.rows() if row.source is not None]
            assert {(row.state, row.reason) for row in waiting} == {(State.WAITING, DELAYED)}

    asyncio.run(scenario())
