"""A chain that shows whatever was done to it, and whose texts can be erased without a trace."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.decisions.ledger import verify as alone
from bot.decisions.ledger.exporting import lines
from bot.decisions.ledger.form import canonical_body, canonical_text
from bot.decisions.ledger.verifying import Verified, Wrong, verify
from bot.decisions.ledger.writing import append, erase, head, history
from bot.store.tables import Reference
from bot.store.tables.decisions import Ledger
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TEXT = "Block 198.51.100.7 together at 18:00."


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with opened(sqlite_url(tmp_path)) as database, Session(database.engine) as session:
        yield session


def fill(session: Session, series: str = "RTF", entries: int = 5) -> Reference:
    """A decision that was opened, and some voices."""
    reference = numbering.begin(session, "decision", "p", series, NOW)
    append(session, reference, "opened", {"method": "silence", "roster": ["a", "b"]}, NOW, TEXT)
    for each in range(entries - 1):
        at = NOW + timedelta(seconds=each)
        append(session, reference, "voice", {"team": "a", "voice": "agree", "order": each}, at)
    return reference


def standing_alone(folder: Path, session: Session, *words: str) -> tuple[int, str]:
    """What the script says of an export that lies beside it, run by another Python process."""
    source = Path(alone.__file__).read_text()
    (folder / "verify.py").write_text(source)
    (folder / "entries.jsonl").write_bytes(b"".join(lines(session, ["RTF", "INN"])))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), *words],
        check=False, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_what_was_written_holds(session: Session, tmp_path: Path) -> None:
    fill(session)
    fill(session, "INN", 2)
    number, own = head(session, "RTF")
    assert verify(session, "RTF") == Verified("RTF", 5, own, None, None)
    assert verify(session, "RTF", [own]).vouched == number == 5
    status, said = standing_alone(tmp_path, session)
    assert status == 0
    assert f"RTF: 5 entries hold, head {own.hex()}" in said
    assert "INN: 2 entries hold" in said
    assert "unwitnessed" in said


def test_the_first_entry_follows_nothing_and_says_what_the_page_says(session: Session) -> None:
    reference = fill(session)
    first = history(session, reference)[0]
    body = '{"method":"silence","roster":["a","b"]}'
    array = (
        f'["RTF",1,"{reference.handle}",null,"opened","2026-11-28T09:00:00.000000Z",{body},'
        f'"{hashlib.sha256(bytes(first.salt or b"") + TEXT.encode()).hexdigest()}","{"0" * 64}"]'
    )
    assert first.hash == hashlib.sha256(array.encode()).digest()


CHANGES = [
    ("UPDATE ledger SET body = replace(body, 'agree', 'object') WHERE entry = 3", 3, Wrong.ALTERED),
    ("UPDATE ledger SET body = body || ' ' WHERE entry = 3", 3, Wrong.ALTERED),
    ("UPDATE ledger SET at = at + 1 WHERE entry = 2", 2, Wrong.ALTERED),
    ("UPDATE ledger SET kind = 'adopted' WHERE entry = 5", 5, Wrong.ALTERED),
    ("UPDATE ledger SET number = 'RTF-2026-001' WHERE entry = 5", 5, Wrong.ALTERED),
    ("UPDATE ledger SET text = 'Do nothing.' WHERE entry = 1", 1, Wrong.TEXT),
    ("UPDATE ledger SET text = NULL WHERE entry = 1", 1, Wrong.TEXT),
    ("UPDATE ledger SET salt = NULL WHERE entry = 1", 1, Wrong.TEXT),
    ("UPDATE ledger SET commitment = zeroblob(32) WHERE entry = 1", 1, Wrong.ALTERED),
    ("UPDATE ledger SET hash = zeroblob(32) WHERE entry = 2", 2, Wrong.ALTERED),
    ("UPDATE ledger SET previous = zeroblob(32) WHERE entry = 4", 4, Wrong.ALTERED),
    ("UPDATE ledger SET series = 'INN' WHERE entry = 4", 4, Wrong.MISSING),
    ("DELETE FROM ledger WHERE entry = 3", 3, Wrong.MISSING),
    ("DELETE FROM ledger WHERE entry = 1", 1, Wrong.MISSING),
    ("UPDATE ledger SET entry = entry + 10 WHERE entry = 4", 4, Wrong.MISSING),
]


@pytest.mark.parametrize(("change", "entry", "wrong"), CHANGES)
def test_whatever_was_done_to_it_is_found(
    session: Session, tmp_path: Path, change: str, entry: int, wrong: Wrong
) -> None:
    fill(session)
    session.execute(text(change))
    found = verify(session, "RTF")
    assert (found.entries + 1, found.wrong) == (entry, wrong)
    status, said = standing_alone(tmp_path, session)
    unseen = "body || ' '" in change  # another way to write a body is the same
    assert status == (0 if unseen else 1)
    assert unseen or said.startswith(f"wrong: RTF entry {entry}: ")


COLUMNS = [column.name for column in Ledger.__table__.columns]
VALUES = ["NULL", "7", "-1.5", "'x'", "''", "x'ff'", "CAST(x'c328' AS TEXT)", "9e99", "1e18"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("entry", [1, 3])
def test_whatever_is_put_into_a_column_the_entry_is_named(
    session: Session, column: str, entry: int
) -> None:
    fill(session)
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    for value in VALUES:
        same = f"SELECT {column} IS {value} FROM ledger WHERE entry = {entry}"
        with session.begin_nested() as edit:
            try:
                if session.execute(text(same)).scalar():
                    continue
                session.execute(text(f"UPDATE ledger SET {column} = {value} WHERE entry = {entry}"))
            except IntegrityError:  # the database itself will not have it
                continue
            found = verify(session, "RTF")
            assert (found.wrong is None, found.entries + 1) == (False, entry), value
            edit.rollback()


def test_a_cut_tail_shows_with_a_head_that_was_kept(session: Session, tmp_path: Path) -> None:
    fill(session)
    _, kept = head(session, "RTF")
    session.execute(text("DELETE FROM ledger WHERE entry = 5"))
    assert verify(session, "RTF").wrong is None
    assert verify(session, "RTF", [kept]).wrong is Wrong.UNKNOWN
    status, said = standing_alone(tmp_path, session, "--head", kept.hex())
    assert (status, kept.hex() in said) == (1, True)


def test_what_was_erased_cannot_be_found_by_trying(session: Session, tmp_path: Path) -> None:
    reference = fill(session)
    _, before = head(session, "RTF")
    erase(session, reference, [1], "Art. 17 GDPR", NOW)
    first, *_, last = history(session, reference)
    assert (first.text, first.salt) == (None, None)
    assert first.commitment is not None
    assert first.commitment != hashlib.sha256(TEXT.encode()).digest()
    assert (last.kind, last.text) == ("redacted", "Art. 17 GDPR")
    assert verify(session, "RTF", [before]).wrong is None
    assert standing_alone(tmp_path, session, "--head", before.hex())[0] == 0


def test_entries_bear_the_number_once_there_is_one(session: Session) -> None:
    reference = fill(session, entries=1)
    numbering.number(session, reference, NOW)
    row = append(session, reference, "adopted", {}, NOW)
    assert row.number == "RTF-2026-001"
    exported = [json.loads(line) for line in lines(session, ["RTF"])]
    assert [each["number"] for each in exported] == [None, "RTF-2026-001"]
    wanted = {"series", "entry", "number", "kind", "at", "commitment", "previous", "hash"}
    assert wanted <= exported[0].keys()


keys = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(body=st.dictionaries(keys, values, max_size=4))
def test_bodies_are_canonical_and_the_script_writes_them_alike(body: dict[str, Any]) -> None:
    written = canonical_body(body)
    assert written == alone.canonical(body)
    assert canonical_body(json.loads(written)) == written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\r\nb", "a\nb"),
        ("a  \nb\t", "a\nb"),
        ("\n\na\n", "a"),
        ("e\u0301", "\u00e9"),
        ("a\rb", "a\nb"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
    ],
)
def test_texts_that_look_alike_are_committed_to_alike(one: str, other: str) -> None:
    assert canonical_text(one) == canonical_text(other)
    assert canonical_text(canonical_text(one)) == canonical_text(one)
