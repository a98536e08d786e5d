"""When a team is at work: outside its quiet hours, on its workdays, on no public holiday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from bot.times.hours import Quiet, is_quiet, is_workday
from bot.times.wall import settle, shown

_ONE_DAY = timedelta(days=1)
_FAR = 400
"""Days that are looked through: who works on none of them is reached at once."""


class Severity(StrEnum):
    """How grave something is, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    def reaches(self, other: Severity) -> bool:
        """Whether it is as grave as another."""
        order = list(Severity)
        return order.index(self) >= order.index(other)


class Team(Protocol):
    """What has to be known of a team: `bot.sharing.teams.Team` is one."""

    @property
    def country(self) -> str | None:
        """A code of ISO 3166."""

    @property
    def zone(self) -> tzinfo:
        """Where it is."""

    @property
    def quiet(self) -> Quiet | None:
        """Its quiet hours."""

    @property
    def quiet_override(self) -> Severity | None:
        """How grave something has to be to be told in them."""

    @property
    def workdays(self) -> frozenset[int]:
        """As of `datetime.date.weekday`."""


def next_working_moment(team: Team, after: datetime, severity: Severity | None = None) -> datetime:
    """The first instant from `after` on at which a team is at work; what is grave enough for its
    `quiet_override` does not wait.
    """
    override = team.quiet_override
    if severity is not None and override is not None and severity.reaches(override):
        return after
    at = after
    for _ in range(2 * _FAR):
        if is_working(team, at):
            return at
        at = _next_change(team, at)
    return after


def is_working(team: Team, at: datetime) -> bool:
    """Whether a team is at work."""
    if is_quiet(team.quiet, at, team.zone) or not is_workday(team.workdays, at, team.zone):
        return False
    return not is_holiday(team.country, shown(at, team.zone).date())


def end_of_quiet(team: Team, at: datetime) -> datetime:
    """When a team's quiet hours end that it is in; the same instant where it is in none."""
    if team.quiet is None or not is_quiet(team.quiet, at, team.zone):
        return at
    wall = shown(at, team.zone)
    days = (wall.date(), wall.date() + _ONE_DAY)
    ends = (settle(datetime.combine(day, team.quiet.end), team.zone).at for day in days)
    return min(each for each in ends if each > at)


def is_holiday(country: str | None, day: date) -> bool:
    """Whether a day is a public holiday in all of a country (a code of two or three letters); of
    one whose holidays nobody knows, none is.
    """
    return country is not None and day in _holidays(country.upper(), day.year)


def _next_change(team: Team, at: datetime) -> datetime:
    """The next midnight or end of the quiet hours where the team is."""
    wall = shown(at, team.zone)
    clocks = {time(), *([] if team.quiet is None else [team.quiet.end])}
    walls = (
        datetime.combine(day, clock)
        for day in (wall.date(), wall.date() + _ONE_DAY)
        for clock in clocks
    )
    return min(each for each in (settle(wall, team.zone).at for wall in walls) if each > at)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    # 12 MB and a quarter of a second with its first country: whoever needs none pays nothing.
    import holidays  # noqa: PLC0415

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
