"""A loop and a store without real time and without threads: the same play goes the same way again.

Nothing takes time but what is waited for: when nothing is left to do, it is at once as late as the
next thing that is due. How long units of work take, and so what overtakes what, is drawn.
"""

from __future__ import annotations

import asyncio
import selectors
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from bot.store.database import Database, open_database
from bot.store.runners import OneWriter, Unit, Work, tell

_AT_ONCE = 64
"""Units that share one commit at most, as in `bot.store.runners`."""
_TAKES = (0.0, 0.0, 0.0003, 0.001)
"""Seconds that a unit of work, or what runs beside the loop, may take."""


class Still(asyncio.SelectorEventLoop):
    """A loop whose time passes only where everything waits for it."""

    def __init__(self) -> None:
        self._late = 1000.0
        super().__init__(_Selector(self._pass))
        self.pace = Random(0)

    def time(self) -> float:
        return self._late

    def _pass(self, seconds: float) -> None:
        self._late += seconds

    def taken(self) -> float:
        """Seconds that something takes now."""
        return self.pace.choice(_TAKES)

    def run_in_executor(  # type: ignore[override]  # as the loop's, in no thread
        self, executor: object, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run it a moment later, in this thread."""
        del executor
        done = self.create_future()

        def run() -> None:
            if done.done():
                return
            try:
                done.set_result(func(*args))
            except Exception as error:  # noqa: BLE001  handed to whoever waits
                done.set_exception(error)

        self.call_later(self.taken(), run)
        return done


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: what it was to wait is passed on."""

    def __init__(self, wait: Callable[[float], None]) -> None:
        super().__init__()
        self._wait = wait

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everything waits, and nothing will ever happen"
            self._wait(max(timeout, 0.0))
        return found


class Steps:
    """Counts the moments at which a bot can be gone: after a commit that nobody has heard of yet,
    before a request is carried out, and after, before its answer is heard.
    """

    def __init__(self) -> None:
        self._left: int | None = None
        self.over = asyncio.Event()

    def gone_after(self, number: int | None) -> None:
        """After so many more it is gone; None: it stays."""
        self._left = number
        self.over.clear()
        if number == 0:
            self.over.set()

    @property
    def gone(self) -> bool:
        """Whether nothing is carried out any more."""
        return self.over.is_set()

    def take(self) -> None:
        """One of these moments."""
        if self._left is not None and not self.gone:
            self._left -= 1
            if self._left <= 0:
                self.over.set()

    async def wait(self) -> None:
        """One of these moments, for what never ends where the bot is gone."""
        self.take()
        if self.gone:
            await asyncio.Event().wait()


class _Writer(OneWriter):
    """Writes in the loop's own thread; where the bot is gone it tells nobody."""

    def __init__(self, engine: Engine, steps: Steps) -> None:
        super().__init__(engine)
        self._steps = steps
        self._handed: list[Unit] = []

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        assert isinstance(loop, Still)
        if not self._handed:
            loop.call_later(loop.taken(), self._write_these, loop)
        self._handed.append((work, loop, done))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _write_these(self, loop: Still) -> None:
        units, self._handed = self._handed[:_AT_ONCE], self._handed[_AT_ONCE:]
        if self._handed:
            loop.call_later(loop.taken(), self._write_these, loop)
        if self._steps.gone:
            return
        outcomes: Sequence[object] = self._carry_out(units)
        self._steps.take()
        if not self._steps.gone:
            tell(units, outcomes)


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def open_still(file: Path, steps: Steps) -> Database:
    """Open a store that writes so."""
    database = open_database(f"sqlite:///{file}")
    event.listen(database.engine, "connect", _hurry)  # the machine itself does not fail in a play
    database._runner = _Writer(database.engine, steps)
    return database
