"""Where messages have landed, as the bot's database tells it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.delivery.files import NEEDLESS
from bot.sandbox.board import Copy, Key, Way
from bot.sandbox.ledger import Ledger
from bot.store.tables import Base, Inbox, InboxState, Message, Outbox, State

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ROOMS = {"slack:alpha/C1": "alpha", "slack:bravo/C2": "bravo", "matrix:coalition/!x": "coalition"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'liaison.db'}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "liaison.db", ROOMS)
    yield ledger
    ledger.close()


def _seen(room: str, message: str) -> Inbox:
    return Inbox(room=room, kind="message", message=message, state=InboxState.DONE, received=NOW)


def _copy(number: int, room: str, state: State, landed: str | None = None) -> Outbox:
    return Outbox(
        id=f"d{number}",
        lane=room,
        room=room,
        source=1,
        state=state,
        created=NOW,
        landed=landed,
        reason="gone" if state is State.DEAD else None,
    )


def test_a_line_that_its_file_made_needless_is_no_copy(engine: Engine, ledger: Ledger) -> None:
    with Session(engine) as session:
        place = {"channel": "ransomware", "room": "slack:alpha/C1", "message": "1.5"}
        session.add(Message(id=1, author="slack:alpha/U1", said=NOW, received=NOW, **place))
        session.flush()
        needless = _copy(1, "slack:bravo/C2", State.DEAD)
        needless.reason = NEEDLESS
        session.add_all([needless, _copy(2, "slack:bravo/C2", State.DELIVERED, "2.5")])
        session.commit()
    ways = asyncio.run(ledger.landed())
    assert ways is not None
    assert [copy.delivery for copy in ways[Key("alpha", "1.5")].copies] == ["d2"]


def test_a_message_and_its_copies_are_told_from_both_ends(engine: Engine, ledger: Ledger) -> None:
    with Session(engine) as session:
        session.add(_seen("slack:alpha/C1", "1.5"))
        session.add(
            Message(
                id=1,
                room="slack:alpha/C1",
                message="1.5",
                channel="ransomware",
                author="slack:alpha/U1",
                said=NOW,
                received=NOW,
            )
        )
        session.flush()
        session.add(_copy(1, "slack:bravo/C2", State.DEAD))
        session.add(_copy(2, "matrix:coalition/!x", State.DELIVERED, "$event"))
        session.flush()
        edit = _copy(3, "matrix:coalition/!x", State.DELIVERED, "$event")
        edit.kind, edit.source, edit.about = "edit", None, 1
        session.add(edit)
        session.commit()
    ways = asyncio.run(ledger.landed())
    assert ways is not None
    said = Key("alpha", "1.5")
    assert set(ways[said].copies) == {
        Copy("d1", "bravo", "dead", None, "gone"),
        Copy("d2", "coalition", "delivered", "$event"),
    }
    assert ways[Key("coalition", "$event")] == Way(seen=True, origin=said, arrival="d2")


def test_a_command_was_seen_and_stays_where_it_was_said(engine: Engine, ledger: Ledger) -> None:
    with Session(engine) as session:
        session.add(_seen("matrix:coalition/!x", "$command"))
        session.add(_seen("matrix:coalition/!elsewhere", "$other"))
        session.commit()
    assert asyncio.run(ledger.landed()) == {Key("coalition", "$command"): Way(seen=True)}


def test_nothing_is_told_where_nothing_changed(engine: Engine, ledger: Ledger) -> None:
    assert asyncio.run(ledger.landed()) == {}
    assert asyncio.run(ledger.landed()) is None
    with Session(engine) as session:
        session.add(_seen("slack:alpha/C1", "1.5"))
        session.commit()
    assert asyncio.run(ledger.landed()) == {Key("alpha", "1.5"): Way(seen=True)}


def test_the_database_is_never_written(engine: Engine, ledger: Ledger) -> None:
    refused = pytest.raises(OperationalError, match="readonly")
    with ledger._engine.connect() as connection, refused:
        connection.execute(text("DELETE FROM message"))


def test_a_database_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "absent.db", ROOMS)
    assert asyncio.run(ledger.landed()) is None
    ledger.close()
    assert not (tmp_path / "absent.db").exists()


def test_closing_waits_for_a_look_that_nobody_awaits_any_more(ledger: Ledger) -> None:
    """A connection that is closed under a thread that reads it ends the process."""
    reading, go_on = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> Mapping[Key, Way]:
        reading.set()
        assert go_on.wait(10)
        return {}

    ledger._read = slow  # type: ignore[method-assign,assignment]  # a look that lasts
    closed = threading.Thread(target=ledger.close)

    async def scenario() -> None:
        looking = asyncio.create_task(ledger.landed())
        await asyncio.to_thread(reading.wait, 10)
        looking.cancel()
        closed.start()
        closed.join(0.1)
        assert closed.is_alive()
        go_on.set()
        await asyncio.to_thread(closed.join, 10)
        assert not closed.is_alive()

    asyncio.run(scenario())
