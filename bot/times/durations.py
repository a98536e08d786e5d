"""Durations: `20s`, `30m`, `72h`, `7d` or several as files write them, and as people say them."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

from bot.errors import Misused
from bot.times.vocabulary import UNITS, folded

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PARTS = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
"""Each unit at most once, the longest first."""
LONGEST = timedelta(days=36_525)
"""A century."""
_SAID = re.compile(r"([0-9]{1,9}) ?([a-z]*) ?(?:et |and )?")

EXPECTED = "expected a duration such as 20s, 30m, 72h, 7d or 1h30m"


def parse_duration(text: str) -> timedelta:
    """The duration that `text` writes; raises `ValueError` for what is none, or is nothing."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError(EXPECTED)
    seconds = sum(
        int(number or 0) * unit
        for number, unit in zip(found.groups(), _SECONDS.values(), strict=True)
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
    for unit, seconds in _SECONDS.items():
        number, rest = divmod(rest, seconds)
        words += f"{number}{unit}" if number else ""
    return words or "0s"


def read_duration(typed: str) -> timedelta:
    """A duration as somebody says it: also `2 hours`, `1 h 30`, `90 minutes`, `2 semaines`.

    Raises UserError for what is none, is nothing, or is longer than a century.
    """
    duration = said_duration(folded(typed))
    if duration is None:
        raise Misused("Write a duration as 30m, 72h, 7d or 1h30m.")
    return duration


def said_duration(text: str) -> timedelta | None:
    """The same for a text that was `folded`; None where it is none."""
    parts = _SAID.findall(text)
    if not parts or _SAID.sub("", text):
        return None
    units = [UNITS.get(unit, 0) for _, unit in parts]
    if not parts[-1][1] and len(units) > 1 and units[-2] == _SECONDS["h"]:
        units[-1] = _SECONDS["m"]  # 1h30
    if not all(units) or any(longer <= shorter for longer, shorter in pairwise(units)):
        return None
    seconds = sum(int(number) * unit for (number, _), unit in zip(parts, units, strict=True))
    return timedelta(seconds=seconds) if 0 < seconds <= LONGEST.total_seconds() else None
