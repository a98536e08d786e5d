"""`ioc` from the slash-command's arrival to the answer's hand-over: inlet, inbox, desk, lane."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.delivery.lanes import utc_now
from bot.indicators.observables import typed
from bot.store.database import Database, open_database
from tests.benchmarks.bundles import asked, write_bundle
from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it
from tests.clock import Clock
from tests.custody import ROOMS, Alliance
from tests.fake_platform import BARE, FarEnd
from tests.small_bot import small_bot

_COUNT, _WARM = 400, 50


def asking(size: Size) -> list[Figure]:
    """Among a million indicators; a tenth in a quick run."""
    count = size.indicators
    with folder_for_it() as folder:
        took = _took(Path(folder), count)
    return [
        Figure(
            f"`ioc` among {count:,}, from its arrival to the answer's hand-over", "p99 15 ms",
            f"p50 {took.p50:.1f} ms, p99 {took.p99:.1f} ms", "none",
            "One at a time, a value not asked before, on a network in memory that has buttons, as "
            "where slash-commands are: two commits on the way.",
            took.p99 <= 15,
        )
    ]  # fmt: skip


def _took(folder: Path, count: int) -> Spread:
    store = f"sqlite:///{folder}/bench.db"
    write_bundle(folder / "bundle.json", count=count)
    words = [sys.executable, "-m", "tests.benchmarks.indicator_import", store]
    words.append(str(folder / "bundle.json"))
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)
    database = open_database(store)
    try:
        return asyncio.run(_asked(database, count))
    finally:
        database.close()


async def _asked(database: Database, count: int) -> Spread:
    rng, alliance, took = random.Random(3), Alliance(), list[float]()
    alliance.open()
    clock = Clock(utc_now() + timedelta(days=1))
    account, _, room = ROOMS[0].partition("/")
    far = FarEnd(rooms=(room,), account=account)
    async with small_bot(
        database, clock, far, channels={"c": [ROOMS[0]]}, custody=alliance.custody,
        directory=alliance.directory, capabilities=replace(BARE, buttons=True),
    ) as bot:  # fmt: skip
        await bot.read()
        for number in range(_COUNT):
            text = f"ioc {typed(asked(rng, count))}"
            begun = time.perf_counter()
            far.call(text, local=room)
            await far.until(lambda n=number: len(far.privates) > n)  # type: ignore[misc]
            took.append(time.perf_counter() - begun)
    return spread(took[_WARM:])
