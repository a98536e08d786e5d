"""The forms that single values take: names, labels, zones, countries, quiet hours, workdays."""

from __future__ import annotations

import re
from datetime import time
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from bot.sharing.countries import alpha_2
from bot.sharing.marking import Label, parse_label
from bot.times.hours import Quiet
from config.mistakes import LONGEST, expected, nearest

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What can be typed in a command, and stand in a room's or person's id."""
NAME_EXPECTED = "expected a name of letters, digits, dots, hyphens and underscores, 64 at most"

_ALLOWED = [label for label in Label if label is not Label.RED]
_LABELS = ", ".join(_ALLOWED)
_OLD = {"TLP:WHITE": Label.CLEAR, "TLP:AMBER-STRICT": Label.AMBER_STRICT}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise expected("expected text on one line, not empty")
    return value


def _note(value: str) -> str:
    if not all(character.isprintable() or character in "\n\t" for character in value):
        raise expected("expected text without control characters")
    return value.strip()


def _label(value: Any) -> Label:
    label = parse_label(value) if isinstance(value, str) else None
    if label is Label.RED:
        raise expected(f"TLP:RED is for named persons and is never relayed; expected {_LABELS}")
    if label is not None:
        return label
    near = _nearest_label(value) if isinstance(value, str) else ""
    raise expected(f"expected one of {_LABELS}", value, near)


def _nearest_label(word: str) -> str:
    """Compared without `TLP:`, which would make every label near to every other."""
    typed = "".join(word[:LONGEST].upper().split())
    colours = [label.removeprefix("TLP:") for label in _ALLOWED]
    near = get_close_matches(typed.removeprefix("TLP:"), colours, n=1)
    label = _OLD.get(typed) or (f"TLP:{near[0]}" if near else "")
    return f"; did you mean {label}?" if label else ""


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            near = _nearest_zone(value)
    else:
        near = ""
    raise expected("expected a time zone such as Europe/Paris", value, near)


def _nearest_zone(word: str) -> str:
    zones = available_timezones()
    place = word.rpartition("/")[2].lower().replace(" ", "_")
    same = sorted(zone for zone in zones if zone.rpartition("/")[2].lower() == place)
    region = word.partition("/")[0].lower()
    return nearest(word, same or [zone for zone in zones if zone.lower().startswith(region)])


def _country(value: str) -> str:
    if alpha_2(value):
        return value.upper()
    raise expected(
        "expected a country of ISO 3166 in two or three letters, such as FR or FRA",
        value,
    )


def _quiet(value: Any) -> Quiet:
    found = _QUIET.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise expected("expected hours such as 22:00-07:00", value)
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    quiet = Quiet(time(from_hour, from_minute), time(to_hour, to_minute))
    if quiet.start == quiet.end:
        raise expected("expected two different times, such as 22:00-07:00")
    return quiet


def _workdays(value: Any) -> frozenset[int]:
    days: set[int] = set()
    for part in value.split(",") if isinstance(value, str) else [""]:
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise expected("expected days such as mon-fri or sun,tue-thu", value)
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days)


Text = Annotated[str, AfterValidator(_text)]
"""A name or title: one line, not empty."""
Note = Annotated[str, AfterValidator(_note)]
"""A person's reason, may be empty or of several lines."""
Marking = Annotated[Label, BeforeValidator(_label)]
"""A label that a room, a default or a team's clearance may have: all but RED."""
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
"""A zone of the IANA time zone database, by name."""
Country = Annotated[str, AfterValidator(_country)]
"""A country's code in capital letters, two or three as it was written."""
QuietHours = Annotated[Quiet, BeforeValidator(_quiet)]
Workdays = Annotated[frozenset[int], BeforeValidator(_workdays)]
"""Days of the week, 0 is Monday as in `datetime.date.weekday`."""
Language = Literal["en", "fr"]
"""The languages that there is a catalogue for."""
Severity = Literal["low", "medium", "high", "critical"]
Count = Annotated[int, Field(strict=True, ge=1)]
"""A whole number, one or more; `true` is none."""
