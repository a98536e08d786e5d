"""Which message is a copy of which: what threads, edits and deletions hang on.

A message that people said is a row in `message`; its copies are the outbox rows that name it as
their source, each with the id where it landed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Update, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.custody.effective import columns_of, marked_of
from bot.events import MessageEdited, MessageId, MessagePosted, RoomId
from bot.store.prepared import ask
from bot.store.tables import Knowledge, Message, Outbox

Columns = Mapping[str, object]
COPIES = ("post", "share")
"""Kinds of deliveries that are a copy of something, or a part of one."""


def remember(
    session: Session, event: MessagePosted, channel: str, now: datetime, marked: Columns
) -> int | None:
    """Write down a message that is about to be relayed; its number, None if it has one already.
    `marked`: how it is marked, and what it hangs on.
    """
    values = {
        **_of(event.room, event.message, channel, now),
        "author": event.author.person,
        "said": event.said,
        "thread": event.thread,
        "known": Knowledge.SAID,
        "version": event.version or None,
        "deleted": None,
        **marked,
    }
    return _insert(session, values)


def name(session: Session, room: RoomId, message: MessageId, channel: str, now: datetime) -> int:
    """The number of what a room shows under this id; one is given to what nobody has told us of,
    and to a post of the bot's own, which marks what hangs on it too.
    """
    number = origin(session, room, message)
    if number is not None:
        return number
    values = {
        **_of(room, message, channel, now),
        "author": "",
        "said": now,
        "thread": None,
        "known": Knowledge.NAMED,
        "version": None,
        "deleted": None,
        **_as_posted(session, room, message),
    }
    made = _insert(session, values)
    assert made is not None, "one transaction writes at a time, or it is run again"
    return made


def stand_in(
    session: Session, event: MessageEdited, channel: str, now: datetime, marked: Columns
) -> int | None:
    """Write down a message of which only an edit is known; None if there is a row already."""
    values = {
        **_of(event.room, event.message, channel, now),
        "author": event.author.person,
        "said": event.said,
        "thread": None,
        "known": Knowledge.EDITED,
        "version": event.version,
        "deleted": None,
        **marked,
    }
    return _insert(session, values)


def tell(
    session: Session, event: MessagePosted, channel: str, now: datetime, marked: Columns
) -> None:
    """Write down a message that history alone tells of, for a room that asked for it."""
    values = {
        "author": event.author.person,
        "said": event.said,
        "thread": event.thread,
        "known": Knowledge.TOLD,
        "version": event.version or None,
        **marked,
    }
    number = name(session, event.room, event.message, channel, now)
    change(session, number, **values)


def change(session: Session, number: int, **values: object) -> None:
    """Other values for a message's row."""
    ask(session, _change(tuple(sorted(values))), {"number": number, **values})


def said_here(session: Session, room: RoomId, message: MessageId) -> Any:
    """The row of a message that was said in this room, None where none is."""
    where = {"room": room, "message": message}
    return ask(session, _SAID_HERE, where).first()


def row_of(session: Session, number: int) -> Any:
    """A message's row, by its number; None where there is none."""
    return ask(session, _ROW, {"number": number}).first()


def copied_here(session: Session, room: RoomId, message: MessageId) -> Any:
    """The message of ours that landed in a room under this id (`seq`, `source`, `matter`)."""
    where = {"room": room, "message": message}
    return ask(session, _COPIED_HERE, where).first()


def is_ours(session: Session, room: RoomId, message: MessageId) -> bool:
    """Whether anything of ours has this id in a room, be it an edit or a reaction."""
    landed = (Outbox.room == room, Outbox.landed == message)
    return session.execute(select(Outbox.seq).where(*landed).limit(1)).first() is not None


def origin(session: Session, room: RoomId, message: MessageId) -> int | None:
    """The number of the message that is seen in a room under this id, said there or copied."""
    said = said_here(session, room, message)
    if said is not None and said.known != Knowledge.NAMED:
        return int(said.id)
    copied = copied_here(session, room, message)
    if copied is not None and copied.source is not None:
        return int(copied.source)
    return None if said is None else int(said.id)


def _as_posted(session: Session, room: RoomId, message: MessageId) -> dict[str, object]:
    """How a post of ours that is a copy of nothing is marked: an advisory, a proposal."""
    post = copied_here(session, room, message)
    return {} if post is None or post.matter is None else columns_of(marked_of(post.matter))


def _of(room: RoomId, message: MessageId, channel: str, now: datetime) -> dict[str, object]:
    return {"room": room, "message": message, "channel": channel, "received": now}


def _insert(session: Session, values: dict[str, object]) -> int | None:
    statement = _REMEMBER[session.get_bind().dialect.name]
    found: int | None = ask(session, statement, values).scalar()
    return found


@lru_cache(maxsize=32)
def _change(names: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(Message).where(Message.id == bindparam("number")).values(values)


def _once(insert: Callable[..., Any]) -> ClauseElement:
    statement: ClauseElement = (
        insert(Message)
        .on_conflict_do_nothing(index_elements=["room", "message"])
        .returning(Message.id)
    )
    return statement


_REMEMBER = {"sqlite": _once(sqlite.insert), "postgresql": _once(postgresql.insert)}
_SAID_HERE = select(*Message.__table__.columns).where(
    Message.room == bindparam("room"), Message.message == bindparam("message")
)
_ROW = select(*Message.__table__.columns).where(Message.id == bindparam("number"))
_COPIED_HERE = (
    select(Outbox.seq, Outbox.source, Outbox.matter)
    .where(
        Outbox.room == bindparam("room"), Outbox.landed == bindparam("message"),
        Outbox.kind.in_(COPIES),
    )
    .order_by(Outbox.seq.desc())
    .limit(1)
)  # fmt: skip
