"""A canary that watches platforms, and an admin room at a far end where its words arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.delivery import outbox
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.rules import NoGate
from bot.events import AccountId, Outgoing, Post, RoomId
from bot.platforms.base import Platform
from bot.richtext import say
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.tasks.canary import Canary
from bot.tasks.notices import TroubleNotices
from bot.words import words_for
from tests.clock import Clock
from tests.fake_platform import FakePlatform, FarEnd


@dataclass
class Watch:
    """A canary at work, and the admin room."""

    canary: Canary
    lanes: Lanes
    database: Database
    clock: Clock
    admin: FarEnd

    async def told(self) -> list[str]:
        """Look round, and what the admin room shows then."""
        await self.canary.look()
        expected = await self.database.read(
            lambda s: sum(lane == self.admin.room() for lane in outbox.lanes_in_use(s))
        )
        if expected:
            await self.admin.until(lambda: bool(self.admin.copies()))
        await self._settled()
        return self.admin.copies()

    async def post(self, room: RoomId, text: str) -> None:
        """The bot says something in a room."""
        said = [Outgoing(room, Post(say(text)))]
        self.lanes.wake(await self.database.run(lambda s: outbox.put(s, said, self.clock())))

    async def _settled(self) -> None:
        lane = self.admin.room()
        while lane in await self.database.read(outbox.lanes_in_use):
            await self.admin.until(lambda: True)


@asynccontextmanager
async def watching(
    database: Database, clock: Clock, platforms: Mapping[AccountId, Platform]
) -> AsyncIterator[Watch]:
    """A canary on these platforms, and one more for the admin room."""
    admin = FarEnd("fake:admin")
    seen = FakePlatform(admin, StoredMemory(database, admin.account))
    everything: dict[AccountId, Platform] = {**platforms, admin.account: seen}
    leases = Leases()
    names = [f"lanes:{account}" for account in everything]
    leases.took(await database.run(lambda s: leases.acquire(s, names, clock(), alone=True)))

    lanes = Lanes(database, everything, leases, lambda *_: set(), NoGate(), clock=clock)
    notices = TroubleNotices([admin.room()], words_for("en"))
    try:
        yield Watch(
            Canary(database, everything, lanes, notices, clock=clock),
            lanes,
            database,
            clock,
            admin,
        )
    finally:
        await lanes.drain(0)
        await database.run(lambda s: leases.release(s, clock()))
