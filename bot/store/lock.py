"""One `run` on one store: a lock that goes with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreBusy
from bot.store.database import Database

_KEY = 0x4C494149534F4E
"""PostgreSQL's advisory lock of ours: the letters LIAISON as a number."""
_IN_USE = "the store is in use by another `liaison run`: end that one first"


@contextmanager
def only_run(database: Database) -> Iterator[None]:
    """Hold the store for one `run`; raises StoreBusy while another process does.

    Both locks are the operating system's or the server's: a process that dies lets go of them, so
    that whoever takes one over knows that its last holder is gone.
    """
    url = database.engine.url
    if database.engine.dialect.name == "sqlite":
        lock = FileLock(f"{url.database}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise StoreBusy(_IN_USE) from error
        try:
            yield
        finally:
            lock.release()
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar()
        if not held:
            raise StoreBusy(_IN_USE)
        try:
            yield
        finally:
            try:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            except DBAPIError:
                connection.invalidate()  # the server has let go of it with the connection
