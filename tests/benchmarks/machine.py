"""What the figures were measured on, and what one durable commit costs there."""

from __future__ import annotations

import platform
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psutil

from bot.store.database import PRAGMAS
from tests.benchmarks.measures import Spread, spread


def machine() -> str:
    """Processor, cores, memory, system and Python, on one line."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{model}, {psutil.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def durable_commit(folder: Path, times: int = 500) -> Spread:
    """One row, written and synced as the bot's store does it, by sqlite3 alone."""
    with closing(sqlite3.connect(folder / "commit.db", isolation_level=None)) as connection:
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        connection.execute("CREATE TABLE line (number INTEGER PRIMARY KEY, words TEXT)")
        took = []
        for _ in range(times):
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO line (words) VALUES (?)", ("x" * 100,))
            connection.execute("COMMIT")
            took.append(time.perf_counter() - begun)
    return spread(took)
