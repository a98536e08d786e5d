"""Legal holds: of a channel, or of one message, nothing is erased for its age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.tables import Hold


class Kind(StrEnum):
    """What can be held."""

    CHANNEL = "channel"
    MESSAGE = "message"
    """By its number."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What is held now, each with the moment since when."""

    channels: dict[str, datetime]
    messages: dict[int, datetime]

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.channels or self.messages)


NONE = Holds({}, {})


def standing(session: Session) -> Holds:
    """What is held."""
    rows = session.execute(select(Hold).where(Hold.until.is_(None)).order_by(Hold.id)).scalars()
    found = Holds({}, {})
    for row in rows:
        if row.kind == Kind.CHANNEL:
            found.channels[row.name] = row.since
        else:
            found.messages[int(row.name)] = row.since
    return found


def begin(session: Session, kind: Kind, name: str, by: str, now: datetime) -> bool:
    """Hold something; False where it is held already."""
    if _open(session, kind, name):
        return False
    session.add(Hold(kind=kind, name=name, by=by, since=now))
    session.flush()
    return True


def end(session: Session, kind: Kind, name: str, now: datetime) -> bool:
    """Hold it no more; False where it was not held."""
    rows = _open(session, kind, name)
    for row in rows:
        row.until = now
    session.flush()
    return bool(rows)


def _open(session: Session, kind: Kind, name: str) -> Sequence[Hold]:
    where = (Hold.kind == kind, Hold.name == name, Hold.until.is_(None))
    return session.execute(select(Hold).where(*where)).scalars().all()
