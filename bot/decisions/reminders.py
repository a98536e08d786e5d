"""When those who are to decide are reminded. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
_SHORT = timedelta(minutes=30)
"""Of a shorter period nobody needs to be reminded."""


class Reminder(StrEnum):
    """What is said before a period ends. The codes are stored."""

    HALF = "half"
    """Half of the time is over."""
    LAST = "last"
    """The last hour has begun."""
    UNREACHED = "unreached"
    """For the chair: the text has not reached every team."""


def moments(opened: datetime, expires: datetime) -> Iterator[tuple[datetime, Reminder]]:
    """When each is due: at half time, at the beginning of the last hour of what lasts longer than
    two; the chair is warned with the last of them, so that there is time to do something.
    """
    period = expires - opened
    half, last = opened + period / 2, expires - HOUR
    yield (max(half, last), Reminder.UNREACHED)
    if period >= _SHORT:
        yield (half, Reminder.HALF)
    if last > half:
        yield (last, Reminder.LAST)


def due(
    opened: datetime, expires: datetime, told: Collection[str], now: datetime
) -> list[Reminder]:
    """What is to be said now and was not yet, the latest first; nothing once it is over."""
    if now >= expires:
        return []
    found = [(at, each) for at, each in moments(opened, expires) if at <= now and each not in told]
    return [each for _, each in sorted(found, reverse=True)]


def next_moment(
    opened: datetime, expires: datetime, told: Collection[str], now: datetime
) -> datetime | None:
    """When the next is due, None where none is to come."""
    later = (at for at, each in moments(opened, expires) if at > now and each not in told)
    return min(later, default=None)
