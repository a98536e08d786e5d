"""A restored store that reads its rooms: what it meets is done, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.bridge import links
from bot.custody import freezing, numbering, posting, recovering
from bot.custody.effective import Marked
from bot.custody.frozen import Frozen
from bot.delivery import inbox, outbox
from bot.delivery.inlet import Handled
from bot.events import (
    Answer,
    Author,
    DeliveryId,
    Event,
    MessageDeleted,
    MessageId,
    MessagePosted,
    Outgoing,
    PersonId,
    Post,
    RoomId,
)
from bot.handler.asked import Asked, Called, encode_asked
from bot.richtext import say
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Inbox, InboxState, Message, Outbox, Posting, Reference, State
from bot.store.tables.recovery import Found, Recovery
from bot.tasks.restored import Restored
from bot.words import words_for
from tests.fake_platform import BARE
from tests.stores import opened, sqlite_url

COPIED = datetime(2026, 11, 24, 9, tzinfo=UTC)
RESTORED, NOW = COPIED + timedelta(hours=2), COPIED + timedelta(hours=3)
ROOM, OTHER = RoomId("fake:a/room"), RoomId("fake:b/room")
ADA = Author(PersonId("fake:a/ada"), "Ada")
MINE = Author(PersonId("fake:b/liaison"), "Liaison", bot=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with opened(sqlite_url(tmp_path)) as database:
        yield database


def said(text: str = "hello", at: datetime = COPIED) -> MessagePosted:
    return MessagePosted(ROOM, MessageId("m1"), ADA, say(text), at)


def mine(key: str, text: str = "a copy", message: str = "x1") -> MessagePosted:
    return MessagePosted(OTHER, MessageId(message), MINE, say(text), COPIED, own=DeliveryId(key))


def relayed(session: Session) -> str:
    """Relay a message as the bridge does; the delivery's id."""
    number = links.remember(session, said(), "c", NOW, {})
    assert number is not None
    outbox.put(session, [Outgoing(OTHER, Post(say("hello")), source=number)], NOW)
    return str(session.execute(select(Outbox.id)).scalar_one())


def forget(session: Session) -> None:
    """Everything since the copy, which was made before the message was said."""
    for table in (Outbox, Inbox, Posting):
        session.execute(delete(table))
    session.execute(delete(Message))


def restored(store: Database, handle: object = None) -> tuple[Restored, Frozen]:
    """In recovery; what is handled is put by `handle`."""
    store.run_now(lambda s: recovering.begin(s, COPIED, RESTORED) and None)
    frozen = Frozen()
    frozen.hold(store.read_now(freezing.standing))

    def nothing(session: Session, event: Event, now: datetime) -> Handled:
        del session, event, now
        return Handled()

    done = handle if callable(handle) else nothing
    return Restored(done, frozen, words_for("en"), ["status", "help"]), frozen


def test_the_same_copy_has_the_same_id_whatever_was_forgotten(store: Database) -> None:
    first = store.run_now(relayed)
    store.run_now(forget)
    assert store.run_now(relayed) == first


def test_the_same_is_put_twice_under_two_ids(store: Database) -> None:
    def work(session: Session) -> list[str]:
        relayed(session)
        (number,) = session.execute(select(Message.id)).scalars()
        outbox.put(session, [Outgoing(OTHER, Post(say("again")), source=number)], NOW)
        return list(session.execute(select(Outbox.id)).scalars())

    assert len(set(store.run_now(work))) == 2


@pytest.mark.parametrize("met_first", [True, False])
def test_a_copy_that_is_met_in_its_room_is_not_sent_again(
    store: Database, *, met_first: bool
) -> None:
    key = store.run_now(relayed)
    store.run_now(forget)
    handle, _ = restored(store)

    def meet(session: Session) -> None:
        handle(session, mine(key), NOW)

    for work in (meet, relayed) if met_first else (relayed, meet):
        store.run_now(work)
    with Session(store.engine) as session:
        (row,) = session.execute(select(Outbox)).scalars()
        assert (row.state, row.landed, row.source is not None) == (State.DELIVERED, "x1", True)
        assert row.reason is None
        found = session.execute(select(func.count()).select_from(Found)).scalar_one()
        assert found == int(met_first)


def test_what_is_met_of_our_own_raises_no_alarm_and_its_numbers_are_noted(store: Database) -> None:
    handle, _ = restored(store)

    def work(session: Session) -> list[str]:
        text = "TLP:GREEN · RTF-2026-003 · adopted\nas in RTF-2026-009"
        handle(session, mine("d" + "a" * 26, text), NOW)
        gone = MessageDeleted(OTHER, MessageId("x0"), COPIED, MINE.person, own=True)
        assert handle(session, gone, NOW) == Handled()
        return list(session.execute(select(Found.numbers)).scalars())

    assert store.run_now(work) == ['["RTF-2026-003"]'], "of the first line alone"


@pytest.mark.parametrize(
    ("name", "when", "runs", "answered"),
    [
        ("status", RESTORED + timedelta(minutes=1), True, False),
        ("decide", RESTORED + timedelta(minutes=1), False, True),
        ("status", COPIED + timedelta(minutes=1), False, False),
        ("decide", COPIED + timedelta(minutes=1), False, False),
    ],
)
def test_commands_of_before_are_not_run_and_of_those_of_now_only_what_is_harmless(
    store: Database, name: str, when: datetime, *, runs: bool, answered: bool
) -> None:
    def command(session: Session, event: Event, now: datetime) -> Handled:
        assert isinstance(event, MessagePosted)
        asked = Asked(ROOM, ADA, event.said, Called(name, "", near=False))
        number = inbox.first_seen(
            session, ROOM, "message", event.message, now=now, state=InboxState.PENDING,
            content=encode_asked(asked),
        )  # fmt: skip
        return Handled(command=number)

    handle, _ = restored(store, command)
    handled = store.run_now(lambda s: handle(s, said(f"!{name}", when), NOW))
    assert (handled.command is not None) == runs
    with Session(store.engine) as session:
        assert session.execute(select(Inbox.state)).scalar_one() == ("pending" if runs else "done")
        texts = session.execute(select(Outbox.kind)).scalars().all()
        assert list(texts) == (["answer"] if answered else [])
        counted = session.execute(select(Recovery.commands)).scalar_one()
        assert counted == int(not runs)


def test_what_people_were_told_of_before_they_are_not_told_again(store: Database) -> None:
    def told(session: Session, event: Event, now: datetime) -> Handled:
        del event
        return Handled(outbox.put(session, [Outgoing(ROOM, Answer(ADA.person, say("no")))], now))

    handle, _ = restored(store, told)
    store.run_now(lambda s: handle(s, said(), NOW))
    store.run_now(
        lambda s: handle(s, said(at=RESTORED + timedelta(minutes=1)), NOW + timedelta(seconds=1))
    )
    with Session(store.engine) as session:
        states = session.execute(select(Outbox.state).order_by(Outbox.seq)).scalars().all()
        assert states == [State.DEAD, State.WAITING]


def test_while_it_recovers_nothing_leaves_but_private_answers(store: Database) -> None:
    _, frozen = restored(store)
    assert frozen.stops(ROOM, NOW, private=False)
    assert not frozen.stops(ROOM, NOW, private=True)
    assert frozen.keeps_out(ROOM) is None
    store.run_now(lambda s: recovering.ask(s, "operator", NOW))
    row = store.read_now(recovering.standing)
    assert row is not None
    assert row.asked == NOW

    def end(session: Session) -> None:
        standing = recovering.standing(session)
        assert standing is not None
        recovering.end(session, standing, NOW)

    store.run_now(end)
    frozen.hold(store.read_now(freezing.standing))
    assert not frozen.stops(ROOM, NOW, private=False)
    assert not store.run_now(lambda s: recovering.ask(s, "operator", NOW))


def test_a_post_that_shows_the_same_has_the_same_id_once(store: Database) -> None:
    marked = Marked(Marking(Label.GREEN), None, NOW)

    def post(session: Session) -> list[str | None]:
        reference = numbering.begin(session, "decision", "p", "RTF", NOW)
        reference.handle = "p-aaaaa"
        session.flush()
        made = [
            posting.put(
                session, "p-aaaaa", "head", {OTHER: say(text)}, marked, outbox.new_id,
                lambda _room: BARE, mark="",
            )
            for text in ("one", "two")
        ]  # fmt: skip
        return [each[0].id for each in made]

    first = store.run_now(post)
    assert first[0] != first[1]

    def again(session: Session) -> list[str | None]:
        session.execute(delete(Posting))
        session.execute(delete(Reference))
        return post(session)

    assert store.run_now(again)[0] == first[0]
