"""Sealing: those who stand for an advisory approve exactly its words, and nobody their own.

For each team that is named one of its delegates; where none is named, another delegate of the
author's team. A seal holds for a hash: other words ask again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import keeping
from bot.advisories.states import State
from bot.errors import UserError
from bot.events import PersonId
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Advisory
from bot.store.tables.advisories import Seal as Row


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who seals. `accounts`: all of theirs; `speaks`: for their team."""

    person: PersonId
    accounts: Collection[PersonId]
    team: TeamKey | None
    speaks: bool


def needed(row: Advisory) -> tuple[TeamKey | None, ...]:
    """The teams that have to seal it; None: there are no teams, and another person has to."""
    named: tuple[TeamKey | None, ...] = keeping.sealing_of(row)
    return named or (None if row.team is None else TeamKey(row.team),)


def given(session: Session, row: Advisory) -> Sequence[Row]:
    """The seals on the words of now."""
    where = (Row.ref == row.ref, Row.digest == row.digest)
    return session.execute(select(Row).where(*where).order_by(Row.id)).scalars().all()


def awaited(session: Session, row: Advisory) -> list[TeamKey | None]:
    """The teams that have not sealed the words of now."""
    has = {each.team for each in given(session, row)}
    return [team for team in needed(row) if team not in has]


def is_sealed(session: Session, row: Advisory) -> bool:
    """Whether all have approved the words of now."""
    return not awaited(session, row)


def may_seal(session: Session, row: Advisory, sealer: Sealer) -> None:
    """Raise UserError with the reason where somebody may not."""
    if row.state not in {State.DRAFT, State.SEALING} and row.pending is None:
        raise UserError("There is nothing to seal: it is {state}.", state=row.state)
    if sealer.team not in needed(row):
        raise UserError("Your team is not among those that seal it.")
    if not sealer.speaks:
        raise UserError("Only who speaks for a team seals for it. “team” names them.")
    if not set(keeping.writers_of(row)).isdisjoint({sealer.person, *sealer.accounts}):
        raise UserError("Nobody approves what they wrote: somebody else of your team has to.")
    if sealer.team not in awaited(session, row):
        raise UserError("Your team has sealed these words already.")


def seal(session: Session, row: Advisory, sealer: Sealer, now: datetime) -> bool:
    """Approve the words of now for a team; whether all have. Raises UserError."""
    may_seal(session, row, sealer)
    session.add(Row(ref=row.ref, team=sealer.team, person=sealer.person, digest=row.digest, at=now))
    if row.state == State.DRAFT:
        row.state = State.SEALING
    session.flush()
    return is_sealed(session, row)
