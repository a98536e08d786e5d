"""What a network keeps between runs."""

from __future__ import annotations

import asyncio

from bot.events import AccountId
from bot.store.database import Database
from bot.store.memory import StoredMemory


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
