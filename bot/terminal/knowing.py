"""What a team may know of decisions, without a running bot: by the settings and what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import memberships
from bot.custody.doors import Doors, circles_of
from bot.custody.effective import Marked, lists_of
from bot.decisions import proposals
from bot.decisions.finding import Found
from bot.decisions.ledger import verifying
from bot.decisions.reading import may_read
from bot.errors import UserError
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.decisions import Decision, Ledger
from config.settings import Settings


class _Note(msgspec.Struct):
    """What the entry of a note says of itself."""

    channel: str
    marking: Label
    team: TeamKey | None = None


@dataclass(frozen=True, slots=True)
class Knowing:
    """What may be known. `team` None: the operator, who knows all; `members`: the teams of each
    channel, those without a voice included.
    """

    settings: Settings
    team: Team | None
    doors: Doors
    members: Mapping[str, frozenset[TeamKey]]
    now: datetime

    @classmethod
    def under(
        cls, session: Session, settings: Settings, team: str | None, now: datetime
    ) -> Knowing:
        """As a team may know it. Raises UserError for one that the settings do not name."""
        teams = settings.directory.teams
        if team is not None and TeamKey(team) not in teams:
            raise UserError("no team is called “{team}”", team=team)
        doors = Doors(circles_of(settings.channels), settings.directory, now)
        facts = memberships.standing(session, doors.members(), now)
        doors.join(facts, now)
        members = {
            name: _members(facts, name, (*(channel.teams or ()), *channel.observers))
            for name, channel in settings.channels.items()
        }
        found = None if team is None else teams[TeamKey(team)]
        return cls(settings, found, doors, members, now)

    def may_know(self, found: Found) -> bool:
        """Whether a decision exists for the team."""
        return self._may_read(proposals.marked_as(found.row), found.row.channel)

    def knows_all(self, row: Decision) -> bool:
        """Whether the team may know what others said to it, before it was released too."""
        return self._may_read(proposals.given_as(row), row.channel)

    def released(self, session: Session) -> Mapping[str, datetime]:
        """What the team knows by a release alone, with when that was."""
        rows = session.execute(select(Decision).where(Decision.given.is_not(None))).scalars()
        return {row.ref: proposals.marked_as(row).said for row in rows if not self.knows_all(row)}

    def series(self, session: Session, name: str | None = None) -> list[str]:
        """The series that have entries and are for the team; all, or the one of that name."""
        there = [each for each in verifying.series_there_are(session) if name in {None, each}]
        return [each for each in there if self.team is None or each in self._own()]

    def withheld(self, session: Session) -> Collection[str]:
        """The handles of what stands in the team's series and is marked higher than it may read."""
        if self.team is None:
            return ()
        rows = session.execute(select(Decision)).scalars()
        hidden = {
            row.ref for row in rows if not self._may_read(proposals.marked_as(row), row.channel)
        }
        notes = session.execute(select(Ledger).where(Ledger.kind == "note")).scalars()
        return hidden | {each.ref for each in notes if not self._may_read_note(each)}

    def _own(self) -> frozenset[str]:
        """The series whose audience the team is in."""
        assert self.team is not None
        groups, key = self.settings.directory, self.team.key
        return frozenset(
            run.name
            for run in self.settings.series
            if any(key in self.members.get(channel, ()) for channel in run.channels)
            and (run.group is None or key in groups.members_of(run.group))
        )

    def _may_read_note(self, entry: Ledger) -> bool:
        note = msgspec.json.decode(entry.body, type=_Note)
        return self._may_read(
            Marked(Marking(note.marking, lists_of(None)), note.team, entry.at), note.channel
        )

    def _may_read(self, marked: Marked, channel: str) -> bool:
        if self.team is None:
            return True
        members = self.members.get(channel, frozenset())
        return may_read(self.doors, marked, channel, self.team, members, self.now)


def _members(
    facts: Collection[Membership], channel: str, named: Collection[str]
) -> frozenset[TeamKey]:
    circle = Circle(Kind.CHANNEL, channel)
    there = {fact.team for fact in facts if fact.circle == circle and fact.until is None}
    return frozenset(map(TeamKey, named)) | (there - {memberships.FOUNDED})
