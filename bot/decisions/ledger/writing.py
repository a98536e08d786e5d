"""Adding to the ledger, in the transaction of what is recorded; and erasing texts by law.

    append(session, "RTF", ref, "opened", {"method": "silence", …}, now, text="Block it at 18:00.")

Entries are never changed and never removed. A correction is an entry, and so is an erasure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.custody.numbering import shown
from bot.decisions.ledger.form import (
    FIRST,
    RESTORED,
    Entry,
    canonical_body,
    canonical_text,
    commit,
    hash_of,
    new_salt,
)
from bot.store.tables import Reference
from bot.store.tables.decisions import Ledger

ERASED = "redacted"
"""The kind of the entry that says that texts were erased."""
BALLOT = "ballot"
"""The kind of a voice in a closed ballot: how it votes stands in its text, on the first line."""


def append(
    session: Session,
    reference: Reference,
    kind: str,
    body: dict[str, Any],
    now: datetime,
    text: str | None = None,
    after: tuple[int, bytes] | None = None,
) -> Ledger:
    """Add an entry about a decision to its series. `body`: no free text of anybody, which belongs
    into `text`, where it can be erased. `after`: the head that it follows, where that is not the
    last entry (see `go_on`).
    """
    last = head(session, reference.series) if after is None else after
    number = None if reference.number is None else shown(reference)
    salt = None if text is None else new_salt()
    if text is not None:
        text = canonical_text(text)
    entry = Entry(
        series=reference.series,
        entry=last[0] + 1,
        ref=reference.handle,
        number=number,
        kind=kind,
        at=now,
        body=canonical_body(body),
        commitment=None if salt is None or text is None else commit(salt, text),
        previous=last[1],
    )
    row = Ledger(
        series=entry.series, entry=entry.entry, ref=entry.ref, number=number, kind=kind, at=now,
        body=entry.body.decode(), commitment=entry.commitment, salt=salt, text=text,
        previous=entry.previous, hash=hash_of(entry),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def erase(
    session: Session, reference: Reference, entries: Sequence[int], reason: str, now: datetime
) -> Ledger:
    """Erase the texts of some entries of a decision, salts with them: the commitments stay, so
    that the chain holds. `reason` is the law or rule that demands it, and is on record.
    """
    which = (
        Ledger.series == reference.series,
        Ledger.ref == reference.handle,
        Ledger.entry.in_(entries),
    )
    session.execute(update(Ledger).where(*which).values(text=None, salt=None))
    body = {"entries": sorted(entries)}
    return append(session, reference, ERASED, body, now, text=reason)


def go_on(
    session: Session,
    reference: Reference,
    told: tuple[int, bytes],
    body: dict[str, Any],
    now: datetime,
) -> Ledger:
    """Go on after a restore from where the rooms were told that the chain was; else from its end.
    The entry holds on to the last one of the copy.
    """
    last = head(session, reference.series)
    copy = {"entry": last[0], "head": last[1].hex()}
    after = told if told[0] > last[0] else None
    return append(session, reference, RESTORED, {**body, "copy": copy}, now, after=after)


def head(session: Session, series: str) -> tuple[int, bytes]:
    """How many entries a series has, and the hash of the last one."""
    last = session.execute(_LAST, {"series": series}).first()
    return (0, FIRST) if last is None else (last.entry, last.hash)


def history(session: Session, reference: Reference) -> Sequence[Ledger]:
    """Every entry about a decision, in order."""
    where = (Ledger.series == reference.series, Ledger.ref == reference.handle)
    found = select(Ledger).where(*where).order_by(Ledger.entry)
    return session.execute(found).scalars().all()


_LAST = (
    select(Ledger.entry, Ledger.hash)
    .where(Ledger.series == bindparam("series"))
    .order_by(Ledger.entry.desc())
    .limit(1)
)
