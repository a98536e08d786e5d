"""The file of a device's keys, beside the database: one transaction at a time, beside asyncio."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bot.errors import NotSent
from bot.platforms.matrix.crypto.book import TABLES, Book

T = TypeVar("T")

UNUSABLE = "the file of the keys cannot be used"
"""The reason of a `NotSent` while it cannot be written or read: what waits for it waits on."""


class Keystore:
    """The file of an account's keys, opened when it is first needed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connection: sqlite3.Connection | None = None
        self._device, self._key = "", b""
        self._one_at_a_time = asyncio.Lock()

    def use(self, device: str, key: bytes) -> None:
        """Keep for this device from now on, and encrypt what is secret with `key` (32 bytes)."""
        self._device, self._key = device, key

    async def run(self, work: Callable[[Book], T]) -> T:
        """One unit of work, committed when this returns; nothing of it where it raises.

        Raises `NotSent` where the file cannot be used.
        """
        async with self._one_at_a_time:
            running = asyncio.ensure_future(asyncio.to_thread(self._run, work))
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait([running])  # the lock is held until the thread is done
                raise

    def _run(self, work: Callable[[Book], T]) -> T:
        try:
            connection = self._connection = self._connection or _connected(self.file)
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(Book(connection, self._device, self._key))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise NotSent(UNUSABLE) from error
        return result

    async def set_aside(self) -> None:
        """Begin a new file; the old one stays beside it."""
        await self.close()
        with suppress(OSError):
            self.file.replace(self.file.with_name(f"{self.file.name}.old"))

    async def close(self) -> None:
        """Let go of the file; it is opened again if it is needed again."""
        async with self._one_at_a_time:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _connected(file: Path) -> sqlite3.Connection:
    if not file.exists():
        file.touch(mode=0o600)
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = TRUNCATE")  # one file at rest: simple to keep safe
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.executescript(f"BEGIN; {TABLES} COMMIT;")
    return connection
