"""Indicators: importing, looking up, and what the relay feels of an import beside it."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import stix2  # type: ignore[import-untyped]
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.custody.effective import Markings
from bot.delivery.lanes import utc_now
from bot.indicators.keys import value_key
from bot.indicators.lookup import lookup
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight, of_team
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database, open_database
from bot.store.tables import Inbox, Lease
from tests.benchmarks.bundles import asked, write_bundle
from tests.benchmarks.imports import REFERENCE, importing, importing_figure
from tests.benchmarks.measures import Spread, resident, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it

_TEAM = TeamKey("t")
_COMMITS, _EVERY = 600, 0.01
_BARE = (
    "SELECT o.ref, o.named FROM indicator_statement s JOIN indicator_object o ON o.id = s.object "
    "WHERE s.key = ?"
)

_MILLION = 1_000_000
"""Among more, one value may take twice as long."""


class Looked(NamedTuple):
    """How long lookups took, on the clock and on the processor; `bare`: nothing but the read;
    `held`: megabytes that are resident since.
    """

    one: Spread
    one_busy: Spread
    bare: Spread
    many: Spread
    many_busy: Spread
    hop: Spread
    held: float


def indicators(size: Size) -> list[Figure]:
    """A million of them; a tenth in a quick run."""
    count = size.indicators
    with folder_for_it() as folder:
        store = f"sqlite:///{folder}/bench.db"
        imported = importing_figure(folder, store, count)
        database = open_database(store)
        try:
            looked = _lookups(database, count)
            alone, beside = asyncio.run(_relay(database, store, folder, count))
        finally:
            database.close()
    return [imported, *_looking(count, looked, _scan()), _felt(alone, beside)]


def _lookups(database: Database, count: int) -> Looked:
    gc.collect()
    before = resident()
    gc.freeze()  # as the bot does with what it has at its start
    rng, sight = random.Random(1), _sight()
    values = [asked(rng, count) for _ in range(5000)]
    now = utc_now()

    def bare(asking: Asking, each: Observable) -> None:
        asking.rows(_BARE, (value_key(each),))

    def work(session: Session) -> list[tuple[Spread, Spread]]:
        asking = Asking(session)
        for each in values[:500]:
            lookup(session, [each], sight, now)
        ones = [partial(lookup, session, [each], sight, now) for each in values[500:3000]]
        bares = [partial(bare, asking, each) for each in values[3000:]]
        hundreds = [values[start : start + 100] for start in range(0, len(values), 100)]
        many = [partial(lookup, session, each, sight, now) for each in hundreds]
        return [_spreads(works) for works in (ones, bares, many)]

    one, bares, many = database.read_now(work)
    hop = asyncio.run(_hops(database, sight, count))
    return Looked(*one, bares[0], *many, hop, resident() - before)


def _spreads(works: Sequence[Callable[[], object]]) -> tuple[Spread, Spread]:
    """On the clock, and on the processor."""
    clock, processor = [], []
    for work in works:
        begun, busy = time.perf_counter(), time.thread_time()
        work()
        processor.append(time.thread_time() - busy)
        clock.append(time.perf_counter() - begun)
    return spread(clock), spread(processor)


async def _hops(database: Database, sight: Sight, count: int) -> Spread:
    """From the event loop and back: a unit of work for each."""
    rng, took = random.Random(2), []
    for _ in range(1500):
        values = [asked(rng, count)]
        begun = time.perf_counter()
        await database.read(partial(lookup, observables=values, sight=sight, now=utc_now()))
        took.append(time.perf_counter() - begun)
    return spread(took[100:])


async def _relay(database: Database, store: str, folder: Path, count: int) -> tuple[Spread, Spread]:
    """Commits as the relay makes them, alone and beside an import of new objects."""
    until = utc_now() + timedelta(hours=1)
    held = {"name": "bench", "holder": "bench", "until": until, "fence": 1}
    await database.run(lambda s: s.execute(insert(Lease).values(**held)))
    alone = await _commits(database, lambda: False)
    write_bundle(folder / "more.json", count=60_000, first=count)
    words = importing(store, [folder / "more.json"])
    child = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
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


def _scan() -> float:
    """Milliseconds that `stix2.MemoryStore` takes for one value."""
    objects = [
        {
            "type": "indicator", "spec_version": "2.1",
            "id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
            "created": "2026-02-01T00:00:00.000Z", "modified": "2026-02-01T00:00:00.000Z",
            "pattern": f"[domain-name:value = 'd{number}.example.org']", "pattern_type": "stix",
            "valid_from": "2026-02-01T00:00:00Z",
        }
        for number in range(REFERENCE)
    ]  # fmt: skip
    store = stix2.MemoryStore(objects)
    wanted = "[domain-name:value = 'd1500.example.org']"
    query = [stix2.Filter("type", "=", "indicator"), stix2.Filter("pattern", "=", wanted)]
    begun = time.perf_counter()
    store.query(query)
    return (time.perf_counter() - begun) * 1000


def _looking(count: int, looked: Looked, scan: float) -> list[Figure]:
    one, many, hop = looked.one, looked.many, looked.hop
    most = 1 if count <= _MILLION else 2
    return [
        Figure(
            f"Looking up one value among {count:,}", f"p50 {most * 100} µs, p99 {most} ms",
            f"{_micro(one)}; of the processor {_micro(looked.one_busy)}",
            f"one indexed read and nothing else {_micro(looked.bare)}; stix2.MemoryStore with "
            f"{REFERENCE:,}: {scan:.1f} ms",
            "A value not asked before, as a team, through the whole function in a unit of work.",
            one.p50 <= 0.1 * most and one.p99 <= most,
        ),
        Figure(
            "The same from the event loop and back", f"{most * 400} µs", _micro(hop),
            reached=hop.p50 <= 0.4 * most,
        ),
        Figure(
            "Looking up 100 values at once", "10 ms", f"p50 {many.p50:.1f} ms, p99 {many.p99:.1f} "
            f"ms; of the processor p50 {looked.many_busy.p50:.1f} ms, p99 "
            f"{looked.many_busy.p99:.1f} ms; {looked.held:.0f} MB more resident than before any",
            reached=many.p99 <= 10,
        ),
    ]  # fmt: skip


def _micro(found: Spread) -> str:
    return f"p50 {found.p50 * 1000:.0f} µs, p99 {found.p99 * 1000:.0f} µs"


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
