"""The bot of the model: all its parts on two houses, as `bot.app` joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.audience_notices import AudienceNotices
from bot.audiences import Audiences
from bot.custody import freezing
from bot.custody.doors import Doors
from bot.custody.frozen import Kind
from bot.custody.gatekeeper import Gatekeeper
from bot.events import AccountId, RoomId
from bot.store.database import Database
from tests.clock import Clock
from tests.model.cast import ADMINS, circles_of, directory_of
from tests.model.oracle import Alliance
from tests.model.town import Town
from tests.small_bot import WORDS, SmallBot, small_bot


@dataclass
class Joined:
    """A running bot, and what the model asks of it beside what its networks do."""

    bot: SmallBot
    doors: Doors
    audiences: Audiences
    clock: Clock

    async def look(self) -> None:
        """Read the rosters that are due."""
        await self.audiences.look()

    async def reconnected(self, account: AccountId) -> None:
        """A network is back."""
        self.audiences.reconnected(account)
        await self.bot.lanes.reconnected(account)

    async def freeze(self, kind: str, name: str) -> None:
        """Nothing goes in or out there."""
        by = freezing.Asker("operator", freezing.OPERATORS)
        await self.bot.database.run(lambda s: freezing.begin(s, Kind(kind), name, by, self.clock()))
        self.bot.frozen.hold(await self.bot.database.read(freezing.standing))

    async def thaw(self) -> None:
        """All goes in and out again."""
        by = freezing.Asker("operator", freezing.OPERATORS)
        now = self.clock()

        def end(session: Session) -> None:
            for order in freezing.standing(session):
                freezing.thaw(session, order.kind, order.name, by, now, 1)

        await self.bot.database.run(end)
        self.bot.frozen.hold(await self.bot.database.read(freezing.standing))


@asynccontextmanager
async def joined(
    database: Database,
    clock: Clock,
    towns: Mapping[str, Town],
    alliance: Alliance,
    watch: Callable[[SmallBot], None],
) -> AsyncIterator[Joined]:
    """Join the parts and begin to read; on leaving all is let go of, as a crash does."""
    channels = {
        name: tuple(RoomId(room) for room in each.rooms) for name, each in alliance.channels.items()
    }
    doors = Doors(circles_of(alliance), directory_of(alliance), clock())
    admins = [RoomId(ADMINS)]
    async with small_bot(
        database,
        clock,
        *towns.values(),
        channels=channels,
        admins=admins,
        custody=Gatekeeper(doors, b"k" * 32),
        directory=directory_of(alliance),
    ) as bot:
        watch(bot)
        audiences = Audiences(
            database, bot.platforms, doors, bot.lanes, AudienceNotices(admins, WORDS), clock=clock
        )
        for inlet in bot.inlets:
            inlet._changed = audiences.changed
        await bot.read()
        yield Joined(bot, doors, audiences, clock)
