"""A feed read in a process of its own: `python -m tests.benchmarks.feed_reading STORE FORM URL`.

It makes two rounds, and prints one JSON object: of each how many objects came, its seconds on the
clock and of the processor; and the most memory that was resident, in MB, before and after, of this
process and of one that reads for it together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from datetime import timedelta

from bot.delivery.lanes import utc_now
from bot.feeds.fetching import Way
from bot.indicators.feeds.rounds import Rounds
from bot.indicators.feeds.source import Source
from bot.indicators.pace import collect_seldom
from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.benchmarks.measures import busy, peak, peaks_of_children


def main() -> None:
    """Read it twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.feed_reading")
    parser.add_argument("store")
    parser.add_argument("form", choices=["taxii", "stix", "misp", "csv", "text"])
    parser.add_argument("url")
    options = parser.parse_args()
    collect_seldom()  # as the command line does
    database = open_database(options.store)
    upgrade(database.engine)
    every = timedelta(minutes=15)
    source = Source("bench", options.form, url=options.url, every=every, columns={"value": "ip"})
    rounds = Rounds(database, Way(), utc_now, random.Random(1).random)
    before = peak(os.getpid())
    try:
        with peaks_of_children() as peaks:
            made = [asyncio.run(_round(rounds, source)) for _ in range(2)]
    finally:
        database.close()
    most = peak(os.getpid()) + max(peaks.values(), default=0.0)
    print(json.dumps({"rounds": made, "before": before, "peak": most}))


async def _round(rounds: Rounds, source: Source) -> tuple[int, float, float]:
    clock, processor = time.perf_counter(), busy()
    made = await rounds.make(source)
    if made.after.problem:
        raise RuntimeError(made.after.problem)
    counts = made.counts.total
    return counts, time.perf_counter() - clock, busy() - processor


if __name__ == "__main__":
    main()
