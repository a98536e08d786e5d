"""Who belongs to whom: teams, groups of teams, and whose member a person is.

A person belongs to the team that names them or, where none does, to the one that has their
workspace or server. Names that people give themselves count for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from itertools import chain
from types import MappingProxyType
from typing import NewType

from bot.events import PersonId, RoomId, Standing
from bot.sharing.countries import alpha_2
from bot.sharing.marking import Label
from bot.times.hours import WEEK, Quiet
from bot.times.working import Severity

TeamKey = NewType("TeamKey", str)
"""A team's name in the configuration; groups share one set of names with the teams."""

_OF_THE_HOUSE = frozenset({Standing.MEMBER, Standing.APP})


@dataclass(frozen=True, slots=True)
class Team:
    """An allied team. Members, delegates and so on are in normal form (see `config.places`)."""

    key: TeamKey
    name: str
    country: str | None = None
    """A code of ISO 3166 in two or three capital letters."""
    zone: tzinfo = UTC
    clearance: Label = Label.AMBER_STRICT
    """The highest marking that it may read."""
    members: tuple[str, ...] = ()
    """Workspaces, servers and persons."""
    delegates: tuple[str, ...] = ()
    """Persons, as admins and those on duty."""
    admins: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()
    home: RoomId | None = None
    quiet: Quiet | None = None
    quiet_override: Severity | None = None
    """How grave something has to be to be told in them."""
    workdays: frozenset[int] = WEEK
    release_needs: int = 1
    """How many persons a release takes."""
    weight: int = 1
    """What its voice weighs, where voices are weighed."""
    escalate: timedelta = timedelta(minutes=5)
    """How long a page waits for one of its people before the next is rung."""

    @property
    def named(self) -> Iterable[str]:
        """All that the configuration counts as its own: who acts for it is of it."""
        return chain(self.members, self.delegates, self.admins, self.duty)


class Directory:
    """The teams and groups of one configuration, which has been checked: `config.coherence`
    refuses unknown names, cycles, and members of two teams.
    """

    def __init__(
        self,
        teams: Iterable[Team] = (),
        groups: Mapping[str, Sequence[str]] = MappingProxyType({}),
        *,
        member_of: Callable[[PersonId], str] = str,
        home_of: Callable[[str], str] = str,
    ) -> None:
        """`member_of` gives a person's normal form, as members are written; `home_of` the
        workspace or server of one who is written so (see `bot.platforms.base.Network`).
        """
        self.teams: Mapping[TeamKey, Team] = MappingProxyType({team.key: team for team in teams})
        self.groups = MappingProxyType(dict(groups))
        self.member_of = member_of
        self._home_of = home_of
        self._members = {name: self._followed(name) for name in chain(self.groups, self.teams)}
        self._countries = _sorted_by(
            (alpha_2(team.country), team) for team in self.teams.values() if team.country
        )
        self._spelled = {name.casefold(): name for name in chain(self.groups, self.teams)}
        self._owners = {member: team for team in self.teams.values() for member in team.named}
        self._homes = _sorted_by((home_of(member), team) for member, team in self._owners.items())

    def called(self, team: str | None) -> str:
        """What a team is called, by its key; of one that there is no more its key."""
        found = None if team is None else self.teams.get(TeamKey(team))
        return (team or "—") if found is None else found.name

    def team_of(self, person: PersonId, standing: Standing) -> Team | None:
        """The team that a person belongs to; None: a stranger.

        The most specific wins: the team that names the person, else the one that has the
        workspace or server. Neither guests nor people of other workspaces are of a workspace.
        """
        return self.owner_of(self.member_of(person), standing)

    def owner_of(self, member: str, standing: Standing = Standing.MEMBER) -> Team | None:
        """The same for a person in normal form."""
        if standing is Standing.OURS:
            return None
        found = self._owners.get(member)
        if found is None and standing in _OF_THE_HOUSE:
            found = self._owners.get(self._home_of(member))
        return found

    def home_of(self, person: PersonId) -> str:
        """The workspace or server of a person, in normal form."""
        return self._home_of(self.member_of(person))

    def owner_of_home(self, home: str) -> Team | None:
        """The team of a whole workspace or server."""
        return self._owners.get(home)

    def teams_in(self, home: str) -> frozenset[TeamKey]:
        """The teams that have a workspace or server, or somebody of it by name."""
        return self._homes.get(home, frozenset())

    def members_of(self, name: str) -> frozenset[TeamKey]:
        """The teams of a group, or a team alone; none for a name that is neither."""
        return self._members.get(name, frozenset())

    def reached_by(self, name: str) -> frozenset[TeamKey]:
        """The teams that a name means, in any case: a team, a group, else a country's code. None
        for what is none of them: whoever does not know a name lets nobody in by it.
        """
        spelled = self._spelled.get(name.casefold())
        if spelled is not None:
            return self._members[spelled]
        return self._countries.get(alpha_2(name) or "", frozenset())

    def _followed(self, name: str) -> frozenset[TeamKey]:
        found: set[TeamKey] = set()
        seen: set[str] = set()
        rest = [name]
        while rest:
            each = rest.pop()
            if each in self.teams:
                found.add(TeamKey(each))
            elif each not in seen:
                seen.add(each)
                rest += self.groups.get(each, ())
        return frozenset(found)


def _sorted_by(teams: Iterable[tuple[str | None, Team]]) -> Mapping[str | None, frozenset[TeamKey]]:
    found: dict[str | None, set[TeamKey]] = {}
    for key, team in teams:
        found.setdefault(key, set()).add(team.key)
    return {key: frozenset(keys) for key, keys in found.items()}
