"""Texts go after their time, links after theirs; what is still on its way stays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.bridge import links, quoting
from bot.custody import consent, holding
from bot.custody.audit import Act, Action, record
from bot.delivery import inbox, outbox
from bot.delivery.outcomes import Delivered
from bot.delivery.retention import sweep
from bot.events import (
    AccountId,
    Author,
    DeliveryId,
    MessageId,
    MessagePosted,
    Outgoing,
    PersonId,
    Post,
    RoomId,
)
from bot.platforms.base import of_delivery
from bot.richtext import say
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.tables import Audit, Inbox, LinkCode, Message, Outbox, Quotation, Request
from tests.clock import Clock

ROOM, OTHER = RoomId("fake:far/r1"), RoomId("fake:far/r2")
WEEK, YEAR = timedelta(days=7), timedelta(days=400)


def relay(database: Database, clock: Clock, name: str, *, delivered: bool = True) -> None:
    author = Author(PersonId("fake:far/ada"), "Ada")
    event = MessagePosted(ROOM, MessageId(name), author, say("secret"), clock())

    def work(session: Session) -> None:
        inbox.first_seen(session, ROOM, "message", name, now=clock())
        number = links.remember(session, event, "c", clock(), {})
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


def test_what_a_network_kept_of_a_delivery_goes_with_it(sqlite: Database, clock: Clock) -> None:
    relay(sqlite, clock, "landed")
    (key,) = sqlite.read_now(lambda s: s.execute(select(Outbox.id)).scalars().all())
    memory = StoredMemory(sqlite, AccountId("fake:far"))

    async def scenario() -> None:
        for each in (of_delivery(DeliveryId(key)), of_delivery(DeliveryId("dgone")), "device"):
            await memory.keep(each, "kept")
        for links_last, left in ((YEAR, {key, "device"}), (timedelta(0), {"device"})):
            clock.advance(1.0)
            for _ in range(2):
                await sweep(sqlite, clock(), payloads=WEEK, links=links_last)
            kept = {key: of_delivery(DeliveryId(key)), "gone": of_delivery(DeliveryId("dgone")),
                    "device": "device"}  # fmt: skip
            assert {name for name, each in kept.items() if await memory.recall(each)} == left

    asyncio.run(scenario())


def test_a_root_stays_as_long_as_what_it_marks(database: Database) -> None:
    clock = Clock()
    relay(database, clock, "root")
    clock.advance(timedelta(days=300).total_seconds())
    relay(database, clock, "answer")

    def hang(session: Session) -> None:
        root, answer = session.execute(select(Message).order_by(Message.id)).scalars()
        answer.root = answer.answers = root.id

    database.run_now(hang)
    clock.advance(timedelta(days=200).total_seconds())
    asyncio.run(sweep(database, clock(), payloads=WEEK, links=YEAR))
    assert counts(database)[1:3] == (1, 2)
    clock.advance(timedelta(days=300).total_seconds())
    for _ in range(2):
        asyncio.run(sweep(database, clock(), payloads=WEEK, links=YEAR))
    assert counts(database)[2] == 0


def kept(database: Database) -> int:
    """Texts that are kept."""
    return counts(database)[0]


def test_what_is_shown_goes_after_what_shows_it(database: Database, clock: Clock) -> None:
    relay(database, clock, "shown")
    relay(database, clock, "shows")

    def work(session: Session) -> None:
        shown, shows = session.execute(select(Message.id).order_by(Message.id)).scalars()
        quoting.note(session, shows, [shown])

    database.run_now(work)
    clock.advance(YEAR.total_seconds() + 1)
    for left in (1, 0):
        asyncio.run(sweep(database, clock(), payloads=WEEK, links=YEAR))
        assert counts(database)[2] == left
    kept = select(func.count()).select_from(Quotation)
    assert database.read_now(lambda s: s.execute(kept).scalar_one()) == 0


def test_a_legal_hold_of_a_channel_stops_erasing(sqlite: Database, clock: Clock) -> None:
    relay(sqlite, clock, "landed")
    sqlite.run_now(lambda s: holding.begin(s, holding.Kind.CHANNEL, "c", "fake:far/eve", clock()))
    clock.advance(YEAR.total_seconds() + 1)
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert counts(sqlite)[:3] == (1, 1, 1)
    assert sqlite.run_now(lambda s: holding.end(s, holding.Kind.CHANNEL, "c", clock()))
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert counts(sqlite) == (0, 0, 0, 0)


def test_a_legal_hold_of_a_message_keeps_that_one_alone(database: Database, clock: Clock) -> None:
    relay(database, clock, "held")
    relay(database, clock, "other")

    def hold(session: Session) -> None:
        number = session.execute(select(Message.id).where(Message.message == "held")).scalar_one()
        assert holding.begin(session, holding.Kind.MESSAGE, str(number), "", clock())
        assert not holding.begin(session, holding.Kind.MESSAGE, str(number), "", clock())

    database.run_now(hold)
    clock.advance(YEAR.total_seconds() + 1)
    asyncio.run(sweep(database, clock(), payloads=WEEK, links=YEAR))
    assert counts(database)[:3] == (1, 1, 1)


def test_what_the_bot_said_in_a_held_channel_is_kept_too(sqlite: Database, clock: Clock) -> None:
    relay(sqlite, clock, "landed")
    sqlite.run_now(lambda s: s.execute(update(Message).values(channel="gone")))
    sqlite.run_now(lambda s: holding.begin(s, holding.Kind.CHANNEL, "c", "", clock()))
    clock.advance(WEEK.total_seconds() + 1)
    rooms = {"c": [OTHER]}
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR, rooms=rooms))
    assert kept(sqlite) == 1
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert kept(sqlite) == 0


def test_a_text_is_kept_until_the_last_delivery_of_its_message_has_had_its_time(
    sqlite: Database, clock: Clock
) -> None:
    relay(sqlite, clock, "landed")

    def to_another(session: Session) -> None:
        number = session.execute(select(Message.id)).scalar_one()
        outbox.put(session, [Outgoing(ROOM, Post(say("secret")), source=number)], clock())

    sqlite.run_now(to_another)
    clock.advance(WEEK.total_seconds() + 1)
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert kept(sqlite) == 2, "one is still on its way"
    key = sqlite.read_now(
        lambda s: s.execute(select(Outbox.id).order_by(Outbox.seq.desc()).limit(1)).scalar_one()
    )
    sqlite.run_now(lambda s: outbox.settle(s, Delivered(DeliveryId(key), MessageId("m")), clock()))
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert kept(sqlite) == 2
    clock.advance(WEEK.total_seconds() + 1)
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    assert kept(sqlite) == 0


def test_what_waited_for_a_word_goes_and_the_audit_stays(sqlite: Database, clock: Clock) -> None:
    person = PersonId("fake:far/ada")

    def work(session: Session) -> None:
        record(session, Act(person, None, Action.RELEASED, "message:1"), clock())
        done = consent.ask(session, consent.Kind.FETCH, "message:1", person, None, {}, clock())
        consent.close(done, consent.DONE, clock())
        consent.ask(session, consent.Kind.STEP, "person:x", person, None, {}, clock(), "d1")
        consent.ask(session, consent.Kind.WISH, "message:1", person, None, {}, clock())
        session.add(LinkCode(person=person, name="Ada", place="{}", expires=clock()))

    sqlite.run_now(work)
    clock.advance(YEAR.total_seconds() + 1)
    asyncio.run(sweep(sqlite, clock(), payloads=WEEK, links=YEAR))
    kinds = select(Request.kind)
    assert sqlite.read_now(lambda s: s.execute(kinds).scalars().all()) == ["wish"]
    left = [select(func.count()).select_from(table) for table in (Audit, LinkCode)]
    assert sqlite.read_now(lambda s: [s.execute(each).scalar_one() for each in left]) == [1, 0]
