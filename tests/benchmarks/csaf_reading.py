"""A feed of CSAF read twice, by a process of its own: `… csaf_reading STORE URL`.

It prints one JSON object: seconds of the first reading and of the second, what was new in each, and
how much more memory it took at its height than before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time

from bot.advisories.sources.feed import Feed
from bot.advisories.sources.rounds import Rounds
from bot.delivery.lanes import utc_now
from bot.feeds.fetching import Way
from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.benchmarks.measures import peak, resident


def main() -> None:
    """Read twice, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.csaf_reading")
    parser.add_argument("store")
    parser.add_argument("url")
    options = parser.parse_args()
    database = open_database(options.store)
    upgrade(database.engine)
    rounds = Rounds(database, Way(), utc_now, random.random)
    feed = Feed("bench", "csaf", url=options.url)
    before = resident()
    seconds, new, problems = [], [], []
    for _ in range(2):
        begun = time.perf_counter()
        made = asyncio.run(rounds.make(feed))
        seconds.append(time.perf_counter() - begun)
        new.append(made.new)
        problems.append(made.after.problem)
    database.close()
    told = {"seconds": seconds, "new": new, "problems": problems}
    print(json.dumps(told | {"more": peak(os.getpid()) - before}))


if __name__ == "__main__":
    main()
