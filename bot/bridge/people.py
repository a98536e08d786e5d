"""How people are introduced to the other rooms: their team, and a mark where a name misleads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot.bridge import humans
from bot.bridge.names import claims, cleaned, skeleton
from bot.events import Author, PersonId, local
from bot.sharing.teams import Directory, Team, TeamKey

MOST_NAMES = 20_000
"""Names that are remembered, of all channels; the one that is not heard for the longest goes."""
MOST_BEARERS = 50
"""Of one name in one channel."""
_ROLES = ("", " bot", " app")

Bearers = OrderedDict[PersonId, TeamKey | None]


@dataclass(slots=True)
class People:
    """Introduces authors. Remembers who has spoken in each channel and by what name, since the
    bot was started, and no longer than there is room.
    """

    directory: Directory
    bot_names: Iterable[str]
    _heard: OrderedDict[tuple[str, str], Bearers] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _own: frozenset[str] = frozenset()
    _houses: dict[str, TeamKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own = frozenset(skeleton(name + role) for name in self.bot_names for role in _ROLES)
        for team in self.directory.teams.values():
            self._houses |= {skeleton(team.name): team.key, skeleton(team.key): team.key}

    def introduced(self, session: Session, channel: str, author: Author) -> Author:
        """An author as the other rooms see them: `team` and `mark` set, the name without what
        does not show.
        """
        team = self.directory.team_of(author.person, author.standing)
        name = cleaned(author.name)
        misleads = self._misleads(session, channel, author.person, name, team)
        return replace(
            author,
            name=name,
            team="" if team is None else team.name,
            mark=local(author.person) if misleads else "",
        )

    def _misleads(
        self, session: Session, channel: str, person: PersonId, name: str, team: Team | None
    ) -> bool:
        """Whether a name is the bot's, says another team's, or is that of somebody of another
        team. Of two that are called alike the one of no team misleads; otherwise both do.
        """
        key = None if team is None else team.key
        shape = skeleton(name)
        rivals = self._rivals(channel, shape, person, key)
        if shape in self._own:
            return True
        said = {self._houses[each] for each in claims(name) if each in self._houses}
        if said - {key}:
            return True
        return any(rivals) and self._is_somebody_else(session, person, rivals)

    def _rivals(
        self, channel: str, shape: str, person: PersonId, key: TeamKey | None
    ) -> list[PersonId]:
        """Who else bears a name that looks the same, and has as good a right to it or a better."""
        with self._lock:
            bearers = self._heard.setdefault((channel, shape), OrderedDict())
            self._heard.move_to_end((channel, shape))
            if len(self._heard) > MOST_NAMES:
                self._heard.popitem(last=False)
            bearers[person] = key
            bearers.move_to_end(person)
            if len(bearers) > MOST_BEARERS:
                bearers.popitem(last=False)
            others = [each for each in bearers.items() if each[0] != person]
        return [other for other, theirs in others if self._has_right(theirs, key)]

    def _has_right(self, theirs: TeamKey | None, key: TeamKey | None) -> bool:
        if theirs is None:  # where there are no teams at all, nobody can be of another
            return key is None and bool(self.directory.teams)
        return theirs != key

    def _is_somebody_else(
        self, session: Session, person: PersonId, rivals: Iterable[PersonId]
    ) -> bool:
        """Whether any of them is not the same human: seen by another account, or linked."""
        linked = humans.others_of(session, [person]).get(person, ())
        same = {self._anywhere(each) for each in (person, *linked)}
        return any(self._anywhere(each) not in same for each in rivals)

    def _anywhere(self, person: PersonId) -> str:
        """A person, the same for all accounts that see them."""
        try:
            return self.directory.member_of(person)
        except LookupError:  # linked by an account that is configured no more
            return person
