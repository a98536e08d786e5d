"""What waits for somebody: the one form in which every domain says it, for `todo` and `handover`.

A domain brings a `Source`: a function that gives what is open of its own, with the teams whose word
is awaited, and of it nothing that the reader may not know. The composition root names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.custody.gatekeeper import Gatekeeper
from bot.sharing.gate import ALLOWED, Door, judge
from bot.sharing.marking import Label, Marking, Releasable, strictest
from bot.sharing.teams import Team, TeamKey


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is open. `what`: what is awaited, as a message id of the catalogues; `name`:
    what the thing is called, `title`: what it says, "" where that is for nobody's list; `call`:
    what is typed to do it, "" where nothing is. `channel` None: of no channel.
    """

    what: str
    name: str
    since: datetime
    title: str = ""
    label: Label | None = None
    due: datetime | None = None
    teams: frozenset[TeamKey] = frozenset()
    call: str = ""
    channel: str | None = None
    about: str = ""
    """Whose it is, in words: who is to do it, who asks."""
    releasable: Releasable = ()
    """For whom alone it is, beside the label."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is told: a team; with `door` all who read a room."""

    custody: Gatekeeper
    team: Team | None
    now: datetime
    door: Door | None = None

    @property
    def key(self) -> TeamKey | None:
        """The team's, None where it is told to all in a room."""
        return None if self.team is None or self.door is not None else self.team.key

    def may(self, marked: Marked, channel: str, members: frozenset[TeamKey]) -> bool:
        """Whether they may have what is marked so in a channel. `members`: the teams of that, those
        without a voice included.
        """
        matter = self.custody.markings.effective(marked).matter
        if self.door is not None:
            return judge(matter, self.door) is ALLOWED
        team = self.team
        if team is None or (team.key not in members and team.key != marked.originator):
            return False
        seat = self.custody.doors.seat(channel, team, members, self.now)
        return judge(matter, seat) is ALLOWED


def marked_together(items: Iterable[Item], now: datetime) -> Marked:
    """How a list of what is open is marked: as strictly as anything on it."""
    labelled = [each for each in items if each.label is not None]
    marks = [Marking(each.label, each.releasable) for each in labelled if each.label is not None]
    marking = strictest(Marking(Label.CLEAR), *marks)
    return Marked(marking, None, min((each.since for each in labelled), default=now))


Source = Callable[[Session, Reader], Iterable[Item]]
"""Gives what is open of a domain, to a reader. Nothing changes by it."""


def gathered(
    sources: Iterable[Source], session: Session, reader: Reader, channel: str | None = None
) -> list[Item]:
    """What is open of all domains, and of one channel alone where that is named: what is due first
    is first, then what waits longest.
    """
    found = [item for source in sources for item in source(session, reader)]
    here = [item for item in found if channel in {None, item.channel}]
    return sorted(here, key=lambda item: (item.due is None, item.due or item.since, item.since))
