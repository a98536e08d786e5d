"""When a source is read next. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from cronsim import CronSim

_SPREAD = 0.1
SOON = timedelta(seconds=5)
"""Until the next part of what does not come all at once."""


def next_due(every: timedelta | str, now: datetime, chance: float) -> datetime:
    """After a poll that went well. `chance` in [0, 1) spreads what is read equally often over a
    tenth of that time; a crontab (in UTC) is kept to the minute.
    """
    if isinstance(every, str):
        return next(CronSim(every, now))
    return now + every * (1 + chance * _SPREAD)


def age_of(every: timedelta | str, now: datetime) -> timedelta:
    """How far two polls lie apart."""
    if isinstance(every, timedelta):
        return every
    times = CronSim(every, now)
    return -(next(times) - next(times))
