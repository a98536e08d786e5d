"""Who freezes and who thaws: parties, persons, and how long the first waits for the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.custody import freezing
from bot.custody.freezing import OPERATORS, Asker
from bot.custody.frozen import Kind
from bot.store.database import Database

NOW = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
ADA, AMY = Asker("net:a/ada", "alpha"), Asker("net:a/amy", "alpha")
BEN, OPAL = Asker("net:b/ben", "bravo"), Asker("net:c/opal", OPERATORS)
TWICE = Asker(ADA.person, OPERATORS)


@pytest.mark.parametrize(
    ("first", "second", "done"),
    [
        (ADA, BEN, True),
        (ADA, OPAL, True),
        (OPAL, BEN, True),
        (ADA, ADA, False),
        (ADA, AMY, False),
        (ADA, TWICE, False),
        (TWICE, ADA, False),
    ],
)
def test_it_takes_two_parties_and_two_persons(
    database: Database, first: Asker, second: Asker, done: bool
) -> None:
    def begin(by: Asker) -> bool:
        return database.run_now(
            lambda s: freezing.begin_with(s, Kind.ALL, "all", by, NOW, needed=2)
        )

    def thaw(by: Asker) -> bool:
        def work(session: Session) -> bool:
            row = freezing.thaw(session, Kind.TEAM, "alpha", by, NOW, needed=2)
            return row is not None and row.held == 0

        return database.run_now(work)

    assert not begin(first)
    assert begin(second) == done
    standing = database.read_now(freezing.standing)
    assert [each.kind for each in standing] == [Kind.ALL] * done
    alone = Asker("net:x/somebody", "xray")
    database.run_now(lambda s: freezing.begin(s, Kind.TEAM, "alpha", alone, NOW))
    assert not thaw(first)
    assert thaw(second) == done


def test_the_first_word_is_good_for_ten_minutes_and_for_one_freeze(sqlite: Database) -> None:
    def begin(by: Asker, minutes: int) -> bool:
        at = NOW + timedelta(minutes=minutes)
        return sqlite.run_now(lambda s: freezing.begin_with(s, Kind.ALL, "all", by, at, needed=2))

    assert not begin(ADA, 0)
    assert not begin(BEN, 11)
    assert begin(ADA, 20)

    def thaw(session: Session) -> None:
        freezing.thaw(session, Kind.ALL, "all", ADA, NOW, needed=2)
        assert freezing.thaw(session, Kind.ALL, "all", BEN, NOW, needed=2) is not None

    sqlite.run_now(thaw)
    assert not begin(BEN, 20), "the words that froze it before do not count again"


def test_what_stands_cannot_be_begun_again_and_what_does_not_cannot_be_ended(
    sqlite: Database,
) -> None:
    def work(session: Session) -> None:
        assert freezing.begin(session, Kind.PAUSE, "c", ADA, NOW)
        assert not freezing.begin(session, Kind.PAUSE, "c", ADA, NOW)
        assert freezing.resume(session, "c", NOW)
        assert not freezing.resume(session, "c", NOW)
        with pytest.raises(LookupError):
            freezing.thaw(session, Kind.ALL, "all", ADA, NOW, needed=1)

    sqlite.run_now(work)
