"""Imports in a process of its own: `python -m tests.benchmarks.indicator_import STORE BUNDLE…`.

It does what `liaison indicators import` does with the bundles in turn, and prints one JSON object:
of each import how many objects there were and how many a second of the clock and of the processor,
and the most memory that was resident: of this process and the one that reads for it together.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from bot.delivery.lanes import utc_now
from bot.indicators.importing import import_now
from bot.indicators.pace import collect_seldom
from bot.indicators.reading import read_file
from bot.indicators.sources import By, Source
from bot.indicators.stretches import remembered
from bot.sharing.marking import Label, Marking
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from tests.benchmarks.measures import busy, peak, peaks_of_children

SOURCE = Source(By.FEED, "bench", None, Marking(Label.GREEN))


def main() -> None:
    """Import, and print how fast."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.indicator_import")
    parser.add_argument("store")
    parser.add_argument("bundles", type=Path, nargs="+")
    options = parser.parse_args()
    database = open_database(options.store)
    upgrade(database.engine)
    collect_seldom()  # as the command line does
    with peaks_of_children() as peaks:
        rates = [_import(database, each) for each in options.bundles]
    database.close()
    reading = max(peaks.values(), default=0.0)
    together = peak(os.getpid()) + reading
    print(json.dumps({"rates": rates, "peak": together, "reading": reading}))


def _import(database: Database, bundle: Path) -> tuple[int, float, float]:
    """Objects; and so many a second of the clock, and of the processor."""
    known = database.read_now(lambda session: remembered(session, SOURCE))
    clock, processor = time.perf_counter(), busy()
    with bundle.open("rb") as stream:
        counts = import_now(database, SOURCE, read_file(stream, known), utc_now)
    if counts.quarantined:
        raise RuntimeError("something of the bundle was set aside")
    return (
        counts.total,
        counts.total / (time.perf_counter() - clock),
        counts.total / (busy() - processor),
    )


if __name__ == "__main__":
    main()
