"""A team's hours: quiet hours, workdays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo

WEEK = frozenset(range(5))
"""Monday to Friday, as of `datetime.date.weekday`."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours in the team's own zone, from `start` until before `end`, over midnight too."""

    start: time
    end: time

    def covers(self, at: time) -> bool:
        """Whether a time of day falls into them."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def is_quiet(quiet: Quiet | None, now: datetime, zone: tzinfo) -> bool:
    """Whether it is in a team's quiet hours now; without any it never is."""
    return quiet is not None and quiet.covers(now.astimezone(zone).time())


def is_workday(workdays: frozenset[int], now: datetime, zone: tzinfo) -> bool:
    """Whether today is one of a team's workdays, where it is."""
    return now.astimezone(zone).weekday() in workdays
