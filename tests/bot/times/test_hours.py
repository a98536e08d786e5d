"""A team's hours."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.times.hours import WEEK, Quiet, is_quiet, is_workday

PARIS = ZoneInfo("Europe/Paris")
NIGHT, NOON = Quiet(time(22), time(7)), Quiet(time(12), time(13))


@pytest.mark.parametrize(
    ("quiet", "hour", "minute", "inside"),
    [
        (NIGHT, 21, 59, False),
        (NIGHT, 22, 0, True),
        (NIGHT, 0, 0, True),
        (NIGHT, 6, 59, True),
        (NIGHT, 7, 0, False),
        (NOON, 11, 59, False),
        (NOON, 12, 0, True),
        (NOON, 13, 0, False),
        (None, 3, 0, False),
    ],
)
def test_quiet_hours_go_over_midnight(
    quiet: Quiet | None, hour: int, minute: int, inside: bool
) -> None:
    now = datetime(2026, 7, 1, hour, minute, tzinfo=PARIS).astimezone(UTC)
    assert is_quiet(quiet, now, PARIS) is inside


def test_a_workday_is_one_where_the_team_is() -> None:
    friday_evening = datetime(2026, 7, 3, 22, 30, tzinfo=UTC)
    assert is_workday(WEEK, friday_evening, UTC)
    assert not is_workday(WEEK, friday_evening, PARIS)
