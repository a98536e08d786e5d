"""What a network may ask of what was taken in: `bot.platforms.base.Recollection`, on the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.bridge.links import COPIES
from bot.events import MessageId, RoomId
from bot.store.patience import Units
from bot.store.tables import Inbox, Message, Outbox

_MOST = 500
"""Threads of a room that are told of, of each kind: those with the newest answers."""


class StoredRecollection:
    """Answers from the store, by reading alone."""

    def __init__(self, database: Units) -> None:
        self._database = database

    async def unseen(self, room: RoomId, messages: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of the messages that were not taken in yet."""
        if not messages:
            return frozenset()
        taken = select(Inbox.message).where(
            Inbox.room == room, Inbox.kind == "message", Inbox.message.in_(messages)
        )
        seen = await self._database.read(lambda session: set(session.execute(taken).scalars()))
        return frozenset(messages) - seen

    async def threads(self, room: RoomId, since: MessageId) -> Mapping[MessageId, MessageId]:
        """The roots of the threads in which anything after `since` is known, and the newest."""
        return await self._database.read(lambda session: threads(session, room, since))


def threads(session: Session, room: RoomId, since: MessageId) -> dict[MessageId, MessageId]:
    """As `StoredRecollection.threads`: answers that were said there, and those that we brought."""
    newest: dict[MessageId, MessageId] = {}
    told = [*_said(session, room, since), *_brought(session, room, since)]
    for root, answer in told:
        newest[root] = max(newest.get(root, answer), answer)
    return newest


def _said(session: Session, room: RoomId, since: MessageId) -> list[tuple[MessageId, MessageId]]:
    answers = (
        select(Message.thread, func.max(Message.message).label("newest"))
        .where(Message.room == room, Message.message > since, Message.thread.is_not(None))
        .group_by(Message.thread)
        .order_by(func.max(Message.message).desc())
        .limit(_MOST)
    )
    rows = session.execute(answers)
    return [(MessageId(row.thread), MessageId(row.newest)) for row in rows]


def _brought(session: Session, room: RoomId, since: MessageId) -> list[tuple[MessageId, MessageId]]:
    root: Any = func.coalesce(Outbox.thread, Outbox.about).label("root")
    answers = (
        select(root, func.max(Outbox.landed).label("newest"))
        .where(
            Outbox.room == room, Outbox.landed > since, Outbox.kind.in_(COPIES), root.is_not(None)
        )
        .group_by(root)
        .order_by(func.max(Outbox.landed).desc())
        .limit(_MOST)
    )  # fmt: skip
    newest = {row.root: MessageId(row.newest) for row in session.execute(answers)}
    home = select(Message.id, Message.message).where(Message.id.in_(newest), Message.room == room)
    copied = (
        select(Outbox.source, func.min(Outbox.landed))
        .where(Outbox.source.in_(newest), Outbox.room == room, Outbox.kind.in_(COPIES))
        .group_by(Outbox.source)
    )
    roots = [*session.execute(copied), *session.execute(home)]
    return [(MessageId(message), newest[number]) for number, message in roots if message]
