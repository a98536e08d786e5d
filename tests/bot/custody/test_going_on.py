"""The audit's chain goes on after a restore from the head that the rooms were told of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.custody import sealing, verifying
from bot.custody.audit import BOT, Act, Action, named, record
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LOST = bytes([9]) * 32


def test_rows_that_were_lost_are_named_and_no_number_is_taken_twice(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as database:

        def work(session: Session) -> verifying.Verified:
            for number in range(3):
                record(session, Act(BOT, None, Action.COMMAND, named("command", number)), NOW)
            sealing.seal(session)
            sealing.go_on(session, (9, LOST), Act(BOT, None, Action.RESTORED, ""), NOW)
            record(session, Act(BOT, None, Action.COMMAND, named("command")), NOW)
            sealing.seal(session)
            return verifying.verify(session, NOW, LOST)

        found = database.run_now(work)
        assert (found.fault, found.rows, found.lost, found.witnessed) == (None, 11, ((4, 9),), 9)
        cut = text("DELETE FROM audit WHERE number = 3")
        database.run_now(lambda session: session.execute(cut).rowcount)  # type: ignore[attr-defined]
        fault = database.read_now(lambda session: verifying.verify(session, NOW)).fault
        assert fault == verifying.Fault(3, verifying.Wrong.MISSING)
