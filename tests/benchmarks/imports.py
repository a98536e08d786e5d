"""Bundles imported in a process of their own: how fast, and how much memory that takes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import stix2  # type: ignore[import-untyped]  # it brings no types

from tests.benchmarks.bundles import write_bundle
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it

REFERENCE = 3000
"""Indicators that `stix2.MemoryStore` is given: it takes 100,000 in a minute."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Of one import: its objects, and how many a second of the clock and of the processor."""

    objects: int
    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:,.0f} ({self.processor:,.0f})"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of some imports, and the most memory that was resident, in both processes: MB."""

    rates: Sequence[Rate]
    peak: float
    reading: float
    """Of this, what the process had that reads."""


def importing(store: str, bundles: Sequence[Path]) -> list[str]:
    """The words of the process that imports these in turn."""
    return [sys.executable, "-m", "tests.benchmarks.indicator_import", store, *map(str, bundles)]


def imported(store: str, *bundles: Path) -> Imported:
    """Import these in turn."""
    done = subprocess.run(importing(store, bundles), check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    return Imported([Rate(*each) for each in told["rates"]], told["peak"], told["reading"])


def importing_figure(folder: Path, store: str, count: int) -> Figure:
    """So many new objects; the same file again; the same objects elsewhere in a file."""
    bundle, other = folder / "bundle.json", folder / "other.json"
    write_bundle(bundle, count=count)
    write_bundle(other, count=count, padding=300_000)
    found = imported(store, bundle, bundle, other)
    size = bundle.stat().st_size / 1e6
    new, again, elsewhere = found.rates
    loading = memory_store(bundle)
    bundle.unlink()
    other.unlink()
    return Figure(
        f"Importing {new.objects:,} STIX objects into SQLite, their JSON kept",
        "30,000 a second; again unchanged 200,000; 200 MB",
        f"{new} a second; again unchanged {again}; the same objects elsewhere in a file "
        f"{elsewhere}; {found.peak:.0f} MB at most",
        f"stix2.MemoryStore {loading:,.0f}",
        f"A bundle of {size:,.0f} MB, stored by a process of its own and read by another, as "
        "`liaison indicators import` does; in brackets a second of the processor, of both, which "
        "others on the machine do not have. The memory is the most that the one had and the "
        f"most that the other had ({found.reading:.0f} MB). MemoryStore is given {REFERENCE:,} of "
        "the objects.",
        new.clock >= 30_000 and again.clock >= 200_000 and found.peak <= 200,
    )


def large(size: Size) -> list[Figure]:
    """A large file: what it takes in memory."""
    with folder_for_it() as folder:
        bundle, small = folder / "bundle.json", folder / "small.json"
        write_bundle(bundle, size=size.bundle * 1_000_000)
        write_bundle(small, count=1000)
        least = imported(f"sqlite:///{folder}/small.db", small).peak
        found = imported(f"sqlite:///{folder}/bench.db", bundle)
        stored = (folder / "bench.db").stat().st_size / 1e6
    return [
        Figure(
            f"Memory while a bundle of {size.bundle:,} MB is imported", "200 MB",
            f"{found.peak:.0f} MB at most; {found.rates[0]} objects a second",
            f"{least:.0f} MB with one of 1,000 objects",
            f"The most that was resident (`VmHWM`), of the process that stores and of that which "
            f"reads ({found.reading:.0f} MB) together; {found.rates[0].objects:,} objects, "
            f"{stored:,.0f} MB on the disk afterwards.",
            found.peak <= 200,
        )
    ]  # fmt: skip


def memory_store(bundle: Path) -> float:
    """Objects a second of processor that `stix2.MemoryStore` takes in."""
    with bundle.open("rb") as stream:
        lines = [stream.readline() for _ in range(REFERENCE + 300)]
    objects = [json.loads(line.strip().rstrip(b",")) for line in lines[201:][:REFERENCE]]
    begun = time.process_time()
    stix2.MemoryStore(objects)
    return len(objects) / (time.process_time() - begun)
