"""Which accounts are one human's, as they have proved it (see `bot.bridge.linking`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bot.events import PersonId
from bot.store.tables import LinkedAccount


def others_of(
    session: Session, persons: Collection[PersonId]
) -> dict[PersonId, tuple[PersonId, ...]]:
    """The other accounts of these persons, the newest first; who has none is absent."""
    mine, other = aliased(LinkedAccount), aliased(LinkedAccount)
    rows = session.execute(
        select(mine.person, other.person)
        .join(other, other.human == mine.human)
        .where(mine.person.in_(persons), mine.until.is_(None), other.until.is_(None))
        .where(other.person != mine.person)
        .order_by(other.since.desc(), other.id.desc())
    )
    found: dict[PersonId, tuple[PersonId, ...]] = {}
    for person, linked in rows:
        found[PersonId(person)] = (*found.get(PersonId(person), ()), PersonId(linked))
    return found


def accounts_with(session: Session, person: PersonId) -> Sequence[LinkedAccount]:
    """The other accounts of a person's human, the oldest first."""
    human = human_of(session, person)
    if human is None:
        return ()
    return [each for each in members_of(session, human) if each.person != person]


def part(
    session: Session, person: PersonId, now: datetime, only: PersonId | None = None
) -> list[LinkedAccount]:
    """End a person's links, all of them or those of one account; the accounts that ended."""
    human = human_of(session, person)
    members = [] if human is None else list(members_of(session, human))
    gone = [each for each in members if only is None or each.person == only]
    if len(members) - len(gone) < 2 and gone:
        gone = members  # one alone is not linked with anybody
    for each in gone:
        each.until = now
    session.flush()
    return [each for each in gone if each.person != person]


def human_of(session: Session, person: PersonId) -> str | None:
    """The human whose account this is, None where it is linked with no other."""
    where = (LinkedAccount.person == person, LinkedAccount.until.is_(None))
    return session.execute(select(LinkedAccount.human).where(*where)).scalar()


def members_of(session: Session, human: str) -> Sequence[LinkedAccount]:
    """The accounts of a human, the oldest first."""
    where = (LinkedAccount.human == human, LinkedAccount.until.is_(None))
    rows = select(LinkedAccount).where(*where).order_by(LinkedAccount.since, LinkedAccount.id)
    return session.execute(rows).scalars().all()
