"""What goes straight to the driver says the same as what SQLAlchemy runs, errors as well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bot.indicators.raw import Asking
from bot.store.database import Database
from bot.store.failures import raised
from bot.store.prepared import ask, ask_each
from bot.store.tables import Freeze, Inbox, InboxState, Lease, Message, Reaction, State

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)

_ALL = select(*Inbox.__table__.columns).where(Inbox.kind == bindparam("kind")).order_by(Inbox.seq)
_ADD = insert(Inbox)
_NEWEST = (
    select(Inbox.seq, Inbox.received)
    .where(Inbox.state.in_([InboxState.DONE, InboxState.FAILED]), Inbox.room == bindparam("room"))
    .order_by(Inbox.seq.desc())
    .limit(1)
)
_END = (
    update(Inbox)
    .where(Inbox.room == bindparam("which"))
    .values(state=bindparam("state"), content=None)
    .returning(Inbox.message)
)


def row(message: str, **other: object) -> dict[str, object]:
    return {
        "room": "slack:a/C1", "kind": "message", "message": message, "version": "",
        "state": InboxState.DONE, "received": datetime(2026, 11, 28, 3, 4, 5, 678901, tzinfo=UTC),
        "content": b"\x00\xff", "reference": None, **other,
    }  # fmt: skip


def test_values_and_rows_are_those_of_sqlalchemy(database: Database) -> None:
    def work(session: Session) -> None:
        ask_each(session, _ADD, [row("1"), row("2", content=None, received=NOW)])
        session.connection().execute(_ADD, row("3"))
        straight = ask(session, _ALL, {"kind": "message"}).all()
        theirs = session.connection().execute(_ALL, {"kind": "message"}).all()
        assert [tuple(each) for each in straight] == [tuple(each) for each in theirs]
        assert straight[0].received == row("1")["received"]
        assert straight[0]._fields == theirs[0]._fields

    database.run_now(work)


def test_what_is_fixed_in_a_statement_is_in_it_lists_too(database: Database) -> None:
    def work(session: Session) -> None:
        ask_each(session, _ADD, [row("1"), row("2", state=InboxState.PENDING)])
        first = ask(session, _NEWEST, {"room": "slack:a/C1"}).first()
        assert first is not None
        assert first.received == row("1")["received"]
        assert ask(session, _NEWEST, {"room": "slack:a/C2"}).first() is None
        ended = ask(session, _END, {"which": "slack:a/C1", "state": InboxState.FAILED})
        assert sorted(ended.scalars()) == ["1", "2"]
        assert ask(session, _END, {"which": "elsewhere", "state": State.DEAD}).scalar() is None

    database.run_now(work)


def test_yes_and_no_are_what_they_are_on_both_databases(database: Database) -> None:
    made = {"name": "w", "holder": "h", "until": NOW, "fence": 3}
    said = {"id": 1, "channel": "c", "room": "r", "message": "m", "received": NOW, "known": "told",
            "author": "p", "said": NOW}  # fmt: skip
    liked = {
        "message": 1, "room": "r", "person": "p", "name": "P", "emoji": "👍", "reaction": "",
        "present": True, "said": NOW,
    }  # fmt: skip
    present = select(Reaction.present).where(Reaction.emoji == bindparam("emoji"))

    def work(session: Session) -> None:
        session.connection().execute(insert(Lease), made)
        fence = select(Lease.fence, Lease.until).where(Lease.name == bindparam("name"))
        assert tuple(ask(session, fence, {"name": "w"}).first()) == (3, NOW)
        session.connection().execute(insert(Message), said)
        ask(session, insert(Reaction), liked)
        assert ask(session, present, {"emoji": "👍"}).scalar() is True

    database.run_now(work)


def test_a_column_that_is_not_given_has_its_default(database: Database) -> None:
    frozen = {"kind": "room", "name": "r", "by": "", "since": NOW, "team": "t"}
    held = select(Freeze.held).where(Freeze.name == bindparam("name"))

    def work(session: Session) -> None:
        ask(session, insert(Freeze), frozen)
        assert ask(session, held, {"name": "r"}).scalar() == 0

    database.run_now(work)


def test_the_drivers_errors_are_sqlalchemys(database: Database) -> None:
    """A unit that could not be put in order is run again by that."""

    def twice(session: Session) -> None:
        ask(session, _ADD, row("1"))
        ask(session, _ADD, row("1"))

    def by_hand(session: Session) -> None:
        Asking(session).do("INSERT INTO mark (scope, position) VALUES (?, ?)", ("a", "1"))
        Asking(session).do("INSERT INTO mark (scope, position) VALUES (?, ?)", ("a", "2"))

    for work in (twice, by_hand):
        with pytest.raises(IntegrityError):
            database.run_now(work)


def test_an_error_keeps_its_state_and_hides_its_values(database: Database) -> None:
    dialect = database.engine.dialect
    error = dialect.loaded_dbapi.OperationalError("busy")
    found = raised(error, dialect)
    assert isinstance(found, DBAPIError)
    assert found.orig is error
