"""Heads of the audit chain, told to rooms each day: whoever keeps them can show a cut or rewritten
chain to be one.

A head is told at `HOUR`, changed or not, once a day; days on which the bot was away are made good
by one. A new store begins with the next.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.custody import sealing
from bot.custody.audit import BOT, Act, Action, named, record
from bot.events import RoomId
from bot.store.tables import Mark, Outbox, State

HOUR = timedelta(hours=6)
"""Of the day, in UTC."""
_SCOPE = "audit heads"
"""Its row in `mark`."""


class Head(msgspec.Struct, frozen=True):
    """A head that was told: the chain's length then, its last hash in hex, and the deliveries."""

    number: int
    hash: str
    deliveries: tuple[str, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    """The day that was last told of; the newest head, and the newest that has landed."""

    day: date
    heads: tuple[Head, ...] = ()


def is_due(session: Session, now: datetime) -> bool:
    """Whether the day's head is still to be told."""
    told = _told(session)
    return told is None or told.day < _day(now)


def next_head(session: Session, now: datetime) -> Head | None:
    """The head to tell now, written down as told; None where there is nothing to tell. Its posts
    are to be written in the same transaction, and then `told_by` them.
    """
    told, (number, own) = _told(session), sealing.end(session)
    if told is not None and (told.day >= _day(now) or not number):
        return None
    earlier = () if told is None else [each for each in told.heads if landed(session, each)][:1]
    if told is None:
        _keep(session, _Told(_day(now)))
        return None
    head = Head(number, own.hex())
    _keep(session, _Told(_day(now), (head, *earlier)))
    record(session, Act(BOT, None, Action.HEAD, named("head", number, own.hex())), now)
    return head


def told_by(session: Session, rooms: Collection[RoomId]) -> None:
    """The newest delivery of each of these rooms' lanes carries the newest head."""
    told = _told(session)
    assert told is not None, "next_head has written it"
    newest = select(func.max(Outbox.seq)).where(Outbox.lane.in_(rooms)).group_by(Outbox.lane)
    ids = session.execute(select(Outbox.id).where(Outbox.seq.in_(newest))).scalars()
    head = msgspec.structs.replace(told.heads[0], deliveries=tuple(ids))
    _keep(session, _Told(told.day, (head, *told.heads[1:])))


def told_heads(session: Session) -> Sequence[Head]:
    """The heads that are remembered, the newest first."""
    told = _told(session)
    return () if told is None else told.heads


def landed(session: Session, head: Head) -> bool:
    """Whether a head has landed in any room: only then somebody else has seen it."""
    where = (Outbox.id.in_(head.deliveries), Outbox.state == State.DELIVERED)
    return session.execute(select(Outbox.seq).where(*where).limit(1)).first() is not None


def _day(now: datetime) -> date:
    """The day whose head is the newest that is due."""
    return (now - HOUR).date()


def _told(session: Session) -> _Told | None:
    found = session.execute(select(Mark.position).where(Mark.scope == _SCOPE)).scalar()
    return None if found is None else msgspec.json.decode(found, type=_Told)


def _keep(session: Session, told: _Told) -> None:
    session.merge(Mark(scope=_SCOPE, position=msgspec.json.encode(told).decode()))
    session.flush()
