"""Erasing what is no longer needed: texts after `payloads`, links after `links`.

The audit is never erased, and of what is under a legal hold nothing is (`bot.custody.holding`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from sqlalchemy import (
    ColumnElement,
    Update,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from bot.advisories import writing
from bot.bridge import recognised
from bot.custody import holding
from bot.custody.consent import Kind
from bot.custody.holding import Holds
from bot.delivery.forgetting import forget_calls
from bot.events import RoomId
from bot.platforms.base import DELIVERY_KEY
from bot.store.database import Database
from bot.store.tables import (
    Inbox,
    InboxState,
    LinkCode,
    Memory,
    Message,
    Offer,
    Outbox,
    Quotation,
    Reaction,
    Request,
    Roster,
    State,
    Warned,
)

_ROWS = 500
_PAUSE = 0.005
"""Seconds between batches, so that the relay's commits do not wait behind the bulk."""
_HANGING = aliased(Message)
_FINAL = (State.DELIVERED, State.DEAD)
_OF_A_MESSAGE = ("post", "share", "edit")
_CODES = timedelta(days=1)
"""How long a code for linking is kept when nobody can type it any more."""
_NONE: Mapping[str, Sequence[RoomId]] = MappingProxyType({})


async def sweep(
    database: Database,
    now: datetime,
    *,
    payloads: timedelta,
    links: timedelta,
    rooms: Mapping[str, Sequence[RoomId]] = _NONE,
) -> None:
    """Erase what has had its time, a few hundred rows a transaction. `rooms`: of each channel.

    A dead delivery keeps its text as long as a delivered one: it can be retried that long.
    """
    held = _Held(await database.read(holding.standing), rooms)
    before = now - links
    await _erase_texts(database, now - payloads, held)
    await database.run(lambda session: recognised.forget(session, now - payloads))
    await database.run(lambda session: writing.forget_old(session, now))
    for step in (
        _forget_notes,
        lambda session: _forget(session, Outbox, _finished_before(before) & held.free(Outbox)),
        _forget_controls,
        lambda session: forget_calls(session, now, _ROWS),
        lambda session: _forget(
            session, Reaction, (Reaction.said < before) & ~held.is_of(Reaction.message)
        ),
        lambda session: _forget(
            session, Message, _unlinked_before(before) & ~held.is_of(Message.id)
        ),
        lambda session: _forget(session, Inbox, _done_before(before)),
        lambda session: _forget(session, Roster, (Roster.until < before) & held.nothing),
        lambda session: _forget(session, Request, _closed_before(before) & held.nothing),
        lambda session: _forget_codes(session, now),
    ):
        await _repeat(database, step)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is under a legal hold, as conditions."""

    holds: Holds
    rooms: Mapping[str, Sequence[RoomId]]

    @property
    def nothing(self) -> ColumnElement[bool]:
        """Whether nothing at all is held: who could read what is, is kept too."""
        return false() if self.holds else true()

    def is_of(
        self, number: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
    ) -> ColumnElement[bool]:
        """Whether a message is held, or of a channel that is."""
        if not self.holds:
            return false()
        said = select(Message.id).where(Message.channel.in_(self.holds.channels))
        return number.in_(self.holds.messages) | number.in_(said)

    def free(self, table: type[Outbox]) -> ColumnElement[bool]:
        """Whether a delivery is about nothing that is held, and goes to no room of it."""
        if not self.holds:
            return true()
        there = [room for name in self.holds.channels for room in self.rooms.get(name, ())]
        held = (
            table.room.in_(there)
            | func.coalesce(self.is_of(table.source), false())
            | func.coalesce(self.is_of(table.about), false())
        )
        return ~held


async def _repeat(database: Database, step: Callable[[Session], int]) -> None:
    while await database.run(step) == _ROWS:  # noqa: ASYNC110  a pause for others, not a wait
        await asyncio.sleep(_PAUSE)


async def _erase_texts(database: Database, before: datetime, held: _Held) -> None:
    """Erase the texts of messages all of whose deliveries have been final for so long. What has
    had its time is looked for beside those who write.
    """
    other, number = aliased(Outbox), func.coalesce(Outbox.source, Outbox.about)
    needed = exists().where(
        or_(other.source == number, other.about == number),
        other.kind.in_(_OF_A_MESSAGE),
        or_(other.finished.is_(None), other.finished >= before),
    )
    some = select(Outbox.seq).where(
        Outbox.finished < before, Outbox.content.is_not(None), Outbox.state.in_(_FINAL),
        ~needed, held.free(Outbox),
    ).limit(_ROWS)  # fmt: skip
    while rows := await database.read(lambda session: list(session.execute(some).scalars())):
        erased = update(Outbox).where(Outbox.seq.in_(rows), Outbox.state.in_(_FINAL))
        await database.run(partial(_carry_out, erased.values(content=None)))
        if len(rows) < _ROWS:
            return
        await asyncio.sleep(_PAUSE)


def _carry_out(statement: Update, session: Session) -> None:
    session.execute(statement)


def _forget_controls(session: Session) -> int:
    """What could be pressed on messages that are not known any more."""
    gone = ~exists().where(Outbox.id == Offer.delivery)
    keys = set(
        session.execute(select(Offer.delivery).where(gone).distinct().limit(_ROWS)).scalars()
    )
    session.execute(delete(Offer).where(Offer.delivery.in_(keys)))
    return len(keys)


def _forget_notes(session: Session) -> int:
    """What networks kept of deliveries that are gone (see `bot.platforms.base.of_delivery`)."""
    key = func.substr(Memory.key, len(DELIVERY_KEY) + 1)
    gone = (Memory.key.startswith(DELIVERY_KEY), ~exists().where(Outbox.id == key))
    rows = session.execute(select(Memory.account, Memory.key).where(*gone).limit(_ROWS)).all()
    for account, kept in rows:
        session.execute(delete(Memory).where(Memory.account == account, Memory.key == kept))
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
        & ~exists().where(Warned.message == Message.id)
        # What hangs on it is marked by it.
        & ~exists().where(_HANGING.root == Message.id)
        & ~exists().where(_HANGING.answers == Message.id)
        & ~exists().where(Quotation.quoted == Message.id)
    )


def _closed_before(before: datetime) -> ColumnElement[bool]:
    """Requests that nothing waits for; a second step is over after minutes, closed or not."""
    return (Request.created < before) & (Request.closed.is_not(None) | (Request.kind == Kind.STEP))


def _forget_codes(session: Session, now: datetime) -> int:
    """Codes for linking that nobody can type any more, and tries that are not counted any more."""
    old = now - _CODES
    over = or_(LinkCode.expires.is_(None), LinkCode.expires < old)
    tried = or_(LinkCode.tried.is_(None), LinkCode.tried < old)
    rows = list(session.execute(select(LinkCode.person).where(over, tried).limit(_ROWS)).scalars())
    session.execute(delete(LinkCode).where(LinkCode.person.in_(rows)))
    return len(rows)


def _done_before(before: datetime) -> ColumnElement[bool]:
    return (Inbox.received < before) & (Inbox.state != InboxState.PENDING)


def _forget(
    session: Session,
    table: type[Outbox | Message | Inbox | Reaction | Roster | Request],
    which: ColumnElement[bool],
) -> int:
    key = table.seq if table in (Outbox, Inbox) else table.id  # type: ignore[union-attr]  # as asked
    rows = list(session.execute(select(key).where(which).limit(_ROWS)).scalars())
    session.execute(delete(table).where(key.in_(rows)))
    return len(rows)
