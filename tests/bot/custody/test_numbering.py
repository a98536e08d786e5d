"""Numbers run without gaps inside a series, and handles say nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.custody.numbering import Number, SeriesList, numbers_in, read_number
from bot.store.tables import Reference
from config.series import Run
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with opened(sqlite_url(tmp_path)) as database, Session(database.engine) as session:
        yield session


def numbered(session: Session, series: str, now: datetime = NOW) -> str:
    row = numbering.begin(session, "decision", "p", series, now)
    return str(numbering.number(session, row, now))


def test_a_series_has_no_gaps_and_knows_nothing_of_others(session: Session) -> None:
    assert [numbered(session, name) for name in ("RTF", "INN", "RTF", "RTF", "INN")] == [
        "RTF-2026-001", "INN-2026-001", "RTF-2026-002", "RTF-2026-003", "INN-2026-002",
    ]  # fmt: skip


def test_what_never_gets_a_number_leaves_no_gap(session: Session) -> None:
    numbered(session, "RTF")
    numbering.begin(session, "decision", "p", "RTF", NOW)
    assert numbered(session, "RTF") == "RTF-2026-002"


def test_each_year_begins_at_one_by_utc(session: Session) -> None:
    eve = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert numbered(session, "RTF", eve) == "RTF-2026-001"
    assert numbered(session, "RTF", eve + timedelta(minutes=1)) == "RTF-2027-001"


def test_a_number_is_given_once(session: Session) -> None:
    row = numbering.begin(session, "decision", "p", "RTF", NOW)
    first = numbering.number(session, row, NOW)
    numbered(session, "RTF")
    assert numbering.number(session, row, NOW + timedelta(days=400)) == first


def test_handle_and_number_both_find_it_for_ever(session: Session) -> None:
    row = numbering.begin(session, "advisory", "d", "RTF", NOW)
    handle = row.handle
    assert numbering.shown(row) == handle
    assert numbering.find(session, f" {handle.upper()} ") is row
    numbering.number(session, row, NOW)
    assert numbering.shown(row) == "RTF-2026-001"
    assert numbering.find(session, "rtf-2026-001") is row
    assert numbering.find(session, handle) is row
    assert numbering.find(session, "RTF-2026-002") is None


def test_a_number_found_in_a_room_after_a_restore_is_not_used_again(session: Session) -> None:
    numbered(session, "RTF")
    assert numbering.take(session, Number("RTF", 2026, 3), NOW)
    assert not numbering.take(session, Number("RTF", 2026, 1), NOW)
    assert numbered(session, "RTF") == "RTF-2026-004"
    lost = numbering.find(session, "RTF-2026-003")
    assert lost is not None
    assert lost.kind == numbering.LOST


def test_handles_are_random_and_of_no_series(session: Session) -> None:
    rows = [numbering.begin(session, "decision", "p", "RTF", NOW) for _ in range(50)]
    assert len({row.handle for row in rows}) == 50
    assert all("RTF" not in row.handle.upper() for row in rows)
    assert session.query(Reference).count() == 50


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RTF-2026-014", Number("RTF", 2026, 14)),
        (" rtf-2026-1014 ", Number("RTF", 2026, 1014)),
        ("RTF-2026-14", None),
        ("RTF-26-014", None),
        ("-2026-014", None),
        ("CVE-2026-0014x", None),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: Number | None) -> None:
    assert read_number(text) == number


def test_numbers_are_found_in_running_text() -> None:
    text = (
        "See RTF-2026-014, (INN-2026-002) and rtf-2026-014; not XRTF-2026-014-b or 3RTF-2026-014."
    )
    assert numbers_in(text) == [Number("RTF", 2026, 14), Number("INN", 2026, 2)]


def test_a_series_is_found_by_whom_it_is_for() -> None:
    series = SeriesList([Run("RTF", ("r",)), Run("INN", ("r", "s"), "inner")])
    assert series.of("r", None) == Run("RTF", ("r",))
    assert series.of("s", "inner") == Run("INN", ("r", "s"), "inner")
    assert series.of("s", None) is None
    assert series.of("r", "outer") is None
    assert series.get("INN") is not None
    assert [each.name for each in series] == ["RTF", "INN"]
