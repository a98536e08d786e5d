"""The 🔎 on a message in which a value stands that its channel's own audience knows.

It is put there once, in every room that shows the message; who joins it asks, alone, what their own
team may know. Where somebody shows a 🔎 of theirs, the bot's one stands all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.events import MessageId, Outgoing, React, RoomId
from bot.store import emptying
from bot.store.tables import Message
from bot.store.tables.recognition import Recognised

SIGN = "\N{RIGHT-POINTING MAGNIFYING GLASS}"


def put_up(
    session: Session, number: int, rooms: Iterable[RoomId], values: Sequence[str], now: datetime
) -> list[Outgoing]:
    """Show that a message says what is known; nothing where that is shown already. `values`: to be
    kept with it, where nothing else keeps them.
    """
    held = "\n".join(values).encode() or None
    put = _PUT[session.get_bind().dialect.name]
    new = session.execute(put, {"message": number, "at": now, "values": held}).first()
    if new is None:
        return []
    return [Outgoing(room, React(SIGN), about=number) for room in rooms]


def stands(session: Session, number: int) -> bool:
    """Whether we have put a 🔎 on a message."""
    return bool(session.execute(select(exists().where(Recognised.message == number))).scalar())


def is_shown(session: Session, room: RoomId, message: MessageId) -> bool:
    """Whether one is on what a room shows under this id."""
    number = links.origin(session, room, message)
    return number is not None and stands(session, number)


def values_of(session: Session, number: int) -> str:
    """The values that are kept with it; "" where none are."""
    held = session.execute(select(Recognised.values).where(Recognised.message == number)).scalar()
    return "" if held is None else held.decode()


def erase(session: Session, number: int) -> None:
    """What was recognised in a message that is taken back is not kept either."""
    own = (Recognised.message == number, Recognised.values.is_not(None))
    if session.execute(update(Recognised).where(*own).values(values=None)).rowcount:  # type: ignore[attr-defined]  # a cursor result
        emptying.note(session)


def forget(session: Session, before: datetime) -> None:
    """Erase the values of what was recognised before."""
    old = (Recognised.at < before, Recognised.values.is_not(None))
    session.execute(update(Recognised).where(*old).values(values=None))


def may_be(session: Session, number: int) -> bool:
    """Whether a message still stands where people read it, and was not withheld."""
    row = session.get(Message, number)
    return row is not None and row.deleted is None and not row.withheld


_PUT = {
    name: insert(Recognised)
    .on_conflict_do_nothing(index_elements=["message"])
    .returning(Recognised.message)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
