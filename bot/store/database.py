"""The unit of work: plain functions on a session, one transaction each, run beside asyncio.

On SQLite one writer thread does all writing with `BEGIN IMMEDIATE`; units that wait share a
commit. Readers are read-only sessions in a small pool. On PostgreSQL units run in a pool of
threads, serialisable, and again when the server says so. `work` may therefore run twice: it has
no effect but through its session.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from bot.errors import ConfigurationError
from bot.store.failures import named_errors
from bot.store.runners import OneWriter, Pool, Runner, T, Work

_READERS = 6
"""More than commands run at once (`bot.desk`): a slow one leaves others to the rest."""
_BUSY_SECONDS = 10
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that was acknowledged survives a power cut
    "foreign_keys": 1,
    "secure_delete": 1,  # what is erased is overwritten
}


class Database:
    """An open store. `run` writes, `read` only reads; both give what `work` returns."""

    def __init__(self, engine: Engine, readers: Engine, runner: Runner) -> None:
        self.engine = engine
        self._readers = readers
        self._runner = runner
        self._reading = ThreadPoolExecutor(_READERS, "store-read")

    async def run(self, work: Work[T]) -> T:
        """One unit of work, committed when this returns; done whole even if we are cancelled."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._runner.submit(work, loop, done)
        return await done

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a session that cannot write."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self.read_now, work)

    def read_now(self, work: Work[T]) -> T:
        """`read` for those who are in no event loop (the command line)."""
        with named_errors(), Session(self._readers) as session:
            return work(session)

    def run_now(self, work: Work[T]) -> T:
        """`run` for those who are in no event loop."""
        return self._runner.run_now(work)

    @contextmanager
    def bulk(self) -> Iterator[Callable[[Work[Any]], Any]]:
        """`run_now` many times on one connection, for those who write much and pause between: what
        it commits survives a crash of the process, and after a power cut is done again.
        """
        with self._runner.bulk() as run:
            yield run

    def close(self) -> None:
        """Finish what was handed in, then let go of every connection."""
        self._runner.close()
        self._reading.shutdown()
        self._readers.dispose()
        self.engine.dispose()


def open_database(url: str, folder: Path | None = None) -> Database:
    """Open the store at `url`; a relative SQLite path stands below `folder`.

    The schema is not looked at here (see `bot.store.schema`). Raises ConfigurationError for a URL
    that is none of ours, StoreError where the file cannot be opened.
    """
    address = locate(url, folder)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    return _open_postgresql(address)


def locate(url: str, folder: Path | None = None) -> URL:
    """The URL with a relative SQLite path resolved; ConfigurationError where it is none of ours."""
    expected = "expected sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
    try:
        address = make_url(url)
    except Exception as error:
        raise ConfigurationError([f"store.url: {expected}"]) from error
    if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
        return address.set(database=str((folder or Path()) / str(address.database)))
    if address.drivername == "postgresql+psycopg":
        return address
    raise ConfigurationError([f"store.url: {expected}"])


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────


def _open_sqlite(address: URL) -> Database:
    arguments: dict[str, Any] = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    common: dict[str, Any] = {"hide_parameters": True, "connect_args": arguments}
    engine = create_engine(address, poolclass=NullPool, **common)
    readers = create_engine(address, poolclass=QueuePool, pool_size=_READERS, **common)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")

    def prepare_reader(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA query_only = 1")

    # It holds texts and tokens; what SQLite puts beside it gets the same rights.
    with suppress(OSError):
        Path(str(address.database)).touch(mode=0o600, exist_ok=False)
    event.listen(engine, "connect", prepare)
    event.listen(readers, "connect", prepare_reader)
    # A listener for "begin" would do the same and cost every statement of the engine a tenth.
    for each, begin in ((engine, "BEGIN IMMEDIATE"), (readers, "BEGIN")):
        setattr(each.dialect, "do_begin", _begin(begin))  # noqa: B010  a method, to the type checker
    with named_errors():
        engine.connect().close()
    return Database(engine, readers, OneWriter(engine))


def _begin(statement: str) -> Callable[[Any], None]:
    """The dialect's `do_begin`, given the driver's connection (SQLAlchemy's interface)."""

    def begin(connection: Any) -> None:
        connection.cursor().execute(statement)

    return begin


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────


def _open_postgresql(address: URL) -> Database:
    common: dict[str, Any] = {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 4,
        "max_overflow": 0,
    }
    try:
        engine = create_engine(address, isolation_level="SERIALIZABLE", **common)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            ['store.url: PostgreSQL needs the extra: pip install "liaison[postgresql]"']
        ) from error
    with named_errors():
        engine.connect().close()
    # One moment for all that a reader sees, and never a serialisation failure: it cannot write.
    readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(engine, readers, Pool(engine))
