"""Decisions and proposals, as something that can be released (see `bot.custody.releasing`).

Nothing that stands in a ledger changes by it, and a series keeps its one audience:

* Whom the series is for stays: it is marked lower from then on, by an entry `released`. What other
  teams said before is theirs, and stays with those who might read it then.
* Others are to know it: they get a copy, with a place in the series that is for them, an entry
  `copy` there, and an entry `released` in its own. They learn neither its number nor that there is
  such a series, and nothing of who said what.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody import numbering, posting
from bot.custody.audit import named
from bot.custody.effective import Marked, stored_lists, stored_marked
from bot.custody.releasing import Prospect, Released, Releaser, Thing
from bot.decisions import announcing, indexing, proposals, reading
from bot.decisions.house import House
from bot.decisions.ledger.writing import append, history
from bot.decisions.proposals import HEAD, RELEASED, State, marked_as
from bot.errors import UserError
from bot.events import PersonId
from bot.sharing.gate import Denied
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Team
from bot.store.tables.decisions import Decision, Ledger
from config.series import Run

KIND = "decision"


def number_of(name: str) -> str | None:
    """The handle of the decision that a request is about (`Thing.name`), None for another kind."""
    kind, _, ref = name.partition(":")
    return ref if kind == KIND else None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided, or is put to the allies."""

    house: House

    def thing(self, row: Decision, now: datetime) -> Thing:
        """As something to be released. Without a word more it goes to everybody in its channel,
        with no lower a label than need be; where that is so already, one label lower.
        """
        marked = marked_as(row)
        return Thing(
            f"{KIND}:{row.ref}",
            named(KIND, row.ref),
            row.channel,
            PersonId(row.proposer),
            marked.originator,
            marked.marking,
            self._usual(row, marked, now),
            marked.said,
            state=row.matter,
        )

    def prospect(self, session: Session, thing: Thing, marking: Marking, now: datetime) -> Prospect:
        """Which rooms would get it, and which teams would know of it. Raises UserError where it
        cannot be released so.
        """
        row = _row(session, thing)
        self._series(session, row, marking)
        after = Marked(marking, thing.originator, now)
        has = tuple(posting.rooms_with(session, row.ref, HEAD))
        custody = self.house.custody()
        matter = custody.markings.effective(after).matter
        lacking = [room for room in self.house.rooms_of(row.channel) if room not in has]
        judged = {room: custody.ask(matter, room) for room in lacking}
        denied = {room: each for room, each in judged.items() if isinstance(each, Denied)}
        before = marked_as(row)
        teams = [
            team.name
            for team in self._teams(row)
            if self._may_read(row, after, team, now) and not self._may_read(row, before, team, now)
        ]
        rooms = [room for room in lacking if room not in denied]
        return Prospect(marking, has, (*rooms, *teams), denied)

    def release(
        self, session: Session, thing: Thing, marking: Marking, by: Releaser, now: datetime
    ) -> Released:
        """Put it on record, and show it where it may be now."""
        row = _row(session, thing)
        series = self._series(session, row, marking)
        marked = Marked(marking, thing.originator, now)
        if series.name == proposals.reference_of(session, row).series:
            return self._lowered(session, row, marked, by, now)
        return self._copied(session, row, series, marked, by, now)

    def _lowered(
        self, session: Session, row: Decision, marked: Marked, by: Releaser, now: datetime
    ) -> Released:
        had = posting.rooms_with(session, row.ref, HEAD)
        row.given, row.matter = row.given or row.matter, stored_marked(marked)
        posting.mark(session, row.ref, marked)
        _record(session, row, marked, by, now, None)
        session.flush()
        indexing.index(session, row)
        outgoing = announcing.refresh(session, self.house, row)
        outgoing += announcing.put_out(session, self.house, row, without=had)
        return Released(tuple(outgoing))

    def _copied(
        self, session: Session, row: Decision, series: Run, marked: Marked, by: Releaser,
        now: datetime,
    ) -> Released:  # fmt: skip
        copy = proposals.copy_of(session, row, series.name, marked, by.person, now)
        _record(session, row, marked, by, now, copy.ref)
        for text in _corrections(session, row):
            reference = proposals.reference_of(session, copy)
            append(session, reference, "corrected", {"by": by.person}, now, text)
        indexing.index(session, copy)
        has = posting.rooms_with(session, row.ref, HEAD)
        outgoing = announcing.put_out(session, self.house, copy, without=has)
        name = numbering.shown(proposals.reference_of(session, copy))
        return Released(tuple(outgoing), name)

    def _series(self, session: Session, row: Decision, marking: Marking) -> Run:
        """The series whose audience it is released to. Raises UserError where there is none, or it
        cannot go there.
        """
        group = _group(marking)
        here = (each for each in self.house.series() if row.channel in each.channels)
        found = [each for each in here if _folded(each.group) == group]
        if not found:
            raise UserError(
                "Nothing here is numbered for “{group}” alone. The settings name such a series: "
                "[series.NAME] with channels and group.", group=(group or "")[:40],
            )  # fmt: skip
        if found[0].name != proposals.reference_of(session, row).series:
            _check_copy(session, row, found[0])
        return found[0]

    def _usual(self, row: Decision, marked: Marked, now: datetime) -> Label:
        """How high it stays where no label is said."""
        label, teams = marked.marking.label, self._teams(row)
        lowest = min([label, *(team.clearance for team in teams)], key=lambda each: each.rank)
        if not all(self._may_read(row, marked, team, now) for team in teams):
            return lowest
        below = [each for each in Label if each < label]
        return max(below, default=label, key=lambda each: each.rank)

    def _teams(self, row: Decision) -> list[Team]:
        council, teams = self.house.council(row.channel), self.house.directory().teams
        return [teams[key] for key in sorted(council.roster | council.observers) if key in teams]

    def _may_read(self, row: Decision, marked: Marked, team: Team, now: datetime) -> bool:
        members = frozenset(each.key for each in self._teams(row))
        doors = self.house.custody().doors
        return reading.may_read(doors, marked, row.channel, team, members, now)


def copies(session: Session, row: Decision) -> list[Decision]:
    """What others were given of it."""
    entries = history(session, proposals.reference_of(session, row))
    refs = [json.loads(each.body).get("copy") for each in entries if each.kind == RELEASED]
    found = (session.get(Decision, ref) for ref in refs if ref is not None)
    return [each for each in found if each is not None]


def _row(session: Session, thing: Thing) -> Decision:
    return session.get_one(Decision, number_of(thing.name) or "")


def _folded(group: str | None) -> str | None:
    return None if group is None else group.casefold()


def _group(marking: Marking) -> str | None:
    names = frozenset[str]().union(*marking.releasable)
    if len(marking.releasable) > 1 or len(names) > 1:
        raise UserError(
            "A decision goes to one group with a series of its own, or to all in its channel."
        )
    return next(iter(names), None)


def _check_copy(session: Session, row: Decision, series: Run) -> None:
    if row.state == State.OPEN:
        raise UserError("It is still open. Others get it when it has ended.")
    if proposals.text_of(session, row) is None:
        raise UserError("Its text was erased: there is nothing to release.")
    for copy in copies(session, row):
        reference = proposals.reference_of(session, copy)
        if reference.series == series.name:
            raise UserError("They have it already, as {ref}.", ref=numbering.shown(reference))


def _record(
    session: Session, row: Decision, marked: Marked, by: Releaser, now: datetime, copy: str | None
) -> None:
    marking = marked.marking
    body = {
        "by": by.person,
        "marking": str(marking.label),
        "releasable": stored_lists(marking.releasable),
        "copy": copy,
    }
    append(session, proposals.reference_of(session, row), RELEASED, body, now)


def _corrections(session: Session, row: Decision) -> Iterator[str]:
    entries: Iterable[Ledger] = history(session, proposals.reference_of(session, row))
    yield from (each.text for each in entries if each.kind == "corrected" and each.text)
