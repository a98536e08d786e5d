"""What is said waits a while before it leaves, in channels that want it so: its author can undo it.

It waits in its place in the lane, so nothing overtakes it. While nothing of it has left, an edit
changes the words that wait, and a deletion or `undo` takes them away: nobody else ever sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.bridge.copies import TAKEN_BACK
from bot.bridge.links import COPIES
from bot.bridge.places import Scene
from bot.events import (
    Answer,
    Content,
    Control,
    Delete,
    Edit,
    Look,
    MessagePosted,
    Outgoing,
    Post,
    RoomId,
    Share,
)
from bot.richtext import say
from bot.sharing.roles import Role, part_of
from bot.store import emptying
from bot.store.prepared import ask
from bot.store.tables import Message, Outbox, State

DELAYED = "delayed"
"""The reason of what waits so that its author can undo it."""
_BACK = "\N{LEFTWARDS ARROW WITH HOOK}"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Content).decode


def held_back(
    event: MessagePosted, number: int, outgoing: Sequence[Outgoing], scene: Scene, now: datetime
) -> list[Outgoing]:
    """The copies of a new message, as they wait, and what its author is told of that. What was said
    longer ago than that, while the bot was away, does not wait any more.
    """
    delay = scene.channel.delay
    until = min(event.said, now) + delay
    if not outgoing or until <= now:
        return list(outgoing)
    waiting = [replace(each, delayed=until) for each in outgoing]
    who = (event.author.person, event.author.standing)
    part = part_of(scene.custody.markings.directory, [who])
    if event.author.bot or Role.MEMBER not in part.roles:  # a guest may still delete it
        return waiting
    text = scene.words(
        "I pass it on in {n} s. Until then “undo” takes it back.",
        n=max(round((until - now).total_seconds()), 1),
    )
    call = f"undo {event.message}"
    control = Control(scene.words("Undo"), call, _BACK, Look.DANGER, once=True, until=until)
    answer = Answer(event.author.person, say(text), thread=event.thread, controls=(control,))
    return [*waiting, Outgoing(event.room, answer, about=number, expires=until)]


def revised(
    session: Session, number: int, outgoing: Sequence[Outgoing], now: datetime
) -> list[Outgoing]:
    """What is left to do of an edit, where the words that still wait are changed to its own."""
    waiting = {(RoomId(row.room), row.part): row for row in _waiting(session, number)}
    until = {room: row.not_before for (room, _), row in waiting.items()}
    left = []
    for each in outgoing:
        row = waiting.get((each.room, each.part))
        match each.content:
            case Edit() as edit if row is not None and row.kind == "post":
                _rewrite(session, row, edit)
            case Delete() if row is not None:
                _end(session, row.seq, now)
            case Post() | Share() if each.source == number:  # a part more, which waits with them
                left.append(replace(each, delayed=until.get(each.room)))
            case _:
                left.append(each)
    return left


def is_whole(session: Session, number: int) -> bool:
    """Whether a message waits in every room that it is for, and so can be undone."""
    copies = select(Outbox.seq).where(
        Outbox.source == number, Outbox.kind.in_(COPIES), Outbox.state != State.DEAD
    )
    there = set(session.execute(copies).scalars())
    return bool(there) and there == {row.seq for row in _waiting(session, number)}


def newest(session: Session, authors: Sequence[str], room: RoomId | None) -> Message | None:
    """The newest message of somebody: in a room, or, with None, of those that still wait."""
    found = select(Message).where(Message.author.in_(authors))
    if room is None:
        held = select(Outbox.source).where(
            Outbox.state == State.WAITING, Outbox.reason == DELAYED, Outbox.source.is_not(None)
        )
        found = found.where(Message.id.in_(held))
    else:
        found = found.where(Message.room == room)
    return session.execute(found.order_by(Message.id.desc()).limit(1)).scalar_one_or_none()


def _waiting(session: Session, number: int) -> list[Any]:
    return ask(session, _WAITING, {"number": number}).all()


def _rewrite(session: Session, row: Any, edit: Edit) -> None:
    assert row.content is not None, "what waits is kept"
    post = _decode(row.content)
    assert isinstance(post, Post), "a text"
    other = structs.replace(
        post, body=edit.body, author=edit.author, manner=edit.manner, headed=edit.headed,
        labelled=edit.labelled,
    )  # fmt: skip
    where = update(Outbox).where(Outbox.seq == row.seq)
    session.execute(where.values(content=_encode(other)))
    emptying.note(session)


def _end(session: Session, seq: int, now: datetime) -> None:
    ended = {"state": State.DEAD, "reason": TAKEN_BACK, "content": None, "not_before": None}
    session.execute(update(Outbox).where(Outbox.seq == seq).values(**ended, finished=now))
    emptying.note(session)


_WAITING = select(
    Outbox.seq, Outbox.room, Outbox.part, Outbox.kind, Outbox.content, Outbox.not_before
).where(
    Outbox.source == bindparam("number"),
    Outbox.kind.in_(COPIES),
    Outbox.state == State.WAITING,
    Outbox.reason == DELAYED,
)
