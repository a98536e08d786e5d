"""What has arrived: seen once, and how far each source has been read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select, update
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


def run_out(session: Session, seq: int) -> bool:
    """A pending command has been run: its words are not needed any more. False where it had been
    run before.
    """
    return ask(session, _RUN_OUT, {"number": seq}).first() is not None


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
    .values(state=InboxState.DONE, content=None)
    .returning(Inbox.seq)
)
_DIALECTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_INSERT = {name: _insert_once(insert) for name, insert in _DIALECTS.items()}
_MARK = {name: _upsert_mark(insert) for name, insert in _DIALECTS.items()}
