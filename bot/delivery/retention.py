"""Erasing what is no longer needed: texts after `payloads`, links after `links`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.tables import Inbox, InboxState, Message, Outbox, Reaction, State

_ROWS = 500
_PAUSE = 0.005
"""Seconds between batches, so that the relay's commits do not wait behind the bulk."""
_FINAL = (State.DELIVERED, State.DEAD)


async def sweep(
    database: Database, now: datetime, *, payloads: timedelta, links: timedelta
) -> None:
    """Erase what has had its time, a few hundred rows a transaction.

    A dead delivery keeps its text as long as a delivered one: it can be retried that long.
    """
    for step in (
        lambda session: _erase_texts(session, now - payloads),
        lambda session: _forget(session, Outbox, _finished_before(now - links)),
        lambda session: _forget(session, Reaction, Reaction.said < now - links),
        lambda session: _forget(session, Message, _unlinked_before(now - links)),
        lambda session: _forget(session, Inbox, _done_before(now - links)),
    ):
        await _repeat(database, step)


async def _repeat(database: Database, step: Callable[[Session], int]) -> None:
    while await database.run(step) == _ROWS:  # noqa: ASYNC110  a pause for others, not a wait
        await asyncio.sleep(_PAUSE)


def _erase_texts(session: Session, before: datetime) -> int:
    some = (
        select(Outbox.seq)
        .where(Outbox.finished < before, Outbox.content.is_not(None), Outbox.state.in_(_FINAL))
        .limit(_ROWS)
    )
    rows = list(session.execute(some).scalars())
    session.execute(update(Outbox).where(Outbox.seq.in_(rows)).values(content=None))
    return len(rows)


def _finished_before(before: datetime) -> ColumnElement[bool]:
    return (Outbox.finished < before) & Outbox.state.in_(_FINAL)


def _unlinked_before(before: datetime) -> ColumnElement[bool]:
    return (
        (Message.received < before)
        & ~exists().where(
            (Outbox.source == Message.id)
            | (Outbox.thread == Message.id)
            | (Outbox.about == Message.id)
        )
        & ~exists().where(Reaction.message == Message.id)
    )


def _done_before(before: datetime) -> ColumnElement[bool]:
    return (Inbox.received < before) & (Inbox.state != InboxState.PENDING)


def _forget(
    session: Session,
    table: type[Outbox | Message | Inbox | Reaction],
    which: ColumnElement[bool],
) -> int:
    key = table.seq if table in (Outbox, Inbox) else table.id  # type: ignore[union-attr]  # as asked
    rows = list(session.execute(select(key).where(which).limit(_ROWS)).scalars())
    session.execute(delete(table).where(key.in_(rows)))
    return len(rows)
