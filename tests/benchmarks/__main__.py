"""`python -m tests.benchmarks`: how fast the bot is and what it holds in memory, from outside."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.machine import durable_commit, machine
from tests.benchmarks.report import PAGE, heads, table, write
from tests.benchmarks.runs import RUNS
from tests.benchmarks.trials import QUICK, WHOLE


def main() -> int:
    """Run what is asked for, show it and write it down: a target that is missed is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="minutes instead of half an hour")
    parser.add_argument("--only", action="append", choices=list(RUNS), help="not written down")
    parser.add_argument("--indicators", type=int, metavar="N", help="stored: 1000000, quick 100000")
    parser.add_argument("--bundle", type=int, metavar="MB", help="imported: 300, quick 40")
    options = parser.parse_args()
    size = QUICK if options.quick else WHOLE
    size = replace(
        size,
        indicators=options.indicators or size.indicators,
        bundle=options.bundle or size.bundle,
    )
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as folder:
        commit = durable_commit(Path(folder))
    shown = f"p50 {commit.p50:.2f} ms, p99 {commit.p99:.2f} ms"
    print(f"benchmark: {machine()}; one durable commit: {shown}", flush=True)
    figures = []
    for name in options.only or RUNS:
        begun = time.perf_counter()
        print(f"benchmark: {name} …", flush=True)
        found = RUNS[name](size)
        print(table(found), f"({time.perf_counter() - begun:.0f} s)", flush=True)
        figures += found
    if not options.only:
        write(figures, heads(machine(), shown, load, quick=options.quick))
        print(f"benchmark: written to {PAGE.relative_to(Path(__file__).parents[2])}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
