"""Instants in a zone and in UTC, and what is said of a time that is none or two."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.times.instants import read_instant
from bot.times.saying import doubt_of, listed, local_and_utc
from bot.words import words_for

EN, FR = words_for("en"), words_for("fr")
BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


def test_an_instant_is_said_in_both() -> None:
    assert local_and_utc(EN, NOW, BRUSSELS) == "Wed 2026-03-04 15:30 Europe/Brussels (14:30 UTC)"
    assert local_and_utc(FR, NOW, UTC) == "mer 2026-03-04 14:30 UTC"
    assert listed(EN, [NOW], ZoneInfo("Pacific/Auckland")) == [
        "• Thu 2026-03-05 03:30 Pacific/Auckland (2026-03-04 14:30 UTC)"
    ]


def test_both_readings_are_said() -> None:
    none = doubt_of(EN, read_instant("2026-03-29 02:30", NOW, BRUSSELS))
    assert none == (
        "There is no such time, since clocks are set ahead: it could be "
        "Sun 2026-03-29 01:30 Europe/Brussels (00:30 UTC) or "
        "Sun 2026-03-29 03:30 Europe/Brussels (01:30 UTC). I take the first instant after the "
        "gap: Sun 2026-03-29 03:00 Europe/Brussels (01:00 UTC)."
    )
    twice = doubt_of(EN, read_instant("2026-10-25 02:30", NOW, BRUSSELS))
    assert twice is not None
    assert "Sun 2026-10-25 02:30 Europe/Brussels (00:30 UTC), and" in twice
    assert "Sun 2026-10-25 02:30 Europe/Brussels (01:30 UTC). I take the first." in twice
    assert doubt_of(EN, read_instant("15:00", NOW, BRUSSELS)) is None
