"""The bot's store as it looks from outside, and a lock on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


class StoreView:
    """Reads an SQLite store that a bot may be using."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def rows(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the store; nothing where it is not there yet."""
        if not self.file.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10)) as store:
            return list(store.execute(question, values))

    def count(self, question: str, *values: object) -> int:
        """The number that a question answers."""
        rows = self.rows(question, *values)
        return int(str(rows[0][0])) if rows else 0

    @property
    def open(self) -> int:
        """Deliveries that have not ended."""
        return self.count("SELECT count(*) FROM outbox WHERE state NOT IN ('delivered', 'dead')")

    @property
    def messages(self) -> int:
        """Messages of people that were taken in; what is known by name alone was not."""
        return self.count("SELECT count(*) FROM message WHERE known <> 'named'")

    def taken_in(self, room: str) -> list[str]:
        """The messages of a room by their network's ids, in the order of their commits."""
        rows = self.rows("SELECT message FROM message WHERE room = ? ORDER BY id", room)
        return [str(message) for (message,) in rows]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the only right to write, so that nothing can be committed."""
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as store:
            store.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                store.execute("ROLLBACK")
