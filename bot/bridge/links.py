"""Which message is a copy of which: what threads, edits and deletions hang on.

A message that people said is a row in `message`; its copies are the outbox rows that name it as
their source, each with the id where it landed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from bot.events import MessageId, MessagePosted, RoomId
from bot.store.tables import Message, Outbox

_REMEMBER = insert(Message).returning(Message.id)
_SAID_HERE = select(Message.id).where(
    Message.room == bindparam("room"), Message.message == bindparam("message")
)
_COPIED_HERE = select(Outbox.source).where(
    Outbox.room == bindparam("room"), Outbox.landed == bindparam("message")
)


def remember(session: Session, event: MessagePosted, channel: str, now: datetime) -> int:
    """Write down a message that is about to be relayed; its number."""
    values = {
        "room": event.room,
        "message": event.message,
        "channel": channel,
        "author": event.author.person,
        "said": event.said,
        "received": now,
        "thread": event.thread,
    }
    return int(session.connection().execute(_REMEMBER, values).scalar_one())


def origin(session: Session, room: RoomId, message: MessageId) -> int | None:
    """The number of the message that is seen in a room under this id, said there or copied."""
    where = {"room": room, "message": message}
    said: int | None = session.connection().execute(_SAID_HERE, where).scalar()
    if said is not None:
        return said
    copied: int | None = session.connection().execute(_COPIED_HERE, where).scalar()
    return copied
