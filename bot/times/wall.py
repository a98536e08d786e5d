"""From what a wall clock shows to the instant that is meant.

A time that the clock passes over happens once, at the first instant after the gap; one that comes
twice happens once, the first time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum


class Doubt(StrEnum):
    """Why a wall-clock time names no single instant."""

    SKIPPED = "skipped"
    """The clock passes over it."""
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Settled:
    """The instant that a wall-clock time stands for, in UTC; where there is `doubt`, the two that
    it could be read as: before and after the clock is changed.
    """

    at: datetime
    doubt: Doubt | None = None
    readings: tuple[datetime, ...] = ()


def settle(wall: datetime, zone: tzinfo) -> Settled:
    """The instant of a wall-clock time (a datetime without a zone) in a zone."""
    before, after = _offset(wall, zone, fold=0), _offset(wall, zone, fold=1)
    as_before, as_after = ((wall - each).replace(tzinfo=UTC) for each in (before, after))
    if before == after:
        return Settled(as_before)
    if before > after:
        return Settled(as_before, Doubt.TWICE, (as_before, as_after))
    change = _first_with(after, as_after, as_before, zone)
    return Settled(change, Doubt.SKIPPED, (as_after, as_before))


def shown(at: datetime, zone: tzinfo) -> datetime:
    """What a wall clock shows at an instant, as a datetime without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(wall: datetime, zone: tzinfo, *, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _first_with(offset: timedelta, early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """The first whole second after `early`, up to `late`, at which a zone has this offset."""
    base = early.replace(microsecond=0)
    low, high = 0, int((late - base).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (base + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return base + timedelta(seconds=high)
