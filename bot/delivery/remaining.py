"""Copies that could not be taken back: their author hears in which room one stands still."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox, reasons
from bot.events import Answer, DeliveryId, MessageId, Outgoing, PersonId, RoomId
from bot.richtext import say
from bot.store.tables import Message, Outbox
from bot.words import Words


def tell(session: Session, key: DeliveryId, reason: str, words: Words, now: datetime) -> set[str]:
    """A delivery is about to end as refused for good: the lanes to wake."""
    row = session.execute(_TAKING.where(Outbox.id == key)).first()
    if row is None or not row.author:
        return set()
    why = reasons.in_words(words, RoomId(row.place), reason)
    text = words("A copy of your message stands still: it could not be taken back.")
    where = words("• {room}: {why}", room=row.place, why=why)
    thread = None if row.thread is None else MessageId(row.thread)
    answer = Answer(PersonId(row.author), say(f"{text}\n{where}"), thread=thread)
    return outbox.put(session, [Outgoing(RoomId(row.room), answer)], now)


_TAKING = (
    select(Message.author, Message.room, Message.thread, Outbox.room.label("place"))
    .join(Message, Message.id == Outbox.about)
    .where(Outbox.kind == "delete")
)
