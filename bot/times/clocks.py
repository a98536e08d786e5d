"""Times of day as people type them: `09:00`, `9h30`, `3pm`, `15:00:30`."""

from __future__ import annotations

import re
from datetime import time

_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?(?: ?([ap])\.?m\.?)?"
)
_SHORT = re.compile(r"([0-9]{1,2}) ?([ap])\.?m\.?")
_FRENCH = re.compile(r"([0-9]{1,2})h([0-9]{2})?")
_NOON = frozenset({"noon", "midi"})


def read_clock(word: str) -> time | None:
    """The time of day that a folded word writes, None where it is none.

    `24:00` and `midnight` are none: of which day it is the end or the beginning nobody can say.
    """
    if word in _NOON:
        return time(12)
    if found := _CLOCK.fullmatch(word):
        hour, minute, second, fraction, half = found.groups()
        return _time(int(hour), int(minute), half, int(second or 0), (fraction or "").ljust(6, "0"))
    if found := _SHORT.fullmatch(word):
        return _time(int(found[1]), 0, found[2])
    if found := _FRENCH.fullmatch(word):
        return _time(int(found[1]), int(found[2] or 0), None)
    return None


def is_duration_too(word: str) -> bool:
    """Whether a time of day, standing alone, could as well say how long: `2h`, `1h30`."""
    return _FRENCH.fullmatch(word) is not None


def _time(
    hour: int, minute: int, half: str | None, second: int = 0, fraction: str = "0"
) -> time | None:
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, second, int(fraction))
    except ValueError:
        return None
