"""Audit rows for tests, and ways of tampering with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.custody import sealing, verifying
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.custody.verifying import Verified
from bot.sharing.teams import TeamKey
from bot.store.database import Database

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
ALPHA, BRAVO = TeamKey("cert-alpha"), TeamKey("cert-bravo")
COLUMNS = (
    "seq", "number", "at", "who", "team", "action", "object", "rule", "outcome", "originator",
    "previous", "hash",
)  # fmt: skip


def act(number: int = 0) -> Act:
    """Some act; each number another one."""
    thing = named("message", number, "5f" * 32)
    who = f"slack:alpha/U{number}"
    return Act(who, ALPHA, Action.DENIED, thing, "gate:ceiling", Outcome.DENIED, BRAVO)


def write(database: Database, count: int, *, since: datetime = NOW) -> None:
    """Write some rows down, a second apart."""

    def work(session: Session) -> None:
        for number in range(count):
            record(session, act(number), since + timedelta(seconds=number))

    database.run_now(work)


def seal(database: Database) -> int:
    """Seal all that waits."""
    return database.run_now(sealing.seal)


def verified(database: Database, given: bytes | None = None, now: datetime = NOW) -> Verified:
    return database.read_now(lambda session: verifying.verify(session, now, given))


def hashes(database: Database) -> list[bytes]:
    """The hash of each sealed row, in order."""
    found = text("SELECT hash FROM audit WHERE number IS NOT NULL ORDER BY number")
    return database.read_now(lambda session: list(session.execute(found).scalars()))


@contextmanager
def tampered(database: Database, *statements: str, **values: object) -> Iterator[Session]:
    """A session in which somebody has changed the store by hand; all is undone at the end."""
    with database.engine.connect() as connection, Session(connection) as session:
        for statement in statements:
            session.execute(text(statement), values)
        yield session
        session.rollback()
