"""Whatever is done to the audit by hand is found, and the first row that is wrong is named."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from bot.custody import sealing, verifying
from bot.custody.audit import Act, Action, named, record
from bot.custody.chain import FIRST
from bot.custody.verifying import OVERDUE, Fault, Wrong
from bot.delivery.lease import LASTS, Leases
from bot.store.database import Database
from tests.bot.custody.rows import COLUMNS, NOW, hashes, seal, tampered, verified, write
from tests.stores import opened, sqlite_url

ROWS = 6


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store with a few sealed rows, which every test leaves as it was."""
    with opened(sqlite_url(tmp_path_factory.mktemp("chain"))) as database:
        write(database, ROWS)
        assert seal(database) == ROWS
        yield database


def test_what_nobody_touched_holds(database: Database) -> None:
    assert verified(database) == verifying.Verified(0, FIRST, None, 0, None)
    write(database, ROWS)
    seal(database)
    found = verified(database)
    assert (found.rows, found.fault, found.unsealed) == (ROWS, None, 0)
    assert found.head == hashes(database)[-1]
    assert found.witnessed is None


@pytest.mark.parametrize("column", COLUMNS)
def test_any_change_of_any_byte_of_any_column_is_found(chain: Database, column: str) -> None:
    """Of a row in the middle, whose number is 3; bits are turned, as a disk or a hand would."""
    with chain.engine.connect() as connection:
        was = connection.execute(text(f"SELECT {column} FROM audit WHERE number = 3")).scalar_one()
    before = was.to_bytes(8) if isinstance(was, int) else was
    before = before.encode() if isinstance(before, str) else before
    cast = "CAST(:value AS TEXT)" if isinstance(was, str) else ":value"
    for place in range(len(before)):
        for turned in (0x01, 0x20, 0x80):
            changed = bytearray(before)
            changed[place] ^= turned
            value = int.from_bytes(changed, signed=True) if isinstance(was, int) else bytes(changed)
            statement = f"UPDATE audit SET {column} = {cast} WHERE number = 3"
            try:
                with tampered(chain, statement, value=value) as session:
                    found = verifying.verify(session, NOW)
            except IntegrityError:  # another row has that number
                continue
            assert found.fault is not None, (place, turned)
            assert found.fault.number == 3, (place, turned)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found_on_each_database(database: Database, column: str) -> None:
    write(database, ROWS)
    seal(database)
    changed = {
        "seq": "seq + 100", "number": "number + 100", "at": "at + 1", "team": "NULL",
        "originator": "NULL", "previous": "hash", "hash": "previous",
    }.get(column, f"{column} || ' '")  # fmt: skip
    statement = f"UPDATE audit SET {column} = {changed} WHERE number = 3"
    with tampered(database, statement) as session:
        found = verifying.verify(session, NOW)
    wrong = Wrong.MISSING if column == "number" else Wrong.ALTERED
    assert found.fault == Fault(3, wrong)
    assert found.rows == 2
    assert verified(database).fault is None


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, ROWS), min_size=1), st.sampled_from(COLUMNS), st.data())
def test_what_is_put_into_any_columns_of_any_rows_is_found(
    chain: Database, rows: set[int], column: str, data: st.DataObject
) -> None:
    values = (
        st.none()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.binary()
        | st.floats(allow_nan=False)
    )
    column_of = text(f"SELECT {column} FROM audit WHERE number = :number")
    first = None
    try:
        with tampered(chain) as session:
            for number in sorted(rows):
                where = {"number": number}
                seq = session.execute(
                    text("SELECT seq FROM audit WHERE number = :number"), where
                ).scalar()
                was = session.execute(column_of, where).scalar()
                session.execute(
                    text(f"UPDATE audit SET {column} = :value WHERE number = :number"),
                    {**where, "value": data.draw(values)},
                )
                by_seq = text(f"SELECT {column} FROM audit WHERE seq = :seq")
                now = session.execute(by_seq, {"seq": seq}).scalar()
                if first is None and (type(now), now) != (type(was), was):
                    first = number
            found = verifying.verify(session, NOW)
    except (IntegrityError, DataError, OperationalError):
        return  # the store itself refuses it
    assert (found.fault is None) == (first is None)


@given(st.sets(st.integers(1, ROWS), min_size=1, max_size=ROWS))
@settings(max_examples=30, deadline=None)
def test_any_removed_rows_are_found(chain: Database, rows: set[int]) -> None:
    """The end alone can go unseen, and not by who has kept a head."""
    given_head = hashes(chain)[-1]
    listed = ", ".join(map(str, rows))
    with tampered(chain, f"DELETE FROM audit WHERE number IN ({listed})") as session:
        alone = verifying.verify(session, NOW)
        kept = verifying.verify(session, NOW, given_head)
    assert kept.fault is not None
    if rows == set(range(min(rows), ROWS + 1)):
        assert alone.fault is None
        assert kept.fault == Fault(min(rows), Wrong.UNKNOWN)
    else:
        assert alone.fault == kept.fault == Fault(min(rows), Wrong.MISSING)


def test_a_head_that_was_kept_is_found_in_a_longer_chain(chain: Database) -> None:
    for number, kept in enumerate(hashes(chain), start=1):
        found = verified(chain, kept)
        assert (found.fault, found.witnessed) == (None, number)
    assert verified(chain, b"x" * 32).fault == Fault(ROWS + 1, Wrong.UNKNOWN)


def test_rows_in_another_order_are_found(chain: Database) -> None:
    swap = (
        "UPDATE audit SET number = 99 WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    with tampered(chain, *swap) as session:
        assert verifying.verify(session, NOW).fault == Fault(2, Wrong.ALTERED)


def test_a_row_that_was_made_anew_with_its_own_hash_is_found(chain: Database) -> None:
    """Sealed again as it now stands, so that it holds by itself: the next one does not follow."""
    unseal = "UPDATE audit SET number = NULL, previous = NULL, hash = NULL WHERE number >= 3"
    with tampered(chain) as session:
        rest = list(session.execute(text("SELECT * FROM audit WHERE number > 3 ORDER BY number")))
        session.execute(text(unseal))
        session.execute(text("UPDATE audit SET who = 'nobody' WHERE seq = 3"))
        assert sealing.seal(session, 1) == 1
        for row in rest:
            session.execute(
                text("UPDATE audit SET number = :n, previous = :p, hash = :h WHERE seq = :s"),
                {"n": row.number, "p": row.previous, "h": row.hash, "s": row.seq},
            )
        assert verifying.verify(session, NOW).fault == Fault(4, Wrong.UNCHAINED)


def test_a_chain_that_was_made_anew_from_a_row_on_is_found_by_a_kept_head(chain: Database) -> None:
    kept = hashes(chain)[-1]
    unseal = "UPDATE audit SET number = NULL, previous = NULL, hash = NULL WHERE number >= 3"
    with tampered(chain, unseal, "UPDATE audit SET who = 'nobody' WHERE seq = 3") as session:
        assert sealing.seal(session) == ROWS - 2
        assert verifying.verify(session, NOW).fault is None, "by itself nothing shows"
        assert verifying.verify(session, NOW, kept).fault == Fault(ROWS + 1, Wrong.UNKNOWN)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET number = NULL WHERE number = 6",
        "UPDATE audit SET number = NULL, hash = NULL WHERE number = 6",
        "UPDATE audit SET number = NULL, previous = NULL WHERE number = 6",
        "UPDATE audit SET number = -1 WHERE number = 6",
    ],
)
def test_a_row_that_was_put_beside_the_chain_is_found(chain: Database, statement: str) -> None:
    with tampered(chain, statement) as session:
        assert sealing.seal(session) == 0, "and is not sealed as if it were new"
        assert verifying.verify(session, NOW).fault == Fault(6, Wrong.OUTSIDE)


def test_bytes_in_the_place_of_a_text_of_the_same_form_are_found(sqlite: Database) -> None:
    """In JSON bytes would stand as base64, so that two values had one form."""
    odd = Act("abcd", None, Action.COMMAND, named("command", "ping"))
    sqlite.run_now(lambda session: record(session, odd, NOW))
    seal(sqlite)
    assert verified(sqlite).fault is None
    with tampered(sqlite, "UPDATE audit SET who = :value", value=b64decode("abcd")) as session:
        assert verifying.verify(session, NOW).fault == Fault(1, Wrong.ALTERED)


def test_what_is_not_sealed_yet_is_told_apart(database: Database) -> None:
    write(database, ROWS)
    seal(database)
    write(database, 2)
    found = verified(database, now=NOW + timedelta(days=1))
    assert (found.rows, found.unsealed, found.fault) == (ROWS, 2, None)
    assert seal(database) == 2
    assert verified(database).rows == ROWS + 2


def test_what_a_running_bot_has_not_sealed_in_time_is_a_fault(database: Database) -> None:
    write(database, 1)
    leases = Leases()
    later = NOW + OVERDUE + timedelta(seconds=1)
    database.run_now(lambda s: leases.acquire(s, [sealing.LEASE], later, alone=True))
    assert verified(database, now=NOW + OVERDUE).fault is None
    assert verified(database, now=later).fault == Fault(1, Wrong.OVERDUE)
    assert verified(database, now=later + LASTS).fault is None, "no bot runs any more"


def test_a_long_chain_is_read_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "_PAGE", 4)
    with opened(sqlite_url(tmp_path)) as database:
        for count in (8, 1, 3):
            write(database, count)
            seal(database)
            assert verified(database).fault is None
        assert verified(database).rows == 12
        broken = "UPDATE audit SET who = CAST(:value AS TEXT) WHERE number = 7"
        with tampered(database, broken, value=b"\xff") as session:
            assert verifying.verify(session, NOW).fault == Fault(7, Wrong.ALTERED)
