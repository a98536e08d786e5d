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


STEPS = (
    *(timedelta(days=days) for days in range(7, 0, -1)),
    *(timedelta(hours=hours) for hours in (12, 6, 3, 2, 1)),
    *(timedelta(minutes=minutes) for minutes in (30, 15, 5)),
)
"""What a post says is left at most: it is brought up to date whenever the next is reached."""
_LEFT = "left "


def step(expires: datetime, now: datetime) -> str | None:
    """What is left at most, as a code that is kept; None of what is over, or long from over."""
    left = expires - now
    fitting = [each for each in STEPS if each >= left > timedelta(0)]
    return f"{_LEFT}{min(fitting).total_seconds():.0f}" if fitting else None


def left_of(told: Collection[str]) -> timedelta | None:
    """What is left at most, as it was kept last."""
    kept = [float(each.removeprefix(_LEFT)) for each in told if each.startswith(_LEFT)]
    return timedelta(seconds=min(kept)) if kept else None


def stepped(told: Collection[str], expires: datetime, now: datetime) -> list[str]:
    """What is kept, with what is left now."""
    rest = [each for each in told if not each.startswith(_LEFT)]
    code = step(expires, now)
    return sorted([*rest, *([] if code is None else [code])])


def next_step(expires: datetime, now: datetime) -> datetime | None:
    """When less is left than the post says, None where it will be over before."""
    return min((expires - each for each in STEPS if expires - each > now), default=None)


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
