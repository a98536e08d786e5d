"""A store that carries every unit of work out twice, the first time for nothing.

As PostgreSQL does with what it could not put in order, and SQLite with what shared a commit with
something that failed: whatever has an effect but through its session shows it here.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.runners import Runner, T, Work


class _Twice:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def submit(
        self, work: Work[Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
    ) -> None:
        self._runner.submit(lambda session: _again(session, work), loop, done)

    def run_now(self, work: Work[T]) -> T:
        return self._runner.run_now(lambda session: _again(session, work))

    def bulk(self) -> AbstractContextManager[Any]:
        return self._runner.bulk()

    def close(self) -> None:
        self._runner.close()


def _again(session: Session, work: Work[T]) -> T:
    first = session.begin_nested()
    work(session)
    session.flush()
    first.rollback()
    session.expunge_all()
    return work(session)


def carry_out_twice(database: Database) -> None:
    """From now on every unit of this store is carried out twice."""
    database._runner = _Twice(database._runner)
