"""Freezing and thawing, pausing and resuming, in the store: who asked, what stands, since when.

A party is a team, or `OPERATORS`: those who speak in an admin room.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.custody.frozen import Kind, Order
from bot.store.tables import Freeze, Request

OPERATORS = ""
"""The party of those who speak in an admin room and are no team's admins."""
SECOND = timedelta(minutes=10)
"""How long the first of two parties that freeze together waits for the second."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and for which party."""

    person: str
    party: str


def standing(session: Session) -> list[Order]:
    """Every order that stands, the oldest first."""
    rows = session.execute(select(Freeze).where(Freeze.until.is_(None)).order_by(Freeze.id))
    return [Order(Kind(row.kind), row.name, row.since, row.id) for row in rows.scalars()]


def begin(session: Session, kind: Kind, name: str, by: Asker, now: datetime) -> bool:
    """Let an order stand; False where it does already."""
    if _found(session, kind, name) is not None:
        return False
    session.add(Freeze(kind=kind, name=name, by=by.person, team=by.party or None, since=now))
    session.flush()
    return True


def begin_with(
    session: Session, kind: Kind, name: str, by: Asker, now: datetime, needed: int
) -> bool:
    """As one of several parties: whether so many have asked, and the order stands now."""
    if needed > 1:
        subject = f"freeze:{kind}:{name}"
        where = (Request.object == subject, Request.created > now - SECOND, Request.state == _OPEN)
        rows = list(session.execute(select(Request).where(*where)).scalars())
        others = {row.team or OPERATORS for row in rows if row.by != by.person} - {by.party}
        if len(others) + 1 < needed:
            if all((row.by, row.team or OPERATORS) != (by.person, by.party) for row in rows):
                session.add(_request(subject, by, now))
                session.flush()
            return False
        for row in rows:
            row.state, row.closed = "done", now
    begin(session, kind, name, by, now)
    return True


def thaw(
    session: Session, kind: Kind, name: str, by: Asker, now: datetime, needed: int
) -> Freeze | None:
    """Ask for an end, as a party; the row that is over, None while not enough have asked.

    Raises LookupError where it does not stand.
    """
    row = _found(session, kind, name)
    if row is None:
        raise LookupError
    asked: list[list[str]] = msgspec.json.decode(row.thawed_by or "[]")
    if [by.party, by.person] not in asked:
        asked.append([by.party, by.person])
        row.thawed_by = msgspec.json.encode(asked).decode()
    # of each party one, and nobody for two of them
    others = {party for party, person in asked if person != by.person} - {by.party}
    if len(others) + 1 < needed:
        session.flush()
        return None
    row.until = now
    session.flush()
    return row


def resume(session: Session, name: str, now: datetime) -> bool:
    """End a pause; False where there is none."""
    row = _found(session, Kind.PAUSE, name)
    if row is None:
        return False
    row.until = now
    session.flush()
    return True


def count_held(session: Session, order: Order) -> None:
    """Something was held back by an order."""
    held = update(Freeze).where(Freeze.id == order.id).values(held=Freeze.held + 1)
    session.connection().execute(held)


def _found(session: Session, kind: Kind, name: str) -> Freeze | None:
    where = (Freeze.kind == kind, Freeze.name == name, Freeze.until.is_(None))
    return session.execute(select(Freeze).where(*where)).scalar_one_or_none()


def _request(subject: str, by: Asker, now: datetime) -> Request:
    return Request(
        handle="f-" + secrets.token_hex(8), kind="freeze", object=subject, by=by.person,
        team=by.party or None, wanted="{}", state=_OPEN, created=now,
    )  # fmt: skip


_OPEN = "open"
