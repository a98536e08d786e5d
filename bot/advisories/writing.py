"""What somebody is writing and has not finished: kept over restarts, for a week at most."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.advisories.front_matter import LISTS, Written
from bot.events import PersonId
from bot.store import emptying
from bot.store.tables.advisories import Writing

KEPT = timedelta(days=7)
BODY = "body"
FIELDS = (
    "title", "kind", "severity", "summary", BODY, "actions", "due", "affected", "cves",
    "indicators", "techniques", "references", "marking", "group", "channels", "seal", "contact",
)  # fmt: skip
"""What is asked for, in this order."""
_BY_LINE = frozenset({"affected", "references"})
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, tuple[str, ...]]).decode


def find(session: Session, person: PersonId, now: datetime) -> Writing | None:
    """What somebody has not finished, unless it is too long ago."""
    row = session.get(Writing, person)
    return None if row is None or now - row.touched > KEPT else row


def is_asked(session: Session, person: PersonId, now: datetime) -> bool:
    """Whether somebody is being asked, and what they say may be an answer."""
    row = find(session, person, now)
    return row is not None and bool(row.step)


def begin(
    session: Session, person: PersonId, channel: str | None, written: Written, step: str,
    now: datetime,
) -> Writing:  # fmt: skip
    """Keep what somebody begins to write, in place of what they had begun; what others left for
    too long is forgotten.
    """
    forget_old(session, now)
    row = session.get(Writing, person) or Writing(person=person)
    row.channel = channel
    session.add(row)
    keep(session, row, written, step, now)
    return row


def keep(session: Session, row: Writing, written: Written, step: str, now: datetime) -> None:
    """What was written so far, and what is asked for next."""
    row.written = _encode({**written.values, BODY: (written.body,)}).decode()
    row.step, row.touched = step, now
    session.flush()


def forget(session: Session, row: Writing) -> None:
    """It is a draft now, or given up."""
    session.delete(row)
    session.flush()
    emptying.note(session)


def forget_old(session: Session, now: datetime) -> None:
    """Forget what has been left for too long."""
    session.execute(delete(Writing).where(Writing.touched < now - KEPT))


def written_of(row: Writing) -> Written:
    """What was written so far."""
    found = _decode(row.written)
    body = "".join(found.pop(BODY, ()))
    return Written(found, body)


def values_of(row: Writing) -> Mapping[str, str]:
    """The same as a form shows it, by field."""
    written = written_of(row)
    shown = {key: _shown(key, each) for key, each in written.values.items()}
    return {**shown, "text": written.body}


def _shown(key: str, values: tuple[str, ...]) -> str:
    if key in _BY_LINE:
        return "\n".join(values)
    return (", " if key in LISTS else "\n").join(values)
