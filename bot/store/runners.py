"""Who carries out units of work: one writer thread on SQLite, a few threads on PostgreSQL."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.errors import StoreBusy
from bot.store.emptying import Emptying, emptied, is_noted
from bot.store.failures import named_errors

T = TypeVar("T")
Work = Callable[[Session], T]

_BATCH = 64
"""Units that share one commit at most: bounds what a failing unit makes the others repeat."""
_ATTEMPTS = 20
_PAUSE, _LONGEST_PAUSE = 0.001, 0.1
"""Seconds before a unit that could not be serialised is run again, at most; doubled each time."""
_RETRY = {"40001", "40P01"}
"""PostgreSQL's serialization_failure and deadlock_detected (its manual, appendix A)."""
_BULK = {"synchronous": 1, "cache_size": -16384}
"""Of a connection that writes much: no sync for each commit (the next of another's, or the next
checkpoint, makes it durable), and 16 MB of pages."""


class Runner(Protocol):
    """Who carries out units of work."""

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        """Have a unit carried out; `done` is told in its loop what came of it."""

    def run_now(self, work: Work[T]) -> T:
        """Carry a unit out here and now."""

    def bulk(self) -> AbstractContextManager[Callable[[Work[Any]], Any]]:
        """Carry out many on one connection."""

    def close(self) -> None:
        """Finish what was handed in."""


Unit = tuple[Work[Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class OneWriter:
    """One thread that does all writing; units that wait share a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._units: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._emptying = Emptying()
        self._starting = threading.Lock()

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        """Have it carried out in turn."""
        self._units.put((work, loop, done))
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._write, name="store-write")
                    self._thread.start()

    def run_now(self, work: Work[T]) -> T:
        """Carry it out here and now."""
        with named_errors(), self._engine.connect() as connection:
            (outcome,), erased = _commit(connection, [work])
            if erased:
                emptied(connection)
            return cast("T", outcome)

    @contextmanager
    def bulk(self) -> Iterator[Callable[[Work[Any]], Any]]:
        """Carry out many on one connection."""
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
        """Finish what was handed in."""
        self._units.put(None)
        if self._thread is not None:
            self._thread.join()

    def _write(self) -> None:
        try:
            while (first := self._next()) is not None:
                units, last = self._gather(first)
                tell(units, self._carry_out(units))
                if last:
                    return
        finally:
            if self._connection is not None:
                self._connection.close()

    def _next(self) -> Unit | None:
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

    def _gather(self, first: Unit) -> tuple[list[Unit], bool]:
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

    def _carry_out(self, units: list[Unit]) -> list[object]:
        """The outcome of each: all in one transaction, or, if one fails, each in its own."""
        works = [work for work, _, _ in units]
        try:
            with named_errors():
                outcomes, erased = _commit(self._connected(), works)
        except Exception as error:  # noqa: BLE001  handed to whoever waits for the unit
            if len(works) == 1:
                return [Failure(error)]
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


class Failure:
    """An exception on its way to the one who waits."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def tell(units: Sequence[Unit], outcomes: Sequence[object]) -> None:
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
        if isinstance(outcome, Failure):
            done.set_exception(outcome.error)
        else:
            done.set_result(outcome)


class Pool:
    """Units in a few threads, again when the server could not serialise them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(4, "store-write")
        self._closing = threading.Event()

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        """Have it carried out in turn."""
        self._threads.submit(self._carry_out, (work, loop, done))

    def run_now(self, work: Work[T]) -> T:
        """Carry it out here and now."""
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
        """Carry out many on one connection."""
        yield self.run_now

    def close(self) -> None:
        """Finish what was handed in."""
        self._closing.set()
        self._threads.shutdown()

    def _carry_out(self, unit: Unit) -> None:
        outcome: object
        try:
            outcome = self.run_now(unit[0])
        except Exception as error:  # noqa: BLE001  handed to whoever waits for the unit
            outcome = Failure(error)
        tell([unit], [outcome])
