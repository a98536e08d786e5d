"""The ⚠ on a message that has not landed everywhere: one, however many rooms it is missing in.

Where somebody elsewhere shows a ⚠ on the same message, the bot's one stands for both: it is there
as long as either is. `Warned` holds what we mean by it, `Reaction` what people show.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.bridge.copies import TAKEN_BACK
from bot.events import Outgoing, React, RoomId, Unreact
from bot.store.tables import Message, Outbox, Reaction, State, Warned

SIGN = "\N{WARNING SIGN}"


def stands(session: Session, number: int, room: RoomId) -> bool:
    """Whether we have put a ⚠ on a message, and this is the room where it was said."""
    here = select(Warned.room).join(Message, Message.id == Warned.message)
    ours = here.where(Warned.message == number, Message.room == room)
    return session.execute(ours.limit(1)).first() is not None


def put_up(session: Session, number: int, room: RoomId, home: RoomId) -> list[Outgoing]:
    """Warn that a message is missing in a room; `home`: where it was said."""
    shown = _is_shown(session, number, home)
    put = _PUT[session.get_bind().dialect.name]
    session.execute(put, {"message": number, "room": room})
    return [] if shown else [Outgoing(home, React(SIGN), about=number)]


def take_off(
    session: Session, number: int, room: RoomId, home: RoomId, now: datetime
) -> list[Outgoing]:
    """It is missing there no more. A ⚠ that has not been sent yet is not sent."""
    session.execute(delete(Warned).where(Warned.message == number, Warned.room == room))
    if _is_shown(session, number, home) or _cancel(session, number, home, now):
        return []
    return [Outgoing(home, Unreact(SIGN), about=number)]


def _is_shown(session: Session, number: int, home: RoomId) -> bool:
    theirs = (
        Reaction.message == number,
        Reaction.emoji == SIGN,
        Reaction.present,
        Reaction.room != home,
    )
    return stands(session, number, home) or bool(
        session.execute(select(exists().where(*theirs))).scalar()
    )


def _cancel(session: Session, number: int, home: RoomId, now: datetime) -> bool:
    waiting = (
        Outbox.about == number,
        Outbox.kind == "react",
        Outbox.emoji == SIGN,
        Outbox.room == home,
        Outbox.state == State.WAITING,
    )
    ended = {"state": State.DEAD, "reason": TAKEN_BACK, "not_before": None, "finished": now}
    found = session.execute(update(Outbox).where(*waiting).values(ended))
    return bool(found.rowcount)  # type: ignore[attr-defined]  # a cursor result


_PUT = {
    "sqlite": sqlite.insert(Warned).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Warned).on_conflict_do_nothing(),
}
