"""Where what a delivery is about lies in its room: looked up when its turn comes.

Everything that was said before went through the same lane, and is settled by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge.links import COPIES
from bot.events import (
    Content,
    Delete,
    DeliveryId,
    Edit,
    MessageId,
    Post,
    React,
    RoomId,
    Share,
    Unreact,
)
from bot.richtext import RichText
from bot.store import emptying
from bot.store.prepared import ask
from bot.store.tables import Message, Outbox, State

_decoder = msgspec.json.Decoder(Content)


def aimed(session: Session, row: Row[Any], content: Content) -> Content | None:
    """The content with the ids that messages have in this room, None where there is no such
    message (any more).
    """
    if isinstance(content, React | Unreact) and content.on and not content.message:
        landed = ask(session, _LANDED, {"key": content.on}).scalar()
        return None if landed is None else replace(content, message=MessageId(landed))
    if isinstance(content, Edit | Delete) and content.made and not content.message:
        own = ask(session, _STANDING, {"key": content.made}).scalar()
        return None if own is None else replace(content, message=MessageId(own))
    if row.about is None and row.thread is None:
        return content
    match content:
        case Post():
            return _post(session, row, content)
        case Share(thread=None) if row.thread is not None:
            return replace(content, thread=_root(session, row))
        case Edit(message=""):
            return _edit(session, row, content)
        case Delete(message=""):
            part = _part(session, row)
            return None if part is None else replace(content, message=part.message, made=part.id)
        case React(message="") | Unreact(message=""):
            return _reaction(session, row, content)
        case _:
            return content


def take_away(session: Session, row: Row[Any], now: datetime) -> None:
    """The part that a deletion is about is nothing any more that can be edited or answered, and
    what it said is not kept.
    """
    earlier = (Outbox.room == row.room, Outbox.part == row.part, Outbox.seq < row.seq)
    copy = (Outbox.source == row.about, Outbox.kind.in_(COPIES), *earlier)
    connection = session.connection()
    connection.execute(update(Outbox).where(*copy).values(gone=now, content=None))
    edits = (Outbox.about == row.about, Outbox.kind == "edit", *earlier)
    connection.execute(update(Outbox).where(*edits).values(content=None))
    emptying.note(session)


@dataclass(frozen=True, slots=True)
class _Part:
    id: DeliveryId
    message: MessageId
    content: bytes | None


def _post(session: Session, row: Row[Any], content: Post) -> Post:
    if content.thread is None and row.thread is not None:
        content = replace(content, thread=_root(session, row))
    if content.reply_to is None and row.about is not None:
        content = replace(content, reply_to=_first(session, row))
    if content.headed and (content.thread or content.reply_to):
        content = replace(content, body=_headless(content.body), headed=False)
    return content


def _edit(session: Session, row: Row[Any], content: Edit) -> Edit | None:
    part = _part(session, row)
    if part is None:
        return None
    held = None if part.content is None else _decoder.decode(part.content)
    if content.headed and not (isinstance(held, Post) and held.headed):
        content = replace(content, body=_headless(content.body), headed=False)
    return replace(content, message=part.message, made=part.id)


def _headless(body: RichText) -> RichText:
    return RichText(body.blocks[1:])


def _reaction(session: Session, row: Row[Any], content: React | Unreact) -> Content | None:
    message = _first(session, row)
    if message is None:
        return None
    content = replace(content, message=message)
    if isinstance(content, Unreact):
        where = {**_where(row), "emoji": row.emoji}
        made = ask(session, _REACTED, where).first()
        if made is None:
            return None  # ours never landed there
        return replace(content, reaction=made.landed)
    return content


def _part(session: Session, row: Row[Any]) -> _Part | None:
    """The part of the same number, as it was made last."""
    where = {**_where(row), "part": row.part}
    made = ask(session, _SAME_PART, where).first()
    if made is None or made.landed is None or made.gone is not None:
        return None
    return _Part(made.id, MessageId(made.landed), made.content)


def _first(session: Session, row: Row[Any]) -> MessageId | None:
    """The message that a delivery is about, or the first part that its room has of it."""
    home = _at_home(session, row.about, row.room)
    if home is not None:
        return None if home.deleted else MessageId(home.message)
    landed = ask(session, _FIRST, _where(row)).scalar()
    return None if landed is None else MessageId(landed)


def _root(session: Session, row: Row[Any]) -> MessageId | None:
    """Where a thread's root lies in a room: itself, its copy (taken back or not: the thread is
    still there), or else the first message of the thread that came over without it.
    """
    home = _at_home(session, row.thread, row.room)
    if home is not None:
        return MessageId(home.message)
    where = {"number": row.thread, "room": row.room, "seq": row.seq}
    landed = ask(session, _ROOT, where).scalar()
    if landed is None:
        landed = ask(session, _STARTED, where).scalar()
    return None if landed is None else MessageId(landed)


def _at_home(session: Session, number: int, room: RoomId) -> Any:
    """The message itself, in the room where it was said."""
    where = {"number": number, "room": room}
    return ask(session, _AT_HOME, where).first()


def _where(row: Row[Any]) -> dict[str, Any]:
    return {"number": row.about, "room": row.room, "seq": row.seq}


_LANDED = select(Outbox.landed).where(Outbox.id == bindparam("key"))
_STANDING = _LANDED.where(Outbox.gone.is_(None))
_AT_HOME = select(Message.message, Message.deleted).where(
    Message.id == bindparam("number"), Message.room == bindparam("room")
)
_EARLIER = (Outbox.room == bindparam("room"), Outbox.seq < bindparam("seq"))
_COPY = (Outbox.source == bindparam("number"), Outbox.kind.in_(COPIES), *_EARLIER)
_SAME_PART = (
    select(Outbox.id, Outbox.landed, Outbox.content, Outbox.gone)
    .where(*_COPY, Outbox.part == bindparam("part"))
    .order_by(Outbox.seq.desc())
    .limit(1)
)
_FIRST = (
    select(Outbox.landed)
    .where(*_COPY, Outbox.landed.is_not(None), Outbox.gone.is_(None))
    .order_by(Outbox.part, Outbox.seq.desc())
    .limit(1)
)
_ROOT = (
    select(Outbox.landed)
    .where(*_COPY, Outbox.landed.is_not(None))
    .order_by(Outbox.gone.is_not(None), Outbox.part, Outbox.seq.desc())
    .limit(1)
)
_STARTED = (
    select(Outbox.landed)
    .where(Outbox.thread == bindparam("number"), *_EARLIER, Outbox.landed.is_not(None))
    .order_by(Outbox.seq)
    .limit(1)
)
_REACTED = (
    select(Outbox.landed)
    .where(
        Outbox.about == bindparam("number"), Outbox.kind == "react", *_EARLIER,
        Outbox.emoji == bindparam("emoji"), Outbox.state == State.DELIVERED,
    )
    .order_by(Outbox.seq.desc())
    .limit(1)
)  # fmt: skip
