"""A room as the gate sees it: put together from its audience, its traits, its channel's rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sharing.audience import Audience
from bot.sharing.gate import Door
from bot.sharing.marking import Label
from bot.sharing.teams import Team, TeamKey
from bot.sharing.traits import Traits, shortcomings


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of a channel's rooms: `hold`: strangers keep out what they may not
    read (`strangers = "hold"`).
    """

    ceiling: Label
    hold: bool = True
    waiver: str = ""


def door_of(
    rules: Rules,
    audience: Audience,
    traits: Traits | None,
    roster: frozenset[TeamKey],
    youngest: datetime | None = None,
) -> Door:
    """The door of a room; `traits` None: not read yet, so that nobody can say what it is like.

    The world is held off where strangers are only reported, too: a room that everybody can read
    is for TLP:CLEAR, unless a waiver was written.
    """
    return Door(
        ceiling=rules.ceiling,
        teams=audience.teams,
        roster=roster,
        lowest=audience.lowest,
        strangers=audience.has_strangers,
        hold=rules.hold or (audience.world and not rules.waiver.strip()),
        unfit=traits is not None and bool(shortcomings(traits, rules.ceiling, rules.waiver)),
        youngest=youngest,
        known=audience.known and traits is not None,
    )


def door_of_team(team: Team | None) -> Door:
    """The door of what a team is told alone, as of a room that nobody else reads; who is of no team
    reads what is for everybody.
    """
    if team is None:
        return Door(Label.CLEAR, frozenset(), frozenset(), strangers=True)
    own = frozenset({team.key})
    return Door(Label.AMBER_STRICT, own, own, lowest=team.clearance)
