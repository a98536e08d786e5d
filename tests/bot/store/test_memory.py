"""What a network keeps between runs."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from bot.bridge.recollection import StoredRecollection
from bot.errors import StoreError
from bot.events import AccountId, MessageId, RoomId
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.patience import Patient
from bot.store.runners import Work

ROOM = RoomId("fake:ours/1")
_Made = TypeVar("_Made")


def test_what_is_kept_is_recalled_by_its_own_account_alone(database: Database) -> None:
    async def scenario() -> None:
        ours = StoredMemory(database, AccountId("fake:ours"))
        theirs = StoredMemory(database, AccountId("fake:theirs"))
        assert await ours.recall("device") is None
        await ours.keep("device", "one")
        await ours.keep("device", "two")
        assert await ours.recall("device") == "two"
        assert await theirs.recall("device") is None

    asyncio.run(scenario())


def test_a_mark_is_started_once_and_never_moved_by_its_network(database: Database) -> None:
    async def scenario() -> None:
        memory = StoredMemory(database, AccountId("fake:ours"))
        assert await memory.mark("room") is None
        await memory.set_mark("room", "1")
        await memory.set_mark("room", "2")
        assert await memory.mark("room") == "1"

    asyncio.run(scenario())


def test_what_is_forgotten_is_gone_for_its_own_account_alone(database: Database) -> None:
    async def scenario() -> None:
        ours = StoredMemory(database, AccountId("fake:ours"))
        theirs = StoredMemory(database, AccountId("fake:theirs"))
        for memory in (ours, theirs):
            await memory.keep("device", "one")
        await ours.forget("device")
        await ours.forget("nothing")
        assert await ours.recall("device") is None
        assert await theirs.recall("device") == "one"

    asyncio.run(scenario())


class Away:
    """A store that cannot be used for a while: each unit of work fails twice before it is done."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tries = 0

    async def run(self, work: Work[_Made]) -> _Made:
        self._fail()
        return await self._database.run(work)

    async def read(self, work: Work[_Made]) -> _Made:
        self._fail()
        return await self._database.read(work)

    def _fail(self) -> None:
        self._tries += 1
        if self._tries % 3:
            raise StoreError("the PostgreSQL server cannot be reached")


def test_a_network_waits_for_a_store_that_cannot_be_used(sqlite: Database) -> None:
    """The bot ended when a room's past was read while the store was away."""

    async def scenario() -> None:
        memory = StoredMemory(Patient(Away(sqlite), 0.0), AccountId("fake:ours"))
        assert await memory.mark("room") is None
        await memory.set_mark("room", "1")
        await memory.keep("device", "one")
        assert (await memory.mark("room"), await memory.recall("device")) == ("1", "one")
        await memory.forget("device")
        recollection = StoredRecollection(Patient(Away(sqlite), 0.0))
        assert await recollection.unseen(ROOM, [MessageId("1")]) == {"1"}
        assert await recollection.threads(ROOM, MessageId("1")) == {}

    asyncio.run(scenario())
