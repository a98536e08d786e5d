"""An import in a process of its own: `python -m tests.benchmarks.indicator_import STORE COUNT`.

It prints one JSON object: objects a second when they are new, and when they come again unchanged.
The time that it takes to make them up is not counted.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from bot.delivery.lanes import utc_now
from bot.indicators.importing import import_now
from bot.indicators.sources import By, Source
from bot.indicators.things import Thing
from bot.sharing.marking import Label, Marking
from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.benchmarks.indicator_things import families, things
from tests.benchmarks.measures import peak, resident

SOURCE = Source(By.FEED, "bench", None, Marking(Label.GREEN))


class _Made:
    """Things, and how long it took to make them up."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def each(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """The things, a few thousand made at once."""
        rest = iter(things)
        while True:
            begun = time.perf_counter()
            some = list(islice(rest, 2000))
            self.seconds += time.perf_counter() - begun
            if not some:
                return
            yield from some


def main() -> None:
    """Import twice, and print how fast."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.indicator_import")
    parser.add_argument("store")
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--times", type=int, default=2)
    options = parser.parse_args()
    database = open_database(options.store)
    upgrade(database.engine)
    gc.set_threshold(100_000, 20, 100)  # as the command line does
    rates = []
    for _ in range(options.times):
        made, begun = _Made(), time.perf_counter()
        each = made.each(chain(families(), things(options.count, options.first)))
        counts = import_now(database, SOURCE, each, utc_now)
        rates.append(counts.total / (time.perf_counter() - begun - made.seconds))
    database.close()
    print(json.dumps({"rates": rates, "peak": peak(os.getpid()), "resident": resident()}))


if __name__ == "__main__":
    main()
