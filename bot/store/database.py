"""The unit of work: plain functions on a session, one transaction each, run beside asyncio.

On SQLite one writer thread does all writing with `BEGIN IMMEDIATE`; units that wait share a
commit. Readers are read-only sessions in a small pool. On PostgreSQL units run in a pool of
threads, serialisable, and again when the server says so. `work` may therefore run twice: it has
no effect but through its session.
"""

from __future__ import annotations

import asyncio
import queue
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from bot.errors import ConfigurationError, StoreBusy, StoreError, StoreFull
from bot.store.emptying import Emptying, emptied, is_noted

T = TypeVar("T")
Work = Callable[[Session], T]

_BATCH = 64
"""Units that share one commit at most: bounds what a failing unit makes the others repeat."""
_READERS = 6
"""More than commands run at once (`bot.desk`): a slow one leaves others to the rest."""
_BUSY_SECONDS = 10
_ATTEMPTS = 20
_PAUSE, _LONGEST_PAUSE = 0.001, 0.1
"""Seconds before a unit that could not be serialised is run again, at most; doubled each time."""
_RETRY = {"40001", "40P01"}
"""PostgreSQL's serialization_failure and deadlock_detected (its manual, appendix A)."""
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that was acknowledged survives a power cut
    "foreign_keys": 1,
    "secure_delete": 1,  # what is erased is overwritten
}

_BULK = {"synchronous": 1, "cache_size": -32768}
"""Of a connection that writes much: no sync for each commit (the next of another's, or the next
checkpoint, makes it durable), and 32 MB of pages."""


class Database:
    """An open store. `run` writes, `read` only reads; both give what `work` returns."""

    def __init__(self, engine: Engine, readers: Engine, runner: _Runner) -> None:
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
    return Database(engine, readers, _OneWriter(engine))


def _begin(statement: str) -> Callable[[Any], None]:
    """The dialect's `do_begin`, given the driver's connection (SQLAlchemy's interface)."""

    def begin(connection: Any) -> None:
        connection.cursor().execute(statement)

    return begin


class _Runner(Protocol):
    """Who carries out units of work."""

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None: ...

    def run_now(self, work: Work[T]) -> T: ...

    def bulk(self) -> AbstractContextManager[Callable[[Work[Any]], Any]]: ...

    def close(self) -> None: ...


_Unit = tuple[Work[Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class _OneWriter:
    """One thread that does all writing; units that wait share a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._units: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._emptying = Emptying()
        self._starting = threading.Lock()

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        self._units.put((work, loop, done))
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._write, name="store-write")
                    self._thread.start()

    def run_now(self, work: Work[T]) -> T:
        with named_errors(), self._engine.connect() as connection:
            (outcome,), erased = _commit(connection, [work])
            if erased:
                emptied(connection)
            return cast("T", outcome)

    @contextmanager
    def bulk(self) -> Iterator[Callable[[Work[Any]], Any]]:
        with named_errors(), self._engine.connect() as connection:
            for name, value in _BULK.items():
                connection.connection.cursor().execute(f"PRAGMA {name} = {value}")

            def run(work: Work[Any]) -> Any:
                (outcome,), erased = _commit(connection, [work])
                if erased:
                    emptied(connection)
                return outcome

            yield run

    def close(self) -> None:
        self._units.put(None)
        if self._thread is not None:
            self._thread.join()

    def _write(self) -> None:
        try:
            while (first := self._next()) is not None:
                units, last = self._gather(first)
                _tell(units, self._carry_out(units))
                if last:
                    return
        finally:
            if self._connection is not None:
                self._connection.close()

    def _next(self) -> _Unit | None:
        """The next unit, None at the end; meanwhile the log is emptied when that is due."""
        while True:
            rest = self._emptying.rest()
            if rest != 0:
                with suppress(queue.Empty):
                    return self._units.get(timeout=rest)
            self._emptying.do(self._connected())

    def _connected(self) -> Connection:
        """The writer's connection, opened when a unit first needs it: if that fails, it fails."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _gather(self, first: _Unit) -> tuple[list[_Unit], bool]:
        units = [first]
        while len(units) < _BATCH:
            try:
                unit = self._units.get_nowait()
            except queue.Empty:
                return units, False
            if unit is None:
                return units, True
            units.append(unit)
        return units, False

    def _carry_out(self, units: list[_Unit]) -> list[object]:
        """The outcome of each: all in one transaction, or, if one fails, each in its own."""
        works = [work for work, _, _ in units]
        try:
            with named_errors():
                outcomes, erased = _commit(self._connected(), works)
        except Exception as error:  # noqa: BLE001  handed to whoever waits for the unit
            if len(works) == 1:
                return [_Failure(error)]
        else:
            if erased:
                self._emptying.want()
            return outcomes
        return [self._carry_out([unit])[0] for unit in units]


def _commit(connection: Connection, works: list[Work[Any]]) -> tuple[list[Any], bool]:
    """One transaction, one session: emptied between units, so that none sees another's objects.
    What came of each, and whether any has erased text (see `bot.store.emptying`).
    """
    outcomes: list[Any] = []
    with (
        connection.begin(),
        Session(connection, autoflush=False, join_transaction_mode="rollback_only") as session,
    ):
        for work in works:
            outcomes.append(work(session))
            session.flush()
            session.expunge_all()
        erased = is_noted(session)
    return outcomes, erased


class _Failure:
    """An exception on its way to the one who waits."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _tell(units: Sequence[_Unit], outcomes: Sequence[object]) -> None:
    """Hand over what came of the units of one commit, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], object]]] = {}
    for (_, loop, done), outcome in zip(units, outcomes, strict=True):
        by_loop.setdefault(loop, []).append((done, outcome))
    for loop, ended in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_hand_over, ended)


def _hand_over(ended: Sequence[tuple[asyncio.Future[Any], object]]) -> None:
    for done, outcome in ended:
        if done.done():  # cancelled meanwhile: the work stands, nobody listens
            continue
        if isinstance(outcome, _Failure):
            done.set_exception(outcome.error)
        else:
            done.set_result(outcome)


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
    return Database(engine, readers, _Pool(engine))


class _Pool:
    """Units in a few threads, again when the server could not serialise them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(4, "store-write")
        self._closing = threading.Event()

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        self._threads.submit(self._carry_out, (work, loop, done))

    def run_now(self, work: Work[T]) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with named_errors(), self._engine.connect() as connection:
                    (outcome,), _ = _commit(connection, [work])
                    return cast("T", outcome)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RETRY:
                    raise
            self._closing.wait(random.uniform(0, min(_PAUSE * 2**attempt, _LONGEST_PAUSE)))  # noqa: S311  jitter
        raise StoreBusy("the PostgreSQL server could not put concurrent work in order; again later")

    @contextmanager
    def bulk(self) -> Iterator[Callable[[Work[Any]], Any]]:
        yield self.run_now

    def close(self) -> None:
        self._closing.set()
        self._threads.shutdown()

    def _carry_out(self, unit: _Unit) -> None:
        outcome: object
        try:
            outcome = self.run_now(unit[0])
        except Exception as error:  # noqa: BLE001  handed to whoever waits for the unit
            outcome = _Failure(error)
        _tell([unit], [outcome])


# ── errors ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def named_errors() -> Iterator[None]:
    """Driver errors that an administrator can mend, in words that say how."""
    try:
        yield
    except DBAPIError as error:
        named = _named(error.orig)
        if named is None:
            raise
        raise named from error
    except sqlite3.Error as error:  # bare from where a connection is prepared
        named = _named(error)
        if named is None:
            raise
        raise named from error


def _named(error: BaseException | None) -> StoreError | None:
    if isinstance(error, sqlite3.Error):
        return _named_sqlite(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return _named_postgresql(error)


def _named_sqlite(code: int) -> StoreError | None:
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy("the store is locked by another process: end it, or wait for it")
        case sqlite3.SQLITE_FULL:
            return StoreFull("the disk of the store is full: make room; nothing was acknowledged")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError("the store cannot be opened: does its folder exist, may we write?")
        case sqlite3.SQLITE_READONLY:
            return StoreError("the store may not be written: check the rights of file and folder")
        case sqlite3.SQLITE_IOERR:
            return StoreError("the disk of the store reports an input/output error")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StoreError("the file of the store is damaged, or not a store: restore a copy")
        case _:
            return None


def _named_postgresql(error: BaseException | None) -> StoreError | None:
    """By the class of its SQLSTATE (PostgreSQL's manual, appendix A)."""
    state = getattr(error, "sqlstate", None)
    if state == "53100":
        return StoreFull("the disk of the PostgreSQL server is full; nothing was acknowledged")
    if state == "25006":
        return StoreError("the PostgreSQL server may only be read: is it a standby?")
    if state is not None and state[:2] == "53":
        return StoreError("the PostgreSQL server is short of memory, disk or connections")
    gone = type(error).__name__ in {"OperationalError", "InterfaceError"} and state is None
    if gone or (state is not None and state[:2] in {"08", "57"}):
        return StoreError("the PostgreSQL server cannot be reached: is it up, is store.url right?")
    return None
