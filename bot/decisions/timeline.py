"""What happened in a channel, in order: decisions that were put and ended, and what was noted.

Of it only what the reader may know; when it happened, which may be before it was written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.custody.effective import Marked
from bot.custody.numbering import SeriesList
from bot.decisions import finding, proposals
from bot.decisions.proposals import State
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Reference
from bot.store.tables.decisions import Decision, Ledger

May = Callable[[Marked], bool]
"""Whether the readers may have something that is marked so, in the channel."""
NOTE = "note"


class Kind(StrEnum):
    """What happened."""

    PUT = "put"
    ENDED = "ended"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. `state`: how it ended, of what has; `text` None: it was erased."""

    at: datetime
    kind: Kind
    name: str
    marked: Marked
    text: str | None
    state: State | None = None


class _Noted(msgspec.Struct):
    """The body of a note's entry, as far as it is read here."""

    channel: str
    happened: datetime
    marking: Label
    team: str | None = None


_note = msgspec.json.Decoder(_Noted).decode


def gathered(
    session: Session,
    series: SeriesList,
    channel: str,
    may: May,
    since: datetime,
    until: datetime,
) -> list[Moment]:
    """What happened from `since` to `until`, the oldest first."""
    found = [*_decisions(session, channel, since, until), *_notes(session, series, channel, since)]
    known = [each for each in found if since <= each.at <= until and may(each.marked)]
    return sorted(known, key=lambda each: (each.at, each.name, each.kind))


def _decisions(
    session: Session, channel: str, since: datetime, until: datetime
) -> Iterator[Moment]:
    when = or_(Decision.opened >= since, Decision.closed >= since)
    rows = select(Decision).where(Decision.channel == channel, Decision.opened <= until, when)
    for row in session.execute(rows).scalars():
        found = finding.find(session, row.ref)
        if found is None:
            continue
        marked = proposals.marked_as(row)
        yield Moment(row.opened, Kind.PUT, found.name, marked, found.text)
        if row.closed is not None:
            state = State(row.state)
            yield Moment(row.closed, Kind.ENDED, found.name, marked, found.text, state)


def _notes(session: Session, series: SeriesList, channel: str, since: datetime) -> Iterator[Moment]:
    rows = (
        select(Ledger, Reference)
        .join(Reference, Reference.handle == Ledger.ref)
        .where(Reference.kind == NOTE, Ledger.kind == NOTE, Ledger.at >= since)
    )
    for entry, reference in session.execute(rows):
        said = _note(entry.body)
        if said.channel != channel:
            continue
        run = series.get(entry.series)
        group = None if run is None else run.group
        lists = () if group is None else (frozenset({group.casefold()}),)
        team = None if said.team is None else TeamKey(said.team)
        marked = Marked(Marking(said.marking, lists), team, entry.at)
        name = numbering.shown(reference)
        yield Moment(said.happened, Kind.NOTED, name, marked, entry.text)
