"""Durations as the configuration writes them: see `bot.times.durations`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from bot.times.durations import EXPECTED, LONGEST, format_duration, parse_duration
from config.mistakes import expected

__all__ = ["EXPECTED", "Delay", "Duration", "format_duration", "parse_duration"]

_LONGEST_DELAY = timedelta(minutes=5)
"""Past that a conversation falls apart."""


def _read_delay(value: Any) -> timedelta:
    delay = timedelta(0) if value == "0s" else _read(value)
    if delay > _LONGEST_DELAY:
        raise expected(f"expected {format_duration(_LONGEST_DELAY)} at most", value)
    return delay


def _read(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        duration = parse_duration(value if isinstance(value, str) else "")
    except ValueError:
        raise expected(EXPECTED, value) from None
    if duration > LONGEST:  # past that no calendar holds what is counted from it
        raise expected("expected a century at most", value)
    return duration


Duration = Annotated[timedelta, BeforeValidator(_read)]
"""A key whose value is a duration."""
Delay = Annotated[timedelta, BeforeValidator(_read_delay)]
"""A duration of five minutes at most, or none."""
