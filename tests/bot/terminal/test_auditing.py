"""`liaison audit`: what it prints, and how it exits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.cli import main
from bot.custody.sealing import seal
from bot.store.database import Database, open_database
from tests.bot.custody.rows import hashes, write
from tests.stores import opened, sqlite_url


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration beside a store with five sealed rows."""
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    path = tmp_path / "liaison.toml"
    path.write_text(
        '[tiny.here]\nport = 1\ntoken = "x"\n'
        '[channels.c]\nceiling = "TLP:CLEAR"\nrooms = ["tiny:here/r1", "tiny:here/r2"]\n'
    )
    with opened(sqlite_url(tmp_path)) as database:
        write(database, 5)
        database.run_now(seal)
    return path


def store(file: Path) -> Database:
    return open_database(sqlite_url(file.parent))


def by_hand(file: Path, statement: str) -> None:
    engine = create_engine(sqlite_url(file.parent))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def kept(file: Path) -> list[str]:
    database = store(file)
    try:
        return [each.hex() for each in hashes(database)]
    finally:
        database.close()


def says(file: Path, capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str]:
    status = main(["--config", str(file), "audit", *words.split()])
    return status, capsys.readouterr().out


def test_a_chain_that_holds_is_verified_and_unwitnessed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = says(file, capsys, "verify")
    assert status == 0
    assert said.startswith(f"verified: 5 rows, head {kept(file)[-1]}\nunwitnessed")


def test_a_head_that_was_kept_is_a_witness(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = says(file, capsys, f"verify --head {kept(file)[2]}")
    assert status == 0
    assert "witnessed up to row 3; 2 rows since then" in said
    assert "unwitnessed" not in said


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET outcome = 'ok' WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 4", 4),
    ],
)
def test_what_was_changed_by_hand_is_named_and_exits_1(
    file: Path, capsys: pytest.CaptureFixture[str], statement: str, row: int
) -> None:
    by_hand(file, statement)
    status, said = says(file, capsys, "verify")
    assert status == 1
    assert said.startswith(f"broken at row {row}: ")


def test_a_cut_tail_is_found_with_a_head(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = kept(file)[-1]
    by_hand(file, "DELETE FROM audit WHERE number > 3")
    assert says(file, capsys, "verify")[0] == 0
    assert says(file, capsys, f"verify --head {head}")[0] == 1


def test_an_export_can_be_verified_with_nothing_of_ours(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = says(file, capsys, "export --since 2000-01-01 --json")
    assert status == 0
    rows = [json.loads(line) for line in said.splitlines()]
    previous = "0" * 64
    for row in rows[:5]:
        at = row["at"].replace("Z", "+00:00")
        seconds, micros = divmod(_microseconds(at), 1_000_000)
        covered = [
            row["seq"], row["number"], seconds * 1_000_000 + micros, row["who"], row["team"],
            row["action"], row["object"], row["rule"], row["outcome"], row["originator"], previous,
        ]  # fmt: skip
        form = json.dumps(covered, ensure_ascii=False, separators=(",", ":")).encode()
        assert row["previous"] == previous
        assert row["hash"] == hashlib.sha256(form).hexdigest()
        previous = row["hash"]


def _microseconds(at: str) -> int:
    from datetime import UTC, datetime, timedelta

    return (datetime.fromisoformat(at) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


def test_an_export_is_itself_a_row(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(file, capsys, "export --since 2000-01-01 --json")
    _, said = says(file, capsys, "export --since 2026-11-01T00:00+01:00 --json")
    rows = [json.loads(line) for line in said.splitlines()]
    assert [(row["who"], row["action"], row["rule"]) for row in rows] == [
        ("operator", "exported", "since 2000-01-01T00:00:00.000000Z"),
        ("operator", "exported", "since 2026-10-31T23:00:00.000000Z"),
    ]
    keys = ["at", "who", "team", "action", "object", "rule", "outcome", "previous", "hash"]
    assert list(rows[0])[: len(keys)] == keys
    assert rows[0]["hash"] is None
    status, said = says(file, capsys, "verify")
    assert status == 0
    assert "not sealed yet: 2 rows" in said


def test_a_table_is_for_people(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = says(file, capsys, "export --since 2026-03-04T14:30:03")
    heading, *rows = said.splitlines()
    assert status == 0
    assert heading.split() == [
        "number", "at", "action", "outcome", "team", "who", "rule", "object",
    ]  # fmt: skip
    assert [row.split()[0] for row in rows] == ["4", "5", "-"]


@pytest.mark.parametrize(
    "words", ["verify --head ab", f"verify --head {'x' * 64}", "export", "export --since soon", ""]
)
def test_what_cannot_be_meant_exits_2(
    file: Path, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        says(file, capsys, words)
    assert ended.value.code == 2


def test_a_store_that_cannot_be_opened_exits_3(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text() + '[store]\nurl = "sqlite:////nowhere/at/all.db"\n')
    assert says(file, capsys, "verify")[0] == 3
