"""Who has read an advisory: what each team says of it, and which teams it has not reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import keeping
from bot.advisories.keeping import HEAD, TEXT
from bot.advisories.states import Ack, State
from bot.custody import posting
from bot.errors import UserError
from bot.events import PersonId
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Acknowledgement, Advisory


@dataclass(frozen=True, slots=True)
class Said:
    """What a team says now, and since when that is so; None where it was not reached."""

    ack: Ack
    since: datetime | None
    person: str | None = None


def stand(session: Session, row: Advisory) -> dict[TeamKey, Said]:
    """Every team of the roster, and any other that said something."""
    words = _latest(session, row)
    roster = dict.fromkeys((*keeping.roster_of(row), *words))
    reached = posting.reached(session, row.ref, (HEAD, TEXT), roster)
    return {team: _said(team, words, reached, row) for team in sorted(roster)}


def say(
    session: Session, row: Advisory, team: TeamKey, ack: Ack, by: PersonId, now: datetime
) -> None:
    """A team says something of an advisory that is out. Raises UserError."""
    if row.state == State.SUPERSEDED:
        raise UserError("It was superseded: acknowledge what took its place.")
    if row.state != State.RELEASED:
        raise UserError("It is {state}: there is nothing to acknowledge.", state=row.state)
    session.add(Acknowledgement(ref=row.ref, team=team, state=ack, person=by, at=now))
    session.flush()


def _latest(session: Session, row: Advisory) -> Mapping[TeamKey, Acknowledgement]:
    found = select(Acknowledgement).where(Acknowledgement.ref == row.ref)
    if row.asked is not None:
        found = found.where(Acknowledgement.at >= row.asked)
    rows = session.execute(found.order_by(Acknowledgement.id)).scalars()
    return {TeamKey(each.team): each for each in rows}


def _said(
    team: TeamKey,
    words: Mapping[TeamKey, Acknowledgement],
    reached: Mapping[TeamKey, datetime],
    row: Advisory,
) -> Said:
    if team in words:
        return Said(Ack(words[team].state), words[team].at, words[team].person)
    if team not in reached:
        return Said(Ack.NOT_REACHED, None)
    return Said(Ack.SILENT, max(reached[team], row.asked or reached[team]))
