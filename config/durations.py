"""Durations as people write them: `20s`, `30m`, `72h`, `7d`, or several (`1h30m`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from config.mistakes import expected

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PARTS = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
"""Each unit at most once, the longest first."""

_LONGEST_DELAY = timedelta(minutes=5)
"""Past that a conversation falls apart."""
EXPECTED = "expected a duration such as 20s, 30m, 72h, 7d or 1h30m"


def parse_duration(text: str) -> timedelta:
    """The duration that `text` writes; raises `ValueError` for what is none, or is nothing."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(EXPECTED)
    seconds = sum(
        int(number or 0) * unit
        for number, unit in zip(found.groups(), _UNITS.values(), strict=True)
    )
    try:
        duration = timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(EXPECTED) from None
    if not duration:
        raise ValueError(EXPECTED)
    return duration


def format_duration(duration: timedelta) -> str:
    """How a duration is written, in whole seconds; `0s` for less than one."""
    rest = int(duration.total_seconds())
    words = ""
    for unit, seconds in _UNITS.items():
        number, rest = divmod(rest, seconds)
        words += f"{number}{unit}" if number else ""
    return words or "0s"


def _read_delay(value: Any) -> timedelta:
    delay = timedelta(0) if value == "0s" else _read(value)
    if delay > _LONGEST_DELAY:
        raise expected(f"expected {format_duration(_LONGEST_DELAY)} at most", value)
    return delay


def _read(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except ValueError:
        raise expected(EXPECTED, value) from None


Duration = Annotated[timedelta, BeforeValidator(_read)]
"""A key whose value is a duration."""
Delay = Annotated[timedelta, BeforeValidator(_read_delay)]
"""A duration of five minutes at most, or none."""
