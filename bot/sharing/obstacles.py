"""What keeps a channel's ordinary messages out of one of its rooms: who reads there, what it lacks.

What the gate refuses for one message, told once for the room, to those who can mend it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.sharing.audience import Audience
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.traits import Traits, shortcomings


class Sort(StrEnum):
    """What kind of obstacle it is."""

    PERSON = "person"
    """Somebody of no team is in the room."""
    HOME = "home"
    """Everybody of a workspace or server of no team may enter it."""
    WORLD = "world"
    TEAM = "team"
    """A team reads it that may not read the default marking."""
    LACK = "lack"
    """It is not private, encrypted …"""


STRANGE = frozenset({Sort.PERSON, Sort.HOME, Sort.WORLD})
"""Those by which somebody of no team reads the room."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`what`: a person's id, a home in normal form, a team's key, a `Shortcoming`."""

    sort: Sort
    what: str = ""


def obstacles(
    audience: Audience,
    traits: Traits | None,
    rules: Rules,
    marking: Label,
    roster: frozenset[TeamKey],
    directory: Directory,
) -> Iterator[Obstacle]:
    """All that stands between a room and its channel's default marking (`marking`), and between it
    and the ceiling what it lacks for more than TLP:GREEN.
    """
    if marking > Label.CLEAR:
        yield from (Obstacle(Sort.PERSON, each.person) for each in audience.strangers)
        yield from (Obstacle(Sort.HOME, home) for home in sorted(audience.strange_homes))
        if audience.world:
            yield Obstacle(Sort.WORLD)
    for team in sorted(audience.teams):
        outside = marking is Label.AMBER_STRICT and team not in roster
        if outside or marking > directory.teams[team].clearance:
            yield Obstacle(Sort.TEAM, team)
    if traits is not None:
        for lack in shortcomings(traits, rules.ceiling, rules.waiver):
            yield Obstacle(Sort.LACK, lack)
