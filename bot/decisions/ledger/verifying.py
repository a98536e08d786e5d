"""Whether a series' chain holds, and whether anybody outside has seen its head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody.heads import landed, told_heads
from bot.decisions.ledger.exporting import Unreadable, rows
from bot.decisions.ledger.form import FIRST, RESTORED, Entry, commit, hash_of
from bot.store.tables.decisions import Ledger


class Wrong(StrEnum):
    """What is wrong with an entry."""

    ALTERED = "it was altered"
    MISSING = "it is missing"
    UNCHAINED = "it does not follow the entry before it"
    TEXT = "its text was altered"
    CUT = "it is missing, and others may be after it: the end of the chain was cut off"
    REPLACED = "it is not the one that the rooms were told of"
    SHOWN = "what people are shown of it is not what stands here"
    UNKNOWN = "no entry has the hash that was given: the end was cut off, or made anew"


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a series holds: `entries` of them, to the hash `head`; `wrong`: of the next one.
    `vouched`: up to which entry somebody outside vouches for it: by a head that was given, or one
    that has landed in a room.
    """

    series: str
    entries: int
    head: bytes
    wrong: Wrong | None
    vouched: int | None
    lost: tuple[tuple[int, int], ...] = ()
    """Entries that were lost in a restore, which an entry of its own says: from, to."""


def verify(session: Session, series: str, given: Iterable[bytes] = ()) -> Verified:
    """Follow a series; `given`: hashes that somebody kept, each of which has to be in it. So have
    the heads that the rooms were told of, at their places.
    """
    told = {head.number: head for head in told_heads(session, series)}
    sought, number, head, vouched = set(given), 0, FIRST, None
    lost: list[tuple[int, int]] = []

    def found(wrong: Wrong | None) -> Verified:
        return Verified(series, number, head, wrong, vouched, tuple(lost))

    for row in _readable(session, series):
        if row is None:
            return found(Wrong.ALTERED)
        places = [(row.entry, row.hash)]
        if _goes_on(row, number, head):
            lost.append((number + 1, row.entry - 1))
            number, head = row.entry - 1, row.previous
            places.insert(0, (number, head))
        wrong = _wrong(row, number, head)
        if wrong is None and any(at in told and told[at].hash != own.hex() for at, own in places):
            wrong = Wrong.REPLACED
        if wrong is not None:
            return found(wrong)
        for number, head in places:
            if head in sought or (number in told and landed(session, told[number])):
                sought.discard(head)
                vouched = number
    if any(each > number for each in told):
        return found(Wrong.CUT)
    return found(Wrong.UNKNOWN if sought else None)


def _readable(session: Session, series: str) -> Iterator[Row[Any] | None]:
    """The rows of a series, and None where the next cannot be read at all."""
    try:
        yield from rows(session, series)
    except Unreadable:
        yield None


def _goes_on(row: Row[Any], number: int, head: bytes) -> bool:
    """Whether an entry goes on after a restore, from a copy that ended with these."""
    if row.kind != RESTORED or row.entry <= number + 1:
        return False
    try:
        copy = msgspec.json.decode(row.body)["copy"]
        return bool(copy == {"entry": number, "head": head.hex()})
    except (msgspec.MsgspecError, LookupError, TypeError):
        return False


def series_there_are(session: Session) -> list[str]:
    """Every series that has entries."""
    return list(session.execute(select(Ledger.series).distinct().order_by(Ledger.series)).scalars())


def _wrong(row: Row[Any], number: int, head: bytes) -> Wrong | None:
    if row.entry != number + 1:
        return Wrong.MISSING
    try:
        found = hash_of(_entry(row))
    except (ValueError, TypeError, AttributeError, OverflowError):
        return Wrong.ALTERED
    if found != row.hash:
        return Wrong.ALTERED
    if row.previous != head:
        return Wrong.UNCHAINED
    # Both are erased together: one without the other was not erased by us.
    if (row.text is None) != (row.salt is None):
        return Wrong.TEXT
    if row.text is not None and not _is_committed(row):
        return Wrong.TEXT
    return None


def _is_committed(row: Row[Any]) -> bool:
    plain = isinstance(row.text, str) and isinstance(row.salt, bytes)
    return plain and commit(row.salt, row.text) == row.commitment


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.series, row.entry, row.ref, row.number, row.kind, row.at, row.body.encode(),
        row.commitment, row.previous,
    )  # fmt: skip
