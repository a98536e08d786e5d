"""Texts go after their time, links after theirs; what is still on its way stays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.delivery import inbox, outbox
from bot.delivery.outbox import Delivered
from bot.delivery.retention import sweep
from bot.events import (
    Author,
    DeliveryId,
    MessageId,
    MessagePosted,
    Outgoing,
    PersonId,
    Post,
    RoomId,
)
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Inbox, Message, Outbox
from tests.clock import Clock

ROOM, OTHER = RoomId("fake:far/r1"), RoomId("fake:far/r2")
WEEK, YEAR = timedelta(days=7), timedelta(days=400)


def relay(database: Database, clock: Clock, name: str, *, delivered: bool = True) -> None:
    author = Author(PersonId("fake:far/ada"), "Ada")
    event = MessagePosted(ROOM, MessageId(name), author, say("secret"), clock())

    def work(session: Session) -> None:
        inbox.first_seen(session, ROOM, "message", name, now=clock())
        number = links.remember(session, event, "c", clock())
        post = Outgoing(OTHER, Post(event.body, author), source=number)
        outbox.put(session, [post], clock())
        key = session.execute(select(Outbox.id).order_by(Outbox.seq.desc()).limit(1)).scalar_one()
        if delivered:
            outbox.settle(
                session, Delivered(DeliveryId(key), MessageId(f"copy of {name}")), clock()
            )

    database.run_now(work)


def counts(database: Database) -> tuple[int, ...]:
    """Texts, deliveries, messages, things seen."""
    counted = [
        select(func.count()).where(Outbox.content.is_not(None)),
        *(select(func.count()).select_from(table) for table in (Outbox, Message, Inbox)),
    ]
    return database.read_now(lambda s: tuple(s.execute(each).scalar_one() for each in counted))


def test_texts_and_links_go_after_their_time(database: Database, clock: Clock) -> None:
    def swept() -> tuple[int, ...]:
        asyncio.run(sweep(database, clock(), payloads=WEEK, links=YEAR))
        return counts(database)

    relay(database, clock, "landed")
    relay(database, clock, "waiting", delivered=False)
    assert swept() == (2, 2, 2, 2)
    clock.advance(WEEK.total_seconds() + 1)
    assert swept() == (1, 2, 2, 2)
    clock.advance(YEAR.total_seconds())
    assert swept() == (1, 1, 1, 0)


def test_more_than_one_batch_goes_in_one_sweep(sqlite: Database, clock: Clock) -> None:
    for number in range(3):
        relay(sqlite, clock, f"m{number}")

    def multiply(session: Session) -> None:
        for number in range(1200):
            inbox.first_seen(session, ROOM, "message", f"n{number}", now=clock())

    sqlite.run_now(multiply)
    clock.advance(YEAR.total_seconds() + 1)
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert counts(sqlite) == (0, 0, 0, 0)
