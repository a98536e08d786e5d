"""What the admin rooms hear of faults: which delivery, which room, why. Never content."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.lanes import Concern
from bot.events import Outgoing, Post, RoomId
from bot.richtext import say
from bot.store.tables import Outbox, State
from bot.words import Words

_ONCE_IN = timedelta(hours=1)
"""The same room refusing for the same reason is said once in this time."""


class Notices:
    """Tells the admin rooms."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def tell(self, session: Session, concern: Concern, now: datetime) -> set[str]:
        """Write a notice for each admin room; the lanes to wake."""
        if self._said(session, concern, now):
            return set()
        post = Post(say(self._text(concern)))
        rooms = [room for room in self._admin_rooms if room != concern.room]
        return outbox.put(session, [Outgoing(room, post) for room in rooms], now)

    def _text(self, concern: Concern) -> str:
        if concern.unknown:
            return self._words(
                "Nobody knows yet whether {delivery} landed in {room}; what follows it there "
                "waits. See: liaison deliveries list --state unknown",
                delivery=concern.delivery,
                room=concern.room,
            )
        return self._words(
            "{delivery} was refused for good in {room}: {reason}. "
            "See: liaison deliveries list --state dead",
            delivery=concern.delivery,
            room=concern.room,
            reason=concern.reason,
        )

    def _said(self, session: Session, concern: Concern, now: datetime) -> bool:
        if concern.unknown:
            return False
        same = (
            Outbox.state == State.DEAD,
            Outbox.room == concern.room,
            Outbox.reason == concern.reason,
            Outbox.id != concern.delivery,
            Outbox.finished > now - _ONCE_IN,
        )
        return bool(session.execute(select(exists().where(*same))).scalar())
