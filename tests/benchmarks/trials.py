"""What the runs share: how much of everything, and messages at an easy pace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.places import TWO
from tests.benchmarks.processes import Far
from tests.benchmarks.report import Figure

WARM = 60
"""Messages before those that count: connections, caches and compiled statements."""
WAYS = {"alpha": "Slack to Matrix", "coalition": "Matrix to Slack"}


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    at_rest: int
    """Messages at 20 a second."""
    seconds: int
    """Of the throughput runs."""
    marks: tuple[int, ...]
    """After how many messages the memory is looked at."""
    missed: int
    rooms: int
    indicators: int
    bundle: int
    """Megabytes of the bundle whose import is looked at for memory."""
    listed: int
    """Objects of a feed."""


WHOLE = Size(
    at_rest=1200, seconds=60, marks=(18_000, 50_000, 100_000), missed=10_000, rooms=10_000,
    indicators=1_000_000, bundle=300, listed=50_000,
)  # fmt: skip
QUICK = Size(
    at_rest=200, seconds=10, marks=(3000, 6000), missed=2000, rooms=2000,
    indicators=100_000, bundle=40, listed=10_000,
)  # fmt: skip


@contextmanager
def folder_for_it() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="liaison-bench-") as name:
        yield Path(name)


def in_words(found: Spread) -> str:
    """The middle and the end of a spread."""
    return f"p50 {found.p50:.1f} ms, p99 {found.p99:.1f} ms"


def say(
    far: Far, rate: float, count: int, accounts: Sequence[str], channels: int, **more: bool
) -> Any:
    """Have so much said, so fast; what became of it."""
    return far("say", rate=rate, count=count, accounts=list(accounts), channels=channels, **more)


def at_rest(far: Far, count: int, channels: int = 10, **more: bool) -> dict[str, Spread]:
    """Twenty messages a second, on both ways in turn."""
    say(far, 20, WARM, TWO, channels, **more)
    outcome = say(far, 20, count, TWO, channels, **more)
    if not outcome["whole"]:
        raise RuntimeError(f"only {outcome['landed']} of {outcome['wanted']} copies landed")
    return {account: spread(took) for account, took in outcome["took"].items()}


def own_figure(what: str, ours: Spread, direct: Spread) -> Figure:
    """What the bot adds to the direct way, against what it may."""
    p50, p99 = ours.p50 - direct.p50, ours.p99 - direct.p99
    return Figure(
        f"The bot's own time, {what}, 20 messages a second",
        "p50 3 ms, p99 10 ms",
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        f"with the bot {in_words(ours)}; slack_sdk and nio without it {in_words(direct)}",
        "At the far side, which is another process: from the write of the event to its socket "
        "until the request with the copy arrives, less the same through slack_sdk and nio joined "
        "by two functions without store or order. The difference of two percentiles is no "
        f"percentile of differences: p99 is an estimate. {ours.count} messages.",
        p50 <= 3 and p99 <= 10,
    )
