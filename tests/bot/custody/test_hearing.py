"""Until when a room was read is remembered, and never taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bot.custody import hearing
from bot.events import RoomId
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
A, B = RoomId("slack:alpha/A"), RoomId("matrix:x/!b")
SECOND = timedelta(seconds=1)


def test_a_room_is_unread_until_it_was_read_up_to_then(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as database, Session(database.engine) as session:
        assert hearing.unread(session, [A, B], NOW) == {A, B}
        hearing.note(session, A, NOW - SECOND, NOW)
        assert hearing.unread(session, [A, B], NOW) == {A, B}
        hearing.note(session, A, NOW, NOW)
        assert hearing.unread(session, [A, B], NOW) == {B}
        hearing.note(session, A, NOW - SECOND, NOW)
        assert hearing.unread(session, [A], NOW) == set()
