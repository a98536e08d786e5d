"""What anybody says of a value, as something to be released: the same of sources and of teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from bot.custody.audit import named
from bot.custody.effective import Marked, Markings
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.releasing import Prospect, Thing
from bot.indicators.sight import of_team
from bot.indicators.sources import micro
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey

KIND = "indicator"
"""What it is called, whoever says it."""


class Offered(Protocol):
    """Something that is said of a value."""

    @property
    def name(self) -> str:
        """As requests call it."""

    @property
    def handle(self) -> str:
        """What people call it."""

    @property
    def said(self) -> int:
        """When, in the store's microseconds."""

    @property
    def marked(self) -> Marked:
        """How it is marked, and whose it is."""

    @property
    def state(self) -> str:
        """Another one whenever it is another thing."""


_Any = TypeVar("_Any", bound=Offered)


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be asked of all that is said, before it is released."""

    custody: Gatekeeper

    def thing(self, offered: Offered) -> Thing:
        """As something to be released. Without a word more it goes to everybody who may read its
        label; where that is so already, one label lower.
        """
        marking = offered.marked.marking
        return Thing(
            offered.name,
            named(KIND, offered.handle),
            "",
            None,
            offered.marked.originator,
            marking,
            marking.label if marking.releasable else lower(marking.label),
            moment(offered.said),
            state=offered.state,
        )

    def prospect(self, session: Session, thing: Thing, marking: Marking, now: datetime) -> Prospect:
        """Which teams would see it: there is no room that gets it."""
        del session
        return Prospect(marking, (), who_gets_it(self.custody.markings, thing, marking, now), {})


def own(offered: Iterable[_Any], team: str | None) -> list[_Any]:
    """Those that came from a team."""
    return [each for each in offered if team is not None and each.marked.originator == team]


def who_gets_it(
    markings: Markings, thing: Thing, marking: Marking, now: datetime
) -> tuple[str, ...]:
    """The names of the teams that do not see something yet, and would if it was released so."""
    before = Marked(thing.marking, thing.originator, thing.said)
    after = Marked(marking, thing.originator, now)
    return tuple(
        team.name
        for team in markings.directory.teams.values()
        if _sees(markings, team.key, after, micro(now))
        and not _sees(markings, team.key, before, micro(thing.said))
    )


def lower(label: Label) -> Label:
    """The next label below one."""
    below = [each for each in Label if each < label]
    return max(below, default=label, key=lambda each: each.rank)


def moment(said: int) -> datetime:
    """A moment of the store's."""
    return _EPOCH + timedelta(microseconds=said)


def _sees(markings: Markings, team: TeamKey, marked: Marked, said: int) -> bool:
    return of_team(markings, team).admits(marked, said)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
