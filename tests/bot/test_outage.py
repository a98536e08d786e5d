"""An outage across the end of a silence, with restarts in it: the bot on its store, and the
networks, one of which cannot be reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from bot.decisions.proposals import State
from bot.events import Standing
from bot.store.database import Database
from bot.store.tables import OPEN, Inbox, InboxState, Roster
from bot.store.tables.decisions import Decision, Voice
from bot.tasks.closer import LEASE, Closer
from tests.clock import Clock
from tests.custody import BEGINNING, ROOMS, Alliance
from tests.fake_platform import FakePlatform, FarEnd
from tests.small_bot import SmallBot, small_bot

TEXT = "Block it at 18:00."
HOURS = 3600.0
GRACE = timedelta(minutes=15)


@dataclass
class Life:
    """The bot, from a start to a crash."""

    bot: SmallBot
    closer: Closer

    async def looks(self) -> None:
        """The closer looks until nothing follows by that, and what follows has landed."""
        before = None
        while (now := await self._state()) != before:
            before = now
            for _ in range(3):
                self.bot.lanes.wake(await self.closer.look())
                await self.quiet()

    async def quiet(self) -> None:
        """Wait until all that can be read and sent is read and sent; some seconds pass."""
        up = [each for each in self.bot.platforms.values() if each.far.up]
        async with asyncio.timeout(40):
            while not all(each.caught_up for each in up) or await self._works(up):
                await self.bot.let_pass(0.5)

    async def _works(self, up: Sequence[FakePlatform]) -> bool:
        """Whether a command is being run, or anything is on its way where that can be reached."""
        typed = select(Inbox.seq).where(Inbox.state == InboxState.PENDING).limit(1)
        runs = await self.bot.database.read(lambda s: s.execute(typed).first())
        rows, accounts = await self.bot.rows(), tuple(f"{each.account}/" for each in up)
        return runs is not None or any(
            row.room.startswith(accounts) and row.state in OPEN for row in rows
        )

    async def _state(self) -> tuple[object, ...]:
        row = await self.proposal()
        return row.state, row.expires, row.waiting, row.read

    async def proposal(self) -> Decision:
        """The only one there is."""
        return await self.bot.database.read(lambda s: s.execute(select(Decision)).scalar_one())

    async def voices(self) -> list[Voice]:
        """What was said to it."""
        return await self.bot.database.read(lambda s: list(s.execute(select(Voice)).scalars()))


@dataclass
class World:
    """What outlives the bot: its store, the clock, the networks."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    ends: tuple[FarEnd, ...] = field(
        default_factory=lambda: tuple(FarEnd(f"fake:{name}", ["room"]) for name in "abc")
    )

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Life]:
        """It starts, reads what there is, and falls over at the end."""
        alliance = Alliance()
        alliance.open()
        async with small_bot(
            self.database, self.clock, *self.ends, channels={"c": list(ROOMS)},
            custody=alliance.custody, directory=alliance.directory,
        ) as bot:  # fmt: skip
            take = await self.database.run(
                lambda s: bot.leases.acquire(s, [LEASE], self.clock(), alone=True)
            )
            bot.leases.took(take)
            closer = Closer(self.database, bot.house, bot.platforms, bot.leases, clock=self.clock)
            await bot.read()
            life = Life(bot, closer)
            await life.quiet()
            yield life
        for end in self.ends:
            end.happened.clear()  # of its own edits no network tells again after hours

    def seat(self) -> None:
        """Ada of each team is in the room of hers."""
        seats = []
        for room in ROOMS:
            team = room.removeprefix("fake:").partition("/")[0]
            seat = Roster(
                room=room, person=f"fake:{team}/ada", name="Ada", team=team,
                standing=Standing.MEMBER, since=BEGINNING,
            )  # fmt: skip
            seats.append(seat)
        self.database.run_now(lambda s: s.add_all(seats))

    def say(self, end: int, text: str) -> None:
        """Ada says something now, whoever can hear it."""
        self.ends[end].say(text, local="room", said=self.clock())

    def told(self, word: str) -> list[int]:
        """How many messages of the bot's have a word in their first lines, in each room."""
        return [
            sum(word in text.partition("\n")[0] for text in end.copies("room")) for end in self.ends
        ]

    def said(self, words: str) -> list[int]:
        """How many say this anywhere in them."""
        return [sum(words in text for text in end.copies("room")) for end in self.ends]

    async def proposed_and_cut(self) -> None:
        """A proposal stands in all rooms when the second network is cut and the bot falls over."""
        self.seat()
        async with self.life() as life:
            self.say(0, f"!propose --silence 2h {TEXT}")
            await life.quiet()
            assert self.told("proposal under silence") == [1, 1, 1]
            self.ends[1].cut()


def test_an_outage_across_the_end_extends_it_to_recovery_and_grace(database: Database) -> None:
    world = World(database)

    async def story() -> None:
        await world.proposed_and_cut()
        world.clock.advance(3 * HOURS)
        for _ in range(2):  # it starts, and starts again, and cannot hear the second room
            async with world.life() as life:
                await life.looks()
                row = await life.proposal()
                assert (row.state, row.waiting) == (State.OPEN, "outage")
                assert world.told("adopted") == [0, 0, 0]
            world.clock.advance(1 * HOURS)
        world.ends[1].restore()
        recovered = world.clock()
        async with world.life() as life:
            await life.looks()
            row = await life.proposal()
            assert row.state == State.OPEN
            assert row.expires is not None
            assert recovered + GRACE <= row.expires <= world.clock() + GRACE
            assert world.told("adopted") == [0, 0, 0]
            assert world.said("A room could not be heard over the expiry.") == [1, 1, 1]
        world.clock.advance(GRACE.total_seconds() + 1)
        for _ in range(2):
            async with world.life() as life:
                await life.looks()
                assert (await life.proposal()).state == State.ADOPTED
                assert world.said("A room could not be heard over the expiry.") == [1, 1, 1]
                assert world.told("adopted") == [2, 2, 2], "its post, and the word of it, once"
            world.clock.advance(1 * HOURS)

    asyncio.run(story())


def test_what_was_said_there_before_the_end_counts_though_it_is_heard_after_the_outage(
    database: Database,
) -> None:
    world = World(database)

    async def story() -> None:
        await world.proposed_and_cut()
        ref = world.database.read_now(lambda s: s.execute(select(Decision.ref)).scalar_one())
        world.clock.advance(1 * HOURS)
        world.say(1, f"!voice {ref} object Not on a Friday.")
        world.clock.advance(2 * HOURS)
        async with world.life() as life:
            await life.looks()
            assert (await life.proposal()).state == State.OPEN
            assert await life.voices() == []
        world.ends[1].restore()
        async with world.life() as life:
            await life.looks()
            (voice,) = await life.voices()
            assert (voice.team, voice.stance, voice.counted) == ("b", "object", True)
            assert (await life.proposal()).state == State.OPEN
            world.say(1, "!confirm")
            await life.quiet()
            await life.looks()
            assert (await life.proposal()).state == State.BROKEN
        async with world.life() as life:
            await life.looks()
            assert world.told("broken") == [2, 2, 2]
            assert world.told("adopted") == [0, 0, 0]

    asyncio.run(story())
