"""Until when rooms have been read: who decides by what was *not* said has to know that."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.events import RoomId
from bot.store.tables import Heard


def note(session: Session, room: RoomId, until: datetime, now: datetime) -> None:
    """A room has been read up to a moment (see `bot.events.RoomRead`)."""
    row = session.get(Heard, room)
    if row is None:
        session.add(Heard(room=room, until=until, at=now))
    elif until > row.until:
        row.until, row.at = until, now


def unread(session: Session, rooms: Collection[RoomId], until: datetime) -> frozenset[RoomId]:
    """Those of the rooms that have not been read up to a moment."""
    where = (Heard.room.in_(rooms), Heard.until >= until)
    read = session.execute(select(Heard.room).where(*where)).scalars()
    return frozenset(rooms) - frozenset(map(RoomId, read))
