"""Reminding a team once, in its working hours: what reminders of all domains have in common."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.sharing.teams import Team
from bot.times.working import Severity, next_working_moment
from bot.times.zones import zone_name


def plan(
    session: Session,
    kind: str,
    about: str,
    team: Team,
    after: datetime,
    now: datetime,
    severity: Severity | None = None,
) -> None:
    """Let a team be reminded at the first instant from `after` on at which it is at work: outside
    its quiet hours, on its workdays, on no public holiday. What is grave enough does not wait.
    """
    at = next_working_moment(team, max(after, now), severity)
    planned = Plan(kind, about, team=team.key)
    keeping.begin_once(session, planned, at, zone_name(team.zone), now)
