"""What has arrived: seen once, and how far each source has been read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, bindparam, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.events import Mark, RoomId
from bot.store import tables
from bot.store.prepared import ask
from bot.store.tables import Inbox, InboxState


def first_seen(
    session: Session,
    room: RoomId,
    kind: str,
    message: str,
    *,
    now: datetime,
    version: str = "",
    state: InboxState = InboxState.DONE,
    content: bytes | None = None,
    reference: str | None = None,
) -> int | None:
    """Remember something by its own identity; its number, or None if it was seen before."""
    values = {
        "room": room,
        "kind": kind,
        "message": message,
        "version": version,
        "state": state,
        "received": now,
        "content": content,
        "reference": reference,
    }
    statement = _INSERT[session.get_bind().dialect.name]
    found: int | None = ask(session, statement, values).scalar()
    return found


def was_seen(session: Session, room: RoomId, kind: str, message: str) -> bool:
    """Whether something was remembered under this identity, in whatever version."""
    where = (Inbox.room == room, Inbox.kind == kind, Inbox.message == message)
    return session.execute(select(Inbox.seq).where(*where).limit(1)).first() is not None


def keep_mark(session: Session, mark: Mark) -> None:
    """The source has been read up to here. A room's `ts` never goes back; tokens are opaque."""
    statement = _MARK[session.get_bind().dialect.name]
    ask(session, statement, {"scope": mark.scope, "position": mark.position})


def waiting(session: Session, seq: int) -> bytes | None:
    """What was asked by a command that is still to be run; None where it was run."""
    found: bytes | None = ask(session, _WAITING, {"number": seq}).scalar()
    return found


def run_out(session: Session, seq: int, asking: bytes | None = None) -> bool:
    """A pending command has been run: its words are not needed any more, but for what third
    parties are still to be asked for it. False where it had been run before.
    """
    state = InboxState.DONE if asking is None else InboxState.ASKING
    values = {"number": seq, "to": state, "kept": asking}
    return ask(session, _RUN_OUT, values).first() is not None


def asking(session: Session, seq: int) -> bytes | None:
    """What third parties are asked for a command; None where they have answered."""
    found: bytes | None = ask(session, _ASKING, {"number": seq}).scalar()
    return found


def asked_out(session: Session, seq: int) -> bool:
    """Third parties have answered; False where they had before."""
    return ask(session, _ASKED_OUT, {"number": seq}).first() is not None


def left(session: Session, state: InboxState) -> list[int]:
    """What an earlier run left in a state, in its order."""
    rows = session.connection().execute(_LEFT[state])
    return [int(number) for number in rows.scalars()]


def _insert_once(insert: Callable[..., Any]) -> ClauseElement:
    statement: ClauseElement = (
        insert(Inbox)
        .on_conflict_do_nothing(index_elements=["room", "kind", "message", "version"])
        .returning(Inbox.seq)
    )
    return statement


def _upsert_mark(insert: Callable[..., Any]) -> ClauseElement:
    draft = insert(tables.Mark)
    statement: ClauseElement = draft.on_conflict_do_update(
        index_elements=["scope"], set_={"position": draft.excluded.position}
    )
    return statement


_WAITING = select(Inbox.content).where(
    Inbox.seq == bindparam("number"), Inbox.state == InboxState.PENDING
)
_RUN_OUT: ClauseElement = (
    update(Inbox)
    .where(Inbox.seq == bindparam("number"), Inbox.state == InboxState.PENDING)
    .values(state=bindparam("to"), content=bindparam("kept"))
    .returning(Inbox.seq)
)
_IS_ASKING = (Inbox.seq == bindparam("number"), Inbox.state == InboxState.ASKING)
_ASKING = select(Inbox.content).where(*_IS_ASKING)
_ASKED_OUT: ClauseElement = (
    update(Inbox)
    .where(*_IS_ASKING)
    .values(state=InboxState.DONE, content=None)
    .returning(Inbox.seq)
)
_LEFT = {
    state: select(Inbox.seq).where(Inbox.state == literal_column(f"'{state}'")).order_by(Inbox.seq)
    for state in (InboxState.PENDING, InboxState.ASKING)
}
"""The states stand in the statements, so that an index of their rows alone is used."""
_DIALECTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_INSERT = {name: _insert_once(insert) for name, insert in _DIALECTS.items()}
_MARK = {name: _upsert_mark(insert) for name, insert in _DIALECTS.items()}
