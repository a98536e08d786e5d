"""Indicators: importing, looking up, and what the relay feels of an import beside it."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import stix2  # type: ignore[import-untyped]
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.custody.effective import Markings
from bot.delivery.lanes import utc_now
from bot.indicators.lookup import lookup
from bot.indicators.sight import Sight, of_team
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database, open_database
from bot.store.tables import Inbox, Lease
from tests.benchmarks.indicator_things import identity, value
from tests.benchmarks.measures import Spread, resident, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import QUICK, Size, folder_for_it

_TEAM = TeamKey("t")
_REFERENCE = 3000
"""Indicators that `stix2.MemoryStore` is given: it takes 100,000 in a minute."""
_COMMITS, _EVERY = 600, 0.01


def indicators(size: Size) -> list[Figure]:
    """A million of them; a tenth in a quick run."""
    count = 100_000 if size == QUICK else 1_000_000
    with folder_for_it() as folder:
        store = f"sqlite:///{folder}/bench.db"
        imported = _imported(store, count, "--times", "2")
        database = open_database(store)
        try:
            looked = _lookups(database, count)
            alone, beside = asyncio.run(_relay(database, store, count))
        finally:
            database.close()
    loading, scan = _reference()
    return [_importing(count, imported, loading), *_looking(count, looked, scan),
            _felt(alone, beside)]  # fmt: skip


def _imported(store: str, count: int, *more: str) -> Any:
    words = [sys.executable, "-m", "tests.benchmarks.indicator_import", store, str(count), *more]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _lookups(database: Database, count: int) -> dict[str, Any]:
    rng, sight = random.Random(1), _sight()
    asked = [value(rng.randrange(count)) for _ in range(3000)]
    now = utc_now()

    def work(session: Session) -> tuple[Spread, Spread]:
        for each in asked[:500]:
            lookup(session, [each], sight, now)
        one = [_timed(partial(lookup, session, [each], sight, now)) for each in asked[500:]]
        hundreds = [asked[start : start + 100] for start in range(0, len(asked), 100)]
        many = [_timed(partial(lookup, session, each, sight, now)) for each in hundreds]
        return spread(one), spread(many)

    one, many = database.read_now(work)
    return {"one": one, "many": many, "hop": asyncio.run(_hops(database, sight, count)),
            "resident": resident()}  # fmt: skip


async def _hops(database: Database, sight: Sight, count: int) -> Spread:
    """From the event loop and back: a unit of work for each."""
    rng, took = random.Random(2), []
    for _ in range(1500):
        asked = [value(rng.randrange(count))]
        begun = time.perf_counter()
        await database.read(partial(lookup, observables=asked, sight=sight, now=utc_now()))
        took.append(time.perf_counter() - begun)
    return spread(took[100:])


async def _relay(database: Database, store: str, count: int) -> tuple[Spread, Spread]:
    """Commits as the relay makes them, alone and beside an import of new objects."""
    until = utc_now() + timedelta(hours=1)
    held = {"name": "bench", "holder": "bench", "until": until, "fence": 1}
    await database.run(lambda s: s.execute(insert(Lease).values(**held)))
    alone = await _commits(database, lambda: False)
    words = [sys.executable, "-m", "tests.benchmarks.indicator_import", store, "60000"]
    child = await asyncio.create_subprocess_exec(
        *words, "--first", str(count), "--times", "1", stdout=asyncio.subprocess.DEVNULL
    )
    ended = asyncio.create_task(child.wait())
    beside = await _commits(database, ended.done)
    await ended
    return alone, beside


async def _commits(database: Database, is_over: Callable[[], bool]) -> Spread:
    took = []
    for number in range(_COMMITS):
        values = {"room": "r", "kind": "post", "message": f"{time.time_ns()}-{number}",
                  "version": "", "state": "done", "received": utc_now()}  # fmt: skip
        begun = time.perf_counter()
        await database.run(partial(_commit, values))
        took.append(time.perf_counter() - begun)
        if is_over():
            break
        await asyncio.sleep(_EVERY)
    return spread(took)


def _commit(values: dict[str, object], session: Session) -> None:
    session.execute(insert(Inbox).values(**values))


def _reference() -> tuple[float, float]:
    """`stix2.MemoryStore`: objects a second when loading, milliseconds for one value."""
    objects = [
        {
            "type": "indicator", "spec_version": "2.1", "id": identity(number, "indicator"),
            "created": "2026-02-01T00:00:00.000Z", "modified": "2026-02-01T00:00:00.000Z",
            "pattern": f"[domain-name:value = 'd{number}.example.org']", "pattern_type": "stix",
            "valid_from": "2026-02-01T00:00:00Z",
        }
        for number in range(_REFERENCE)
    ]  # fmt: skip
    begun = time.perf_counter()
    store = stix2.MemoryStore(objects)
    loading = _REFERENCE / (time.perf_counter() - begun)
    wanted = "[domain-name:value = 'd1500.example.org']"
    query = [stix2.Filter("type", "=", "indicator"), stix2.Filter("pattern", "=", wanted)]
    scan = _timed(lambda: store.query(query))
    return loading, scan * 1000


def _importing(count: int, imported: Any, loading: float) -> Figure:
    fresh, again = imported["rates"]
    return Figure(
        f"Importing {count:,} indicators into SQLite, their bytes kept",
        "30,000 a second; again unchanged 200,000; 200 MB",
        f"{fresh:,.0f} a second; again unchanged {again:,.0f}; {imported['peak']:.0f} MB at most",
        f"stix2.MemoryStore {loading:,.0f} a second",
        "With its pauses for the relay, in a process of its own; without the reading of JSON. "
        f"MemoryStore is given {_REFERENCE:,}.",
        fresh >= 30_000 and again >= 200_000 and imported["peak"] <= 200,
    )


def _looking(count: int, looked: dict[str, Any], scan: float) -> list[Figure]:
    one, many, hop = looked["one"], looked["many"], looked["hop"]
    return [
        Figure(
            f"Looking up one value among {count:,}", "p50 100 µs, p99 1 ms",
            f"p50 {one.p50 * 1000:.0f} µs, p99 {one.p99 * 1000:.0f} µs",
            f"stix2.MemoryStore with {_REFERENCE:,}: {scan:.1f} ms",
            "A value not asked before, as a team, through the whole function in a unit of work.",
            one.p50 <= 0.1 and one.p99 <= 1,
        ),
        Figure(
            "The same from the event loop and back", "400 µs", f"p50 {hop.p50 * 1000:.0f} µs, "
            f"p99 {hop.p99 * 1000:.0f} µs", reached=hop.p50 <= 0.4,
        ),
        Figure(
            "Looking up 100 values at once", "10 ms", f"p50 {many.p50:.1f} ms, p99 {many.p99:.1f} "
            f"ms; {looked['resident']:.0f} MB resident", reached=many.p99 <= 10,
        ),
    ]  # fmt: skip


def _felt(alone: Spread, beside: Spread) -> Figure:
    added = beside.p99 - alone.p99
    return Figure(
        "A commit of the relay's beside an import", "p99 10 ms more", f"p99 {added:.1f} ms more",
        f"alone p50 {alone.p50:.2f} ms, p99 {alone.p99:.2f} ms; beside it p50 {beside.p50:.2f} ms, "
        f"p99 {beside.p99:.2f} ms",
        "One INSERT in a unit of work every 10 ms; the import goes on in another process.",
        added <= 10,
    )  # fmt: skip


def _sight() -> Sight:
    return of_team(Markings(Directory([Team(_TEAM, "T")]), {}, {}), _TEAM)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
