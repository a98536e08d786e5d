"""What one reading of a feed brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.advisories.sources.item import Item
from bot.advisories.sources.refusals import Refusal, Refused
from bot.feeds.standing import Remembered

FIRST, READ = "first", "read"
"""What is remembered as `cursor`: its first reading goes on; it was read whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something of a feed, by its place there: an item, or why it is none."""

    place: str
    item: Item | None = None
    refusal: Refusal | None = None
    name: str = ""
    """What it calls itself, of what is refused."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A reading. `found`: only what is new or other than before, as far as its list tells."""

    remembered: Remembered
    found: list[Found] = field(default_factory=list)
    listed: int = 0
    """How much there is as a whole."""
    wait: timedelta | None = None
    """Where there is more to come: when to go on."""
    there: frozenset[str] | None = None
    """The places of all that there is; None where not all of it was looked at."""


def as_found(place: str, read: Item | Refused) -> Found:
    """What was read, at its place."""
    if isinstance(read, Refused):
        return Found(place or read.name, None, read.reason, read.name)
    return Found(place or read.identity, read)
