"""Who may know of what somebody says: a model as one would explain it to a person, from FIRST's
TLP 2.0 and the house's own words on groups. It knows nothing of gates, doors or stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CLEAR, GREEN, AMBER, STRICT, RED = range(5)
"""From what anyone may have to what is for those who were there."""


@dataclass(frozen=True)
class House:
    """A team: its country's code, and the highest label that its people are cleared for."""

    country: str
    cleared: int


@dataclass(frozen=True)
class Said:
    """Something that is said: by which team (None: nobody's), how marked, to which lists it is
    releasable (names of teams, groups or countries), at which hour.
    """

    by: str | None
    label: int
    lists: tuple[tuple[str, ...], ...]
    hour: int


@dataclass(frozen=True)
class World:
    """The teams, and the groups: who is in each, since which hour (None: from its beginning)."""

    houses: Mapping[str, House]
    groups: Mapping[str, Mapping[str, int | None]]

    def may_know(self, team: str, said: Said) -> bool:
        """Whether a team, in private, may know of it."""
        if said.label == RED:
            return False  # a relay is no recipient: nothing of it is kept for anybody
        if said.by == team:
            return True
        if said.label > self.houses[team].cleared:
            return False
        return all(self._is_on(team, names, said.hour) for names in said.lists)

    def _is_on(self, team: str, names: tuple[str, ...], hour: int) -> bool:
        """Whether it stands on a list, and did when that was written. An empty list, or one of
        names that mean nobody, admits the originator alone.
        """
        return any(self._is_meant(team, name, hour) for name in names)

    def _is_meant(self, team: str, name: str, hour: int) -> bool:
        if name in self.groups:
            since = self.groups[name].get(team, hour + 1)
            return since is None or since <= hour
        return name in {team, self.houses[team].country}
