"""Until when something goes on, as somebody types it."""

from __future__ import annotations

from datetime import datetime

from bot.times.durations import said_duration
from commands.registry import Context
from commands.timing import read_time


def read_until(context: Context, typed: str) -> datetime:
    """A moment in the asker's zone, or how long from now. Raises UserError."""
    period = said_duration(typed.strip().lower())
    return read_time(context, typed).at if period is None else context.now + period
