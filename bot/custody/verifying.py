"""Whether the audit chain holds, and whether anybody outside has seen its head.

What holds proves that no sealed row was altered, removed or put in since it was sealed, unless all
rows after it were made anew: a head that somebody else keeps shows that too, and a cut tail.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.custody.audit import Action
from bot.custody.chain import FIRST, TYPES, hash_of
from bot.custody.heads import Head, landed, told_heads
from bot.custody.sealing import LEASE, copy_named
from bot.store.tables import Audit, Lease

OVERDUE = timedelta(seconds=30)
"""What a running bot has not sealed by then is a fault; longer than a lease holds, so that one
that was killed is not taken for one that does not seal."""
_PAGE = 5000


class Wrong(StrEnum):
    """What is wrong with a row."""

    ALTERED = "it was altered"
    MISSING = "it is missing"
    UNCHAINED = "it does not follow the row before it"
    OUTSIDE = "rows stand outside the chain"
    CUT = "it is missing, and others may be after it: the end of the chain was cut off"
    REPLACED = "it is not the one that the rooms were told of"
    UNKNOWN = "no row of the chain has the hash that was given: it was cut off, or made anew"
    OVERDUE = "a running bot should have sealed it by now"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row that is wrong, by its number: the one after the end for what is not there."""

    number: int
    wrong: Wrong


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the chain holds: `rows` of them, to the hash `head`; `unsealed` are still to be
    sealed; `witnessed`: up to which row somebody outside can vouch for it, None: for nothing.
    """

    rows: int
    head: bytes
    fault: Fault | None
    unsealed: int
    witnessed: int | None
    lost: tuple[tuple[int, int], ...] = ()
    """Rows that were lost in a restore, which a row of its own says: from, to."""


@dataclass(slots=True)
class _Walk:
    """How far the chain was followed, and the numbers of the hashes that were looked for."""

    sought: dict[bytes, int | None]
    rows: int = 0
    head: bytes = FIRST
    lost: list[tuple[int, int]] = field(default_factory=list)

    def follow(self, rows: Iterator[Sequence[Any] | None]) -> Wrong | None:
        """Go along until something is wrong with the row after the last good one."""
        for row in rows:
            wrong = self._step(row)
            if wrong is not None:
                return wrong
            if self.head in self.sought:
                self.sought[self.head] = self.rows
        return None

    def _step(self, row: Sequence[Any] | None) -> Wrong | None:
        if row is None or tuple(map(type, row)) not in TYPES:
            return Wrong.ALTERED
        *columns, previous, own = row
        if self._goes_on(columns):
            self.lost.append((self.rows + 1, columns[1] - 1))
            self.rows, self.head = columns[1] - 1, previous
            if self.head in self.sought:
                self.sought[self.head] = self.rows
        if columns[1] != self.rows + 1:
            return Wrong.MISSING
        if hash_of(columns, previous) != own:
            return Wrong.ALTERED
        if previous != self.head:
            return Wrong.UNCHAINED
        self.rows, self.head = self.rows + 1, own
        return None

    @property
    def kept(self) -> int:
        """How many rows there are."""
        return self.rows - sum(last - first + 1 for first, last in self.lost)

    def _goes_on(self, columns: Sequence[Any]) -> bool:
        """Whether a row goes on after a restore, from a copy that ended here."""
        _, number, _, _, _, action, thing, *_ = columns
        restored = action == Action.RESTORED and thing == copy_named(self.rows, self.head)
        return bool(restored and number > self.rows + 1)


def verify(session: Session, now: datetime, given: bytes | None = None) -> Verified:
    """Follow the whole chain; `given`: a hash that somebody kept, and that has to be in it."""
    told = told_heads(session)
    walk = _Walk({bytes.fromhex(head.hash): None for head in told})
    if given is not None:
        walk.sought[given] = None
    wrong = walk.follow(_rows(session))
    unsealed = _count(session, "number IS NULL")
    fault = None if wrong is None else Fault(walk.rows + 1, wrong)
    if fault is None:
        fault = _beside(session, walk, told, given) or _overdue(session, walk.rows, now)
    known = [head for head in told if walk.sought[bytes.fromhex(head.hash)] is not None]
    vouched = [head.number for head in known if landed(session, head)]
    if given is not None and (found := walk.sought[given]) is not None:
        vouched.append(found)
    witnessed = max(vouched, default=None)
    return Verified(walk.rows, walk.head, fault, unsealed, witnessed, tuple(walk.lost))


def _beside(
    session: Session, walk: _Walk, told: Sequence[Head], given: bytes | None
) -> Fault | None:
    """What is wrong though the rows follow one another."""
    for head in sorted(told, key=lambda head: head.number):
        if head.number > walk.rows:
            return Fault(walk.rows + 1, Wrong.CUT)
        if walk.sought[bytes.fromhex(head.hash)] != head.number:
            return Fault(head.number, Wrong.REPLACED)
    if given is not None and walk.sought[given] is None:
        return Fault(walk.rows + 1, Wrong.UNKNOWN)
    half = _count(session, "number IS NULL AND (hash IS NOT NULL OR previous IS NOT NULL)")
    if half or _count(session, "number IS NOT NULL") != walk.kept:
        return Fault(walk.rows + 1, Wrong.OUTSIDE)
    return None


def _overdue(session: Session, rows: int, now: datetime) -> Fault | None:
    """Where no bot runs nobody seals, and what was last written waits for the next start."""
    running = select(Lease.name).where(Lease.name == LEASE, Lease.until > now)
    if session.execute(running).first() is None:
        return None
    oldest = session.execute(select(func.min(Audit.at)).where(Audit.number.is_(None))).scalar()
    if oldest is None or oldest >= now - OVERDUE:
        return None
    return Fault(rows + 1, Wrong.OVERDUE)


def _rows(session: Session) -> Iterator[Sequence[Any] | None]:
    """Every sealed row in the chain's order; None, and nothing more, for one that cannot even be
    read as text.
    """
    after, page = 0, _PAGE
    while True:
        try:
            where = {"after": after, "page": page}
            found = session.connection().execute(_SEALED, where).all()
        except OperationalError as error:
            if not _is_no_text(error.orig):
                raise
            if page == 1:
                yield None
                return
            page = 1  # one by one, up to the one that it is
            continue
        yield from found
        if len(found) < page:
            return
        after = found[-1].number


def _is_no_text(error: BaseException | None) -> bool:
    """SQLite keeps bytes that are no UTF-8 as text; its driver has no code for meeting them."""
    return isinstance(error, sqlite3.OperationalError) and not getattr(
        error, "sqlite_errorcode", None
    )


def _count(session: Session, which: str) -> int:
    counted = text(f"SELECT count(*) FROM audit WHERE {which}")  # noqa: S608  our own words
    return int(session.execute(counted).scalar_one())


# Written out, so that the values come as they are stored.
_SEALED = text(
    "SELECT seq, number, at, who, team, action, object, rule, outcome, originator, previous, hash "
    "FROM audit WHERE number > :after ORDER BY number LIMIT :page"
)
