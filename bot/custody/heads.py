"""Heads of the audit and of each series' ledger, told to rooms each day: whoever keeps them can
show a cut or rewritten chain to be one.

A head is told at `HOUR`, changed or not, once a day; days on which the bot was away are made good
by one. A new store begins with the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.audit import BOT, Act, Action, named, record
from bot.custody.identifying import derived
from bot.events import DeliveryId
from bot.store.tables import Mark, Outbox, State

HOUR = timedelta(hours=6)
"""Of the day, in UTC."""
AUDIT = "audit"
"""The audit's chain; others are called as their series."""


class Head(msgspec.Struct, frozen=True):
    """A head that was told: the chain's length then, its last hash in hex, and the deliveries."""

    number: int
    hash: str
    deliveries: tuple[str, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    """The day that was last told of; the newest head, and the newest that has landed."""

    day: date
    heads: tuple[Head, ...] = ()


def is_due(session: Session, now: datetime, chain: str = AUDIT) -> bool:
    """Whether the day's head is still to be told."""
    told = _told(session, chain)
    return told is None or told.day < day_of(now)


def next_head(
    session: Session, now: datetime, end: tuple[int, bytes], chain: str = AUDIT
) -> Head | None:
    """The head to tell now, written down as told; None where there is nothing to tell. `end`: how
    long the chain is, and its last hash. Its posts are to be written in the same transaction, and
    then `told_by` them.
    """
    told, (number, own) = _told(session, chain), end
    if told is not None and (told.day >= day_of(now) or not number):
        return None
    earlier = () if told is None else [each for each in told.heads if landed(session, each)][:1]
    if told is None:
        _keep(session, chain, _Told(day_of(now)))
        return None
    head = Head(number, own.hex())
    _keep(session, chain, _Told(day_of(now), (head, *earlier)))
    record(session, Act(BOT, None, Action.HEAD, named("head", *_of(chain), number, own.hex())), now)
    return head


def told_by(session: Session, deliveries: Iterable[str], chain: str = AUDIT) -> None:
    """These deliveries carry the newest head."""
    told = _told(session, chain)
    assert told is not None, "next_head has written it"
    head = msgspec.structs.replace(told.heads[0], deliveries=tuple(deliveries))
    _keep(session, chain, _Told(told.day, (head, *told.heads[1:])))


def head_id(session: Session, now: datetime, room: str, chain: str = AUDIT) -> DeliveryId:
    """The id of the post that tells a room the head of the day."""
    return derived(session, "head", chain, day_of(now), room)


def found(
    session: Session,
    chain: str,
    posts: Iterable[tuple[str, str, datetime, str]],
    since: datetime,
    now: datetime,
) -> Head | None:
    """After a restore: the newest head of a chain among posts that were met in rooms (delivery,
    room, when, and the hash with the length), written down as told; None where there is none.
    """
    days = [since + timedelta(days=each) for each in range((now - since).days + 2)]
    told = _told(session, chain)
    heads: dict[date, Head] = {}
    for delivery, room, said, words in posts:
        if any(delivery == head_id(session, day, room, chain) for day in days):
            own, _, number = words.partition(" ")
            head = heads.get(day_of(said), Head(int(number), own))
            heads[day_of(said)] = structs.replace(head, deliveries=(*head.deliveries, delivery))
    if not heads:
        return None
    day = max(heads)
    earlier = () if told is None else told.heads[:1]
    _keep(session, chain, _Told(day, (heads[day], *earlier)))
    return heads[day]


def told_heads(session: Session, chain: str = AUDIT) -> Sequence[Head]:
    """The heads that are remembered, the newest first."""
    told = _told(session, chain)
    return () if told is None else told.heads


def landed(session: Session, head: Head) -> bool:
    """Whether a head has landed in any room: only then somebody else has seen it."""
    where = (Outbox.id.in_(head.deliveries), Outbox.state == State.DELIVERED)
    return session.execute(select(Outbox.seq).where(*where).limit(1)).first() is not None


def day_of(now: datetime) -> date:
    """The day whose head is the newest that is due."""
    return (now - HOUR).date()


def _of(chain: str) -> tuple[str, ...]:
    return () if chain == AUDIT else (chain,)


def _scope(chain: str) -> str:
    """Its row in `mark`."""
    return "audit heads" if chain == AUDIT else f"heads of {chain}"


def _told(session: Session, chain: str) -> _Told | None:
    found = session.execute(select(Mark.position).where(Mark.scope == _scope(chain))).scalar()
    return None if found is None else msgspec.json.decode(found, type=_Told)


def _keep(session: Session, chain: str, told: _Told) -> None:
    session.merge(Mark(scope=_scope(chain), position=msgspec.json.encode(told).decode()))
    session.flush()
