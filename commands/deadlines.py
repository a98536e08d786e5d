"""Until when something goes on, as somebody types it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import UserError
from bot.times.durations import said_duration
from commands.registry import Context
from commands.timing import read_time

_FARTHEST = timedelta(days=366)


def check_near(context: Context, then: datetime) -> None:
    """Raise UserError for what is too far away for anybody to keep it in mind."""
    if then > context.now + _FARTHEST:
        raise UserError("That is more than a year away. Say an earlier time.")


def read_until(context: Context, typed: str) -> datetime:
    """A moment in the asker's zone, or how long from now. Raises UserError."""
    period = said_duration(typed.strip().lower())
    return read_time(context, typed).at if period is None else context.now + period
