"""Durations, as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.times.durations import format_duration, read_duration

H = timedelta(hours=1)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("30m", H / 2), ("72h", 72 * H), ("7d", 168 * H), ("1h30m", H * 1.5), ("1h30", H * 1.5),
        ("2 hours", 2 * H), ("1 h 30 min", H * 1.5), ("90 minutes", H * 1.5), ("2 weeks", 336 * H),
        ("1 hour and 30 minutes", H * 1.5), ("2 heures et 5 minutes", 2 * H + H / 12),
        ("3 jours", 72 * H), ("20s", H / 180), ("\uff17d", 168 * H), ("1H", H),
    ],
)  # fmt: skip
def test_a_duration_is_read(typed: str, meant: timedelta) -> None:
    assert read_duration(typed) == meant
    assert read_duration(format_duration(meant)) == meant


@pytest.mark.parametrize(
    "typed", ["", "0m", "h", "5", "1m1h", "1h1h", "-1h", "2 moons", "99999999d", "1.5h", "30 5m"]
)
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="Write a duration as"):
        read_duration(typed)
