"""Since when a team is in a group or on a channel's roster: dated facts, and what follows.

What was shared before a team joined stays closed to it; one that leaves loses access at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.sharing.teams import TeamKey


class Kind(StrEnum):
    """What a team can be a member of."""

    CHANNEL = "channel"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Circle:
    """A channel or a group, by name: the two share no names."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A team was in a circle from `since` (None: from its beginning) until before `until` (None:
    it still is). A team that comes back has several.
    """

    team: TeamKey
    circle: Circle
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the team was in at a moment: who joins then is, who leaves then is not."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def was_member(facts: Iterable[Membership], team: TeamKey, circle: Circle, at: datetime) -> bool:
    """Whether a team was in a circle at a moment."""
    return any(fact.covers(at) for fact in facts if fact.team == team and fact.circle == circle)


def members_at(facts: Iterable[Membership], circle: Circle, at: datetime) -> frozenset[TeamKey]:
    """The teams that were in a circle at a moment."""
    return frozenset(fact.team for fact in facts if fact.circle == circle and fact.covers(at))


def may_read(
    facts: Iterable[Membership], team: TeamKey, circle: Circle, said: datetime, now: datetime
) -> bool:
    """Whether a team may read what was said to a circle: it is in now, and was in then."""
    facts = list(facts)
    return was_member(facts, team, circle, now) and was_member(facts, team, circle, said)


def youngest(
    facts: Iterable[Membership], circle: Circle, teams: Iterable[TeamKey], now: datetime
) -> datetime | None:
    """When the last of these teams came into a circle, to stay until now; None where each was
    there from the beginning. One that is not in it, or comes back, is as young as can be: `now`,
    or when it came back.
    """
    came: dict[TeamKey, datetime | None] = {
        fact.team: fact.since for fact in facts if fact.circle == circle and fact.covers(now)
    }
    return max((since for team in teams if (since := came.get(team, now))), default=None)


def settled(
    facts: Iterable[Membership],
    circle: Circle,
    teams: Iterable[TeamKey],
    now: datetime,
    *,
    founding: bool = False,
) -> list[Membership]:
    """The facts that make `teams` a circle's members from now on: those of teams that left, ended
    (each in place of the one with its team and `since`), and those of teams that came. `founding`:
    the circle is new, and they are members from its beginning.
    """
    current = {fact.team: fact for fact in facts if fact.circle == circle and fact.until is None}
    wanted = frozenset(teams)
    left = [replace(fact, until=now) for team, fact in current.items() if team not in wanted]
    since = None if founding else now
    return left + [Membership(team, circle, since) for team in sorted(wanted - current.keys())]
