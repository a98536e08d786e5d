"""When a rule fires, found out the slow way: minute by minute of UTC, looking at the wall clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Fires = Callable[[datetime], bool]
"""Whether a rule names what a wall clock shows (to the minute)."""


def fired(fires: Fires, zone: ZoneInfo, first: datetime, until: datetime) -> Iterator[datetime]:
    """Each minute after `first` and up to `until` at which something happens.

    The clock is read every minute. Where it jumped ahead, what it passed over happens now; what
    it has shown before, within the last two days, is no news.
    """
    at = first - timedelta(hours=4)
    highest = shown(at, zone)
    while at < until:
        at += MINUTE
        now = shown(at, zone)
        happens = False
        while highest < now:
            highest += MINUTE
            happens = happens or fires(highest)
        if happens and at > first:
            yield at


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)


def crontab(fields: str) -> Fires:
    """By the manual of cron (crontab(5)), for numbers, lists, ranges, steps and stars."""
    minute, hour, day, month, weekday = fields.split()
    either = not day.startswith("*") and not weekday.startswith("*")
    minutes, hours, days = allowed(minute, 0, 59), allowed(hour, 0, 23), allowed(day, 1, 31)
    months, weekdays = allowed(month, 1, 12), {each % 7 for each in allowed(weekday, 0, 7)}

    def fires(wall: datetime) -> bool:
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        is_day, is_weekday = wall.day in days, wall.isoweekday() % 7 in weekdays
        return (is_day or is_weekday) if either else (is_day and is_weekday)

    return fires


def allowed(field: str, low: int, high: int) -> set[int]:
    return {value for value in range(low, high + 1) if allows(field, value, low, high)}


def allows(field: str, value: int, low: int, high: int) -> bool:
    for term in field.split(","):
        span, _, step = term.partition("/")
        first, dash, last = span.partition("-")
        begin, end = (low, high) if span == "*" else (int(first), int(last) if dash else int(first))
        if step and not dash and span != "*":
            end = high
        if begin <= value <= end and (value - begin) % int(step or 1) == 0:
            return True
    return False
