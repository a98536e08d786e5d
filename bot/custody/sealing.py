"""Sealing: rows that were written down get their number, the hash before theirs, and their own.

One process does it, which holds the lease `LEASE`. On PostgreSQL a row may become visible after
rows with a higher `seq`: it is sealed later, and the chain's order is `number`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.custody.audit import Act, named, record
from bot.custody.chain import FIRST, hash_of

LEASE = "audit"
MOST = 200
"""Rows of one transaction: some milliseconds, so that the relay's commits do not wait behind it."""


def is_due(session: Session) -> bool:
    """Whether anything waits to be sealed."""
    return session.connection().execute(_UNSEALED, {"most": 1}).first() is not None


def seal(session: Session, most: int = MOST) -> int:
    """Seal the oldest rows that are not; how many."""
    connection = session.connection()
    rows = connection.execute(_UNSEALED, {"most": most}).all()
    number, previous = end(session)
    sealed = []
    for seq, *columns in rows:
        number += 1
        own = hash_of((seq, number, *columns), previous)
        sealed.append({"seq": seq, "number": number, "previous": previous, "hash": own})
        previous = own
    if sealed:
        connection.execute(_SEAL, sealed)
    return len(sealed)


def go_on(session: Session, told: tuple[int, bytes], act: Act, now: datetime) -> None:
    """After a restore, go on from the head that the rooms were told of, where the copy ends before
    that: the row of this act follows it, and its object is the last row of the copy.
    """
    number, own = end(session)
    if told[0] <= number:
        return
    record(session, replace(act, object=copy_named(number, own)), now)
    session.flush()
    rows = session.connection().execute(_NEWEST).all()
    seq, *columns = rows[0]
    number, previous = told[0] + 1, told[1]
    sealed = hash_of((seq, number, *columns), previous)
    row = {"seq": seq, "number": number, "previous": previous, "hash": sealed}
    session.connection().execute(_SEAL, [row])


def copy_named(number: int, own: bytes) -> str:
    """The last row of a copy, as the row after it names it."""
    return named("copy", number, own.hex())


def end(session: Session) -> tuple[int, bytes]:
    """The number and the hash of the last sealed row: the chain's head."""
    row = session.connection().execute(_END).first()
    return (0, FIRST) if row is None else (row.number, row.hash or FIRST)


# Written out, so that the values come as they are stored: it is these that the hash covers. What
# has any of the three already was tampered with, and is for `bot.custody.verifying` to find.
_UNSEALED = text(
    "SELECT seq, at, who, team, action, object, rule, outcome, originator FROM audit "
    "WHERE hash IS NULL AND number IS NULL AND previous IS NULL ORDER BY seq LIMIT :most"
)
_NEWEST = text(_UNSEALED.text.replace("ORDER BY seq LIMIT :most", "ORDER BY seq DESC LIMIT 1"))
_END = text("SELECT number, hash FROM audit WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1")
_SEAL = text(
    "UPDATE audit SET number = :number, previous = :previous, hash = :hash WHERE seq = :seq"
)
