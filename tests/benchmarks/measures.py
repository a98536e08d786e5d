"""Small measures: how times are spread, what a process holds in memory."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Spread:
    """How long something took: in milliseconds, and how often it was measured."""

    p50: float
    p95: float
    p99: float
    longest: float
    count: int


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of some durations, each percentile by the nearest rank."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000 if ordered else math.nan

    return Spread(at(0.5), at(0.95), at(0.99), at(1.0), len(ordered))


def resident(process: int | None = None) -> float:
    """The resident memory of a process (None: ours) in MB of 1,000,000 bytes."""
    return psutil.Process(process).memory_info().rss / 1e6


def peak(process: int) -> float:
    """The most resident memory that a process has had so far (`VmHWM` of Linux), in MB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return math.nan


def busy() -> float:
    """Seconds of processor that this process has taken, and those that it began and that ended."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


@contextmanager
def peaks_of_children(every: float = 0.25) -> Iterator[dict[int, float]]:
    """The peak of each process that this one begins meanwhile, looked at every so many seconds."""
    found, over = dict[int, float](), threading.Event()

    def look() -> None:
        while not over.wait(every):
            for child in psutil.Process().children():
                with suppress(OSError):
                    found[child.pid] = peak(child.pid)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
