"""What happens again and again: on days at times of day, at a distance, or by a crontab; and when.

`upcoming` gives each occurrence once, whatever the clocks do: a time of day that the clock passes
over happens at the first instant after the gap, one that comes twice the first time, and two that
fall on the same instant are one. A distance (`every 2h`) counts the hours that pass instead.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import product

from cronsim import CronSim

from bot.times.wall import settle, shown

LAST = -1
"""Of a month's days, or of its Mondays."""
_ONE_DAY = timedelta(days=1)
_END = date(2999, 12, 31)
_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=367))


class Unit(StrEnum):
    """What is counted where something happens only every so many."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Interval:
    """At a distance, counted from the first moment of a day."""

    step: timedelta
    since: date


@dataclass(frozen=True, slots=True)
class Crontab:
    """Five fields of Unix meaning; checked by `bot.times.crontab`."""

    fields: str


@dataclass(frozen=True, slots=True)
class Days:
    """At these times of day, on days that are one of `weekdays` (0 is Monday), the `nth` of them
    in their month, or on `monthdays`; an empty set says nothing. Of these only those in each
    `every`-th `unit`, counted from the one that `since` is in.
    """

    times: tuple[time, ...]
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    every: int = 1
    unit: Unit = Unit.DAY
    since: date = date(1970, 1, 1)

    def has(self, day: date) -> bool:
        """Whether it happens on a day."""
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        last = monthrange(day.year, day.month)[1]
        if self.nth and not self.nth & {(day.day + 6) // 7, LAST if day.day + 7 > last else 0}:
            return False
        if self.monthdays and not self.monthdays & {day.day, LAST if day.day == last else 0}:
            return False
        return self.every == 1 or self._counted(day) % self.every == 0

    def _counted(self, day: date) -> int:
        match self.unit:
            case Unit.DAY:
                return (day - self.since).days
            case Unit.WEEK:
                return (_monday(day) - _monday(self.since)).days // 7
            case Unit.MONTH:
                return (day.year - self.since.year) * 12 + day.month - self.since.month


Rule = Interval | Crontab | Days


@dataclass(frozen=True, slots=True)
class Recurring:
    """A rule in its zone."""

    rule: Rule
    zone: tzinfo


def upcoming(recurring: Recurring, after: datetime) -> Iterator[datetime]:
    """Every occurrence after an instant, in UTC and in order; it ends only with the calendar."""
    try:
        yield from _upcoming(recurring, after)
    except OverflowError:  # the year 9999
        return


def latest(recurring: Recurring, until: datetime, since: datetime) -> datetime | None:
    """The last occurrence up to `until`, itself included, and not before `since`."""
    for back in _BACK:
        found = None
        for each in upcoming(recurring, max(until - back, since - timedelta.resolution)):
            if each > until:
                break
            found = each
        if found is not None or until - back < since:
            return found
    return _walked(recurring, until, since)


def _walked(recurring: Recurring, until: datetime, since: datetime) -> datetime | None:
    """For what happens less than once a year."""
    found = None
    for each in upcoming(recurring, since - timedelta.resolution):
        if each > until:
            break
        found = each
    return found


def _upcoming(recurring: Recurring, after: datetime) -> Iterator[datetime]:
    rule, zone = recurring.rule, recurring.zone
    if isinstance(rule, Interval):
        first = settle(datetime.combine(rule.since, time()), zone).at
        number = (after - first) // rule.step + 1
        while True:
            yield first + number * rule.step
            number += 1
    # What the clock shows grows with time, but for what is shown twice: whatever it showed before
    # `after` has been.
    last = after.astimezone(UTC)
    for wall in _walls(rule, shown(after, zone)):
        at = settle(wall, zone).at
        if at > last:
            yield at
            last = at


def _walls(rule: Crontab | Days, since: datetime) -> Iterator[datetime]:
    """What a wall clock shows at each occurrence, about from `since` on."""
    if isinstance(rule, Crontab):
        yield from CronSim(rule.fields, since)
        return
    day, times = since.date(), sorted(rule.times)
    while day <= _END:
        if rule.has(day):
            yield from (datetime.combine(*each) for each in product((day,), times))
        day += _ONE_DAY


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
