"""When a team is reached: in its hours, on its workdays, on no holiday, unless it is grave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bot.times.hours import WEEK, Quiet
from bot.times.working import Severity, is_holiday, next_working_moment

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Quiet(time(22), time(7))


@dataclass
class Team:
    country: str | None = "FRA"
    zone: tzinfo = PARIS
    quiet: Quiet | None = NIGHT
    quiet_override: Severity | None = Severity.HIGH
    workdays: frozenset[int] = WEEK


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "reached"),
    [
        ("2026-11-20T14:00+01:00", "2026-11-20T14:00+01:00"),
        ("2026-11-19T23:00+01:00", "2026-11-20T07:00+01:00"),
        ("2026-11-20T22:00+01:00", "2026-11-23T07:00+01:00"),  # a Friday night
        ("2026-07-13T23:00+02:00", "2026-07-15T07:00+02:00"),  # the 14th of July
        ("2026-12-24T23:00+01:00", "2026-12-28T07:00+01:00"),
        ("2027-03-27T23:00+01:00", "2027-03-30T07:00+02:00"),  # over Easter, and the clock changes
    ],
)
def test_the_next_working_moment(after: str, reached: str) -> None:
    assert next_working_moment(Team(), at(after)) == at(reached)


def test_what_is_grave_enough_does_not_wait() -> None:
    night = at("2026-11-20T23:00+01:00")
    for severity in (Severity.HIGH, Severity.CRITICAL):
        assert next_working_moment(Team(), night, severity) == night
    for other in (Severity.LOW, Severity.MEDIUM, None):
        assert next_working_moment(Team(), night, other) > night
    assert next_working_moment(Team(quiet_override=None), night, Severity.CRITICAL) > night


def test_without_quiet_hours_a_workday_begins_at_midnight() -> None:
    team = Team(quiet=None)
    assert next_working_moment(team, at("2026-11-21T10:00+01:00")) == at("2026-11-23T00:00+01:00")


def test_who_never_works_is_reached_at_once() -> None:
    night = at("2026-11-20T23:00+01:00")
    assert next_working_moment(Team(workdays=frozenset()), night) == night


def test_holidays_are_known_by_both_kinds_of_codes_and_otherwise_there_are_none() -> None:
    day = datetime(2026, 7, 14, tzinfo=UTC).date()
    assert is_holiday("FRA", day)
    assert is_holiday("fr", day)
    assert not is_holiday("BEL", day)
    assert not is_holiday("ZZZ", day)
    assert not is_holiday(None, day)
