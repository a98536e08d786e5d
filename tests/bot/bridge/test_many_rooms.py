"""A channel with two rooms of one account, one of another, and rooms of two more accounts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.events import MessageId, RoomId
from bot.store.database import Database
from tests.clock import Clock
from tests.fake_platform import FarEnd
from tests.small_bot import SmallBot, small_bot


@dataclass
class Seat:
    """One room of the channel, at its far end."""

    far: FarEnd
    local: str

    @property
    def room(self) -> RoomId:
        return self.far.room(self.local)

    def shown(self, text: str) -> MessageId:
        """The message that reads so here."""
        (found,) = [each for each in self.far.standing(self.local) if each.text == text]
        return found.message

    def thread_of(self, text: str) -> MessageId | None:
        (found,) = [each for each in self.far.standing(self.local) if each.text == text]
        return found.thread


@asynccontextmanager
async def coalition(database: Database, clock: Clock) -> AsyncIterator[tuple[SmallBot, list[Seat]]]:
    alpha, bravo = FarEnd("fake:alpha", ["one", "two"]), FarEnd("fake:bravo")
    north, south = FarEnd("fake:north"), FarEnd("fake:south")
    seats = [Seat(alpha, "one"), Seat(alpha, "two")]
    seats += [Seat(far, "r1") for far in (bravo, north, south)]
    channels = {"c": [seat.room for seat in seats]}
    async with small_bot(database, clock, alpha, bravo, north, south, channels=channels) as bot:
        await bot.read()
        yield bot, seats


def test_what_is_said_edited_answered_and_deleted_anywhere_is_so_everywhere(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with coalition(sqlite, clock) as (bot, seats):
            for number, home in enumerate(seats):
                others = [seat for seat in seats if seat is not home]
                root = home.far.say(f"root {number}", local=home.local)
                await everywhere(bot, seats, f"root {number}")
                # somebody elsewhere answers in the thread, with the id that it has there
                answering = others[number % len(others)]
                answering.far.say(
                    f"answer {number}",
                    local=answering.local,
                    thread=answering.shown(f"root {number}"),
                )
                await everywhere(bot, seats, f"answer {number}")
                for seat in seats:
                    assert seat.thread_of(f"answer {number}") == seat.shown(f"root {number}")
                # reactions on the message and on a copy of it show in every other room
                answering.far.react(answering.shown(f"root {number}"), "👀", local=answering.local)
                for seat in seats:
                    if seat is not answering:
                        await shows(bot, seat, "👀", seat.shown(f"root {number}"))
                home.far.edit(root, f"edited {number}", local=home.local)
                await everywhere(bot, seats, f"edited {number}")
                home.far.delete(root, local=home.local)
                await nowhere(bot, seats, f"edited {number}")
            await bot.settled()
            for seat in seats:
                assert sorted(seat.far.texts(seat.local)) == [
                    f"answer {number}" for number in range(len(seats))
                ]

    asyncio.run(scenario())


async def everywhere(bot: SmallBot, seats: list[Seat], text: str) -> None:
    """Until every room shows it, once."""
    await bot.until(lambda: all(seat.far.texts(seat.local).count(text) == 1 for seat in seats))


async def nowhere(bot: SmallBot, seats: list[Seat], text: str) -> None:
    """Until no room shows it."""
    await bot.until(lambda: not any(text in seat.far.texts(seat.local) for seat in seats))


async def shows(bot: SmallBot, seat: Seat, emoji: str, message: MessageId) -> None:
    """Until the bot shows an emoji on a message."""
    await bot.until(lambda: emoji in seat.far.marks(message))
