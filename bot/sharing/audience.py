"""Who can read a room: its members, and whoever may enter uninvited.

Made anew when a roster, a room's rules or the teams change, and never for a single message: what
the gate asks of it is kept ready, a set of teams instead of thousands of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.events import PersonId, Standing
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who can read a room; `team` None: a stranger."""

    person: PersonId
    standing: Standing
    team: TeamKey | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Who may enter a room uninvited: nobody, every full member of some workspaces or servers (in
    the normal form of members), or the world.
    """

    homes: frozenset[str] = frozenset()
    world: bool = False


CLOSED, WORLD = Opening(), Opening(world=True)


@dataclass(frozen=True, slots=True)
class Audience:
    """Everyone who can read a room, as far as it is known."""

    known: bool = False
    """False until its roster was read: until then nobody can say who reads it."""
    teams: frozenset[TeamKey] = frozenset()
    """Those with somebody who is in the room or may enter it."""
    present: frozenset[TeamKey] = frozenset()
    """Those with somebody who is in the room."""
    lowest: Label = Label.AMBER_STRICT
    """The lowest clearance of `teams`."""
    strangers: tuple[Reader, ...] = ()
    """Who is in the room and of no team."""
    strange_homes: frozenset[str] = frozenset()
    """Workspaces and servers of no team, all of whose people may enter."""
    world: bool = False
    people: Mapping[TeamKey, int] = field(default_factory=lambda: MappingProxyType({}))
    """How many are in the room, by team."""

    @property
    def has_strangers(self) -> bool:
        """Whether somebody of no team can read the room."""
        return self.world or bool(self.strangers or self.strange_homes)


UNREAD = Audience()


def build_audience(
    roster: Iterable[tuple[PersonId, Standing]] | None,
    opening: Opening | None,
    directory: Directory,
) -> Audience:
    """The audience of a room from its members and its rules, either None where not read yet.

    Somebody of no team whose standing is not known may yet turn out to be of one: then the
    audience is not known either.
    """
    if roster is None or opening is None:
        return UNREAD
    people: dict[TeamKey, int] = {}
    strangers: list[Reader] = []
    for person, standing in roster:
        team = directory.team_of(person, standing)
        if team is not None:
            people[team.key] = people.get(team.key, 0) + 1
        elif standing is not Standing.OURS:
            strangers.append(Reader(person, standing))
    entering, strange = _entering(opening, directory)
    teams = entering.union(people)
    return Audience(
        known=all(each.standing is not Standing.UNKNOWN for each in strangers),
        teams=teams,
        present=frozenset(people),
        lowest=min((directory.teams[key].clearance for key in teams), default=Label.AMBER_STRICT),
        strangers=tuple(strangers),
        strange_homes=strange,
        world=opening.world,
        people=MappingProxyType(people),
    )


def roster_teams(
    teams: Iterable[str] | None, observers: Iterable[str], audiences: Iterable[Audience]
) -> frozenset[TeamKey]:
    """The teams on a channel's roster, observers included: those that its settings name, or where
    they name none every team with a member in one of its rooms.
    """
    if teams is None:
        named = frozenset[TeamKey]().union(*(each.present for each in audiences))
    else:
        named = frozenset(map(TeamKey, teams))
    return named.union(map(TeamKey, observers))


def _entering(opening: Opening, directory: Directory) -> tuple[frozenset[TeamKey], frozenset[str]]:
    """The teams whose people may enter, and the workspaces and servers that are of no team."""
    teams: set[TeamKey] = set()
    strange: set[str] = set()
    for home in opening.homes:
        teams |= directory.teams_in(home)
        if directory.owner_of_home(home) is None:
            strange.add(home)
    return frozenset(teams), frozenset(strange)
