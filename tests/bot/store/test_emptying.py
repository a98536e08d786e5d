"""What was erased is soon in no file of the store, its log included."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import emptying
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.store.tables import Memory
from tests.stores import sqlite_url

CANARY = "kanari-0b6f"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = open_database(sqlite_url(tmp_path))
    upgrade(database.engine)
    yield database
    database.close()


def stands_in(folder: Path) -> set[str]:
    """The files that hold what was written."""
    return {file.name for file in folder.iterdir() if CANARY.encode() in file.read_bytes()}


async def until(done: Callable[[], bool], seconds: float = 30.0) -> None:
    """Nothing tells of what becomes of files."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def write(database: Database) -> None:
    await database.run(lambda s: s.add(Memory(account="a", key="k", value=CANARY)))


async def erase(database: Database, *, noted: bool = True) -> None:
    def work(session: object) -> None:
        session.execute(text("UPDATE memory SET value = ''"))  # type: ignore[attr-defined]  # as of `run`
        if noted:
            emptying.note(session)  # type: ignore[arg-type]  # as of `run`

    await database.run(work)


def test_what_is_erased_is_in_no_file_a_moment_later(store: Database, tmp_path: Path) -> None:
    async def scenario() -> None:
        await write(store)
        assert stands_in(tmp_path) == {"liaison.db-wal"}
        begun = time.monotonic()
        await erase(store)
        await until(lambda: not stands_in(tmp_path))
        assert time.monotonic() - begun < 15

    asyncio.run(scenario())


def test_who_reads_meanwhile_is_not_waited_for_and_it_is_tried_again(
    store: Database, tmp_path: Path
) -> None:
    async def scenario() -> None:
        await write(store)
        with store._readers.connect() as reader:
            assert reader.execute(text("SELECT value FROM memory")).scalar() == CANARY
            await erase(store)
            tried = time.monotonic() + 1.2
            while time.monotonic() < tried:  # it is tried meanwhile, again and again
                begun = time.monotonic()
                await store.run(lambda s: s.execute(text("SELECT 1")).scalar())
                assert time.monotonic() - begun < 3
                await asyncio.sleep(0.01)
            assert stands_in(tmp_path)
        await until(lambda: not stands_in(tmp_path))

    asyncio.run(scenario())


def test_it_is_emptied_while_others_write_too(store: Database, tmp_path: Path) -> None:
    async def scenario() -> None:
        await write(store)
        await erase(store)
        written = 0
        while stands_in(tmp_path):
            await store.run(lambda s: s.merge(Memory(account="b", key="k", value="x")))
            written += 1
            assert written < 20_000
        assert written

    asyncio.run(scenario())


def test_a_failed_unit_beside_it_changes_nothing(store: Database, tmp_path: Path) -> None:
    async def scenario() -> None:
        await write(store)

        def fail(_session: object) -> None:
            raise ValueError

        failed = asyncio.ensure_future(store.run(fail))
        await asyncio.gather(erase(store), failed, return_exceptions=True)
        await until(lambda: not stands_in(tmp_path))

    asyncio.run(scenario())


def test_without_a_note_the_log_is_left_alone(store: Database, tmp_path: Path) -> None:
    async def scenario() -> None:
        await write(store)
        await erase(store, noted=False)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            await asyncio.sleep(0.05)
            assert stands_in(tmp_path) == {"liaison.db-wal"}

    asyncio.run(scenario())
