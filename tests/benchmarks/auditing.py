"""The audit: how long a long chain takes to verify, and what sealing costs those who write."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.custody import sealing, verifying
from bot.custody.audit import Act, Action, named, record, record_all
from bot.delivery.lease import Leases
from bot.sharing.teams import TeamKey
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.tasks.sealer import PAUSE, Sealer
from bot.words import words_for
from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words

ROWS = 100_000
_PIECE = 5000
_RATE = 300


def audit(size: Size) -> list[Figure]:
    """A chain of 100,000 rows, and commits with an act each, with and without a sealer."""
    with folder_for_it() as folder:
        database = _opened(folder / "long.db")
        sealed_in = _fill(database, ROWS)
        begun = time.perf_counter()
        found = database.read_now(lambda session: verifying.verify(session, datetime.now(UTC)))
        took = time.perf_counter() - begun
        database.close()
        seconds = min(size.seconds, 20)
        without, beside = (
            asyncio.run(_write(folder / f"{sealed}.db", seconds, sealed=sealed))
            for sealed in (False, True)
        )
    return [
        Figure(
            f"{ROWS:,} audit rows verified", "2 s", f"{took:.2f} s",
            f"sealed in {sealed_in:.1f} s",
            "Every sealed row read from SQLite and its hash computed anew, in one process.",
            found.rows == ROWS and found.fault is None and took <= 2,
        ),
        Figure(
            f"A commit with an audit row, {_RATE} a second, beside the sealer",
            "", in_words(beside), f"without it {in_words(without)}",
            "From handing a unit of work with one row to the store until it is committed; the "
            f"sealer looks every {PAUSE:.2f} s. {beside.count} commits.",
        ),
    ]  # fmt: skip


def _opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    return database


def _act(number: int) -> Act:
    thing = named("message", number, "5f" * 32)
    return Act(f"slack:alpha/U{number % 50}", TeamKey("cert-alpha"), Action.RELAYED, thing, "gate")


def _fill(database: Database, count: int) -> float:
    now = datetime.now(UTC) - timedelta(seconds=count)
    for first in range(0, count, _PIECE):
        acts = [_act(number) for number in range(first, min(first + _PIECE, count))]
        at = now + timedelta(seconds=first)
        database.run_now(lambda session, acts=acts, at=at: record_all(session, acts, at))  # type: ignore[misc]  # defaults hold the loop's values
    begun = time.perf_counter()
    while database.run_now(lambda session: sealing.seal(session, _PIECE)):
        pass
    return time.perf_counter() - begun


async def _write(path: Path, seconds: int, *, sealed: bool) -> Spread:
    database, leases = _opened(path), Leases()
    names = [sealing.LEASE]
    now = datetime.now(UTC) + timedelta(hours=1)
    leases.took(await database.run(lambda s: leases.acquire(s, names, now, alone=True)))
    sealer = Sealer(database, leases, [], words_for("en"))
    ending = asyncio.Event()

    async def seal() -> None:
        while sealed and not ending.is_set():
            await sealer.look()
            await asyncio.sleep(PAUSE)

    took: list[float] = []

    async def commit(number: int) -> None:
        begun = time.perf_counter()
        await database.run(lambda session: record(session, _act(number), datetime.now(UTC)))
        took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(seal())
        for number in range(seconds * _RATE):
            await asyncio.sleep(begun + number / _RATE - time.perf_counter())
            tasks.create_task(commit(number))
        ending.set()
    await asyncio.to_thread(database.close)
    return spread(took)
