"""Emptying SQLite's log (`-wal`) soon after text was erased that may not be kept.

`secure_delete` overwrites in the database what is erased. The log has the page as it was before,
until it is written round: minutes, or days where little is said. So whoever erases such text notes
it, and the writer empties the log a moment later: between commits, and never waiting for a reader,
who would hold up the relay with it. Where somebody reads the old pages at that moment it is tried
again. What has had its time (`bot.delivery.retention`) needs no such haste.

Emptying cuts the file. What its blocks held is the file system's then, and its business to
overwrite: see docs/security.md.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.orm import Session

_NOTED = "erased"
_SOON = 0.5
"""Seconds until the log is emptied: what is erased meanwhile goes with it."""
_AGAIN = 0.25
"""Seconds until it is tried again where somebody read."""


def note(session: Session) -> None:
    """Say that a unit of work erases text that may not be kept."""
    session.info[_NOTED] = True


def is_noted(session: Session) -> bool:
    """Whether one of a session's units has."""
    return bool(session.info.get(_NOTED))


class Emptying:
    """When the log is to be emptied next; asked by the writer's thread alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: float | None = None

    def want(self) -> None:
        """Text was erased."""
        if self._due is None:
            self._due = self._clock() + _SOON

    def rest(self) -> float | None:
        """Seconds until it is due, None where it is not."""
        return None if self._due is None else max(self._due - self._clock(), 0.0)

    def do(self, connection: Connection) -> None:
        """Empty the log, if nobody reads what it holds."""
        self._due = None if emptied(connection) else self._clock() + _AGAIN


def emptied(connection: Connection) -> bool:
    """Empty the log without waiting for anybody; whether it is empty now."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection), "SQLite's alone has such a log"
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        with suppress(sqlite3.OperationalError):  # as busy as can be
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(patience)}")
