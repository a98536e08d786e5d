"""Until when something goes on, as somebody types it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import UserError
from commands.grammar import read_moment
from commands.registry import Context
from config.durations import parse_duration


def read_period(typed: str) -> timedelta:
    """A duration. Raises UserError."""
    try:
        return parse_duration(typed.strip().lower())
    except ValueError:
        raise UserError("Write how long as 30m, 72h or 7d.") from None


def read_until(context: Context, typed: str) -> datetime:
    """A moment that is still to come, or how long from now. Raises UserError."""
    try:
        return context.now + parse_duration(typed.strip().lower())
    except (ValueError, OverflowError):
        return read_moment(typed)
