"""The bot of the model: all its parts on two houses, as `bot.app` joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.bridge import fetching
from bot.custody import freezing
from bot.custody.doors import Doors
from bot.custody.frozen import Kind
from bot.errors import PlatformError
from bot.events import AccountId, MessagePosted, RoomId
from bot.store.database import Database
from bot.tasks.audience_notices import AudienceNotices
from bot.tasks.audiences import Audiences
from bot.tasks.refetch import Refetches
from bot.tasks.watch import Watch
from commands.registry import Registry
from tests.clock import Clock
from tests.model.cast import ADMINS, circles_of, directory_of
from tests.model.oracle import Alliance
from tests.model.plant import Parts
from tests.model.town import Town
from tests.small_bot import WORDS, SmallBot, small_bot

Listen = Callable[[MessagePosted], MessagePosted]
"""Is told what was fetched anew, in the transaction that passes it on; what was really said."""


@dataclass
class Joined:
    """A running bot, and what the model asks of it beside what its networks do."""

    bot: SmallBot
    doors: Doors
    audiences: Audiences
    refetches: Refetches
    clock: Clock

    async def look(self) -> None:
        """Read the rosters that are due, and fetch what is to be fetched anew."""
        await self.audiences.look()
        waiting = await self.bot.database.read(fetching.waiting)
        for key, (room, message) in waiting.items():
            with suppress(PlatformError):
                await self.refetches.carry_out(key, room, message, self.clock())

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


class Fetched:
    """Hands on what was fetched anew, and lets the model know of it."""

    def __init__(self, watch: Watch, listen: Listen) -> None:
        self._watch = watch
        self._listen = listen

    def fetched(
        self,
        session: Session,
        key: int,
        event: MessagePosted | None,
        now: datetime,
        *,
        failed: bool = False,
    ) -> set[str] | None:
        """As `Watch.fetched`."""
        if event is not None:
            event = self._listen(event)
        return self._watch.fetched(session, key, event, now, failed=failed)


@asynccontextmanager
async def joined(
    database: Database,
    clock: Clock,
    towns: Mapping[str, Town],
    alliance: Alliance,
    parts: Parts,
    watch: Callable[[SmallBot], None],
    listen: Listen,
    registry: Registry,
    delay: float = 0,
) -> AsyncIterator[Joined]:
    """Join the parts and begin to read; on leaving all is let go of, as a crash does."""
    alliance = parts.alliance(alliance)
    channels = {
        name: tuple(RoomId(room) for room in each.rooms) for name, each in alliance.channels.items()
    }
    directory = directory_of(alliance)
    doors = Doors(circles_of(alliance), directory, clock())
    admins = [RoomId(ADMINS)]
    async with small_bot(
        database,
        clock,
        *towns.values(),
        channels=channels,
        admins=admins,
        registry=registry,
        custody=parts.keeper(doors, b"k" * 32),
        directory=directory,
        chatham_house=parts.veiled,
        admitting=parts.admission,
        freezing_by=parts.frozen,
        delay=delay,
    ) as bot:
        watch(bot)
        audiences = Audiences(
            database, bot.platforms, doors, bot.lanes, AudienceNotices(admins, WORDS), clock=clock
        )
        for inlet in bot.inlets:
            inlet._changed = audiences.changed
        heard = Fetched(bot.watch, listen)
        refetches = Refetches(database, bot.platforms, heard, bot.lanes, clock=clock)
        await bot.read()
        yield Joined(bot, doors, audiences, refetches, clock)
