"""`liaison decisions`: what it prints, how it exits, and what each team may know of it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from bot.cli import main
from bot.custody import heads, numbering
from bot.custody.effective import Marked, stored_marked
from bot.decisions import proposals
from bot.decisions.ledger import writing
from bot.decisions.proposals import Opening
from bot.events import PersonId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Membership, Outbox, State
from bot.store.tables.decisions import Voice
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
A = TeamKey("a")
SETTINGS = """
[tiny.here]
port = 1
token = "x"
[teams.a]
members = ["tiny:here/ada"]
[teams.b]
members = ["tiny:here/bob"]
[teams.c]
members = ["tiny:here/cy"]
clearance = "TLP:GREEN"
[groups]
inner = ["a", "b"]
[channels.c]
ceiling = "TLP:AMBER"
rooms = ["tiny:here/r1", "tiny:here/r2"]
teams = ["a", "b", "c"]
series = "RTF"
[series.INN]
channels = ["c"]
group = "inner"
"""


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration beside a store: one that all know, one for c too high, one for a group."""
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    path = tmp_path / "liaison.toml"
    path.write_text(SETTINGS)
    with opened(sqlite_url(tmp_path)) as database:
        database.run_now(_write)
    return path


def _write(session: Session) -> None:
    for kind, name, teams in (("channel", "c", "abc"), ("group", "inner", "ab")):
        for team in teams:
            session.add(Membership(kind=kind, name=name, team=team))
    for label, series, lists in (
        (Label.GREEN, "RTF", ()),
        (Label.AMBER, "RTF", ()),
        (Label.GREEN, "INN", (frozenset({"inner"}),)),
    ):
        row = proposals.open_proposal(
            session,
            Opening(
                "c", series, f"=Decide {label} in {series}.", "silence",
                PersonId("tiny:here/ada"), A, Marked(Marking(label, lists), A, NOW),
                NOW + timedelta(hours=72), {A: ["tiny:here/ada"]},
            ),
            NOW,
        )  # fmt: skip
        reference = proposals.reference_of(session, row)
        row.state, row.closed = "adopted", NOW
        numbering.number(session, reference, NOW)
        writing.append(session, reference, "adopted", {}, NOW)


def run(file: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["--config", str(file), "decisions", *words])
    return status, capsys.readouterr().out


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize(
    ("team", "numbers"),
    [
        (None, {"RTF-2026-001", "RTF-2026-002", "INN-2026-001"}),
        ("b", {"RTF-2026-001", "RTF-2026-002", "INN-2026-001"}),
        ("c", {"RTF-2026-001"}),
    ],
)
def test_a_team_is_shown_what_it_may_know(
    file: Path, capsys: pytest.CaptureFixture[str], team: str | None, numbers: set[str]
) -> None:
    as_team = [] if team is None else ["--as", team]
    status, out = run(file, "list", "--json", *as_team, capsys=capsys)
    assert status == 0
    assert {each["number"] for each in objects(out)} == numbers
    for number in ("RTF-2026-002", "INN-2026-001"):
        status, out = run(file, "show", number, "--json", *as_team, capsys=capsys)
        assert status == int(number not in numbers)


def test_the_keys_are_those_that_were_promised(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = run(file, "show", "RTF-2026-001", "--json", capsys=capsys)
    (found,) = objects(out)
    promised = {
        "ref", "number", "title", "state", "method", "series", "marking", "opened", "expires",
        "closed", "text", "commitment", "voices",
    }  # fmt: skip
    assert promised <= found.keys()
    assert found["opened"] == "2026-11-24T09:00:00Z"
    assert found["marking"] == "TLP:GREEN"


def test_the_operator_is_audited_and_a_team_is_not(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(file, "list", "--as", "b", capsys=capsys)
    run(file, "export", capsys=capsys)
    engine = create_engine(sqlite_url(file.parent))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT who, object, rule FROM audit")).all()
    assert [tuple(row) for row in rows] == [("operator", "decisions", "export jsonl")]


def test_an_export_holds_an_entry_a_line(file: Path, capsysbinary: Any) -> None:
    assert main(["--config", str(file), "decisions", "export", "--series", "RTF"]) == 0
    entries = objects(capsysbinary.readouterr().out.decode())
    assert [each["entry"] for each in entries] == [1, 2, 3, 4]
    assert {"series", "entry", "number", "kind", "at", "commitment", "previous", "hash"} <= entries[
        0
    ].keys()


@pytest.mark.parametrize("team", [None, "c"])
def test_a_bundle_verifies_itself_with_nothing_but_python(
    file: Path, tmp_path: Path, team: str | None
) -> None:
    bundle, as_team = tmp_path / "b.zip", [] if team is None else ["--as", team]
    words = ["decisions", "export", "--format", "bundle", "--output", str(bundle), *as_team]
    assert main(["--config", str(file), *words]) == 0
    with zipfile.ZipFile(bundle) as found:
        assert set(found.namelist()) == {
            "entries.jsonl",
            "minutes.md",
            "verify.py",
            "heads.jsonl",
            "HOW-TO-VERIFY.md",
        }
        found.extractall(tmp_path / "b")
    whole = (tmp_path / "b/entries.jsonl").read_text() + (tmp_path / "b/minutes.md").read_text()
    assert ("TLP:AMBER in RTF" in whole, "INN" in whole) == (team is None, team is None)
    script = [sys.executable, "-I", str(tmp_path / "b/verify.py")]
    held = subprocess.run(script, capture_output=True, check=False, text=True)
    assert (held.returncode, "4 entries hold" in held.stdout) == (0, True)
    path = tmp_path / "b/entries.jsonl"
    path.write_text(path.read_text().replace("Decide TLP:GREEN", "Decide TLP:CLEAR", 1))
    assert subprocess.run(script, capture_output=True, check=False).returncode == 1


def test_a_spreadsheet_takes_no_text_for_a_formula(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    words = ["decisions", "export", "--format", "csv", "--output", str(path)]
    assert main(["--config", str(file), *words]) == 0
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert {row["text"] for row in rows if row["kind"] == "opened"} >= {
        "'=Decide TLP:GREEN in RTF."
    }


def test_minutes_are_for_people(file: Path, capsysbinary: Any) -> None:
    assert main(["--config", str(file), "decisions", "export", "--format", "markdown"]) == 0
    out = capsysbinary.readouterr().out.decode()
    assert "## RTF-2026-001" in out and "State: adopted" in out


def test_what_holds_and_has_no_witness_is_unwitnessed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(file, "verify", capsys=capsys)
    assert status == 0
    assert "verified: RTF: 4 entries" in out and "verified: INN: 2 entries" in out
    assert out.count("unwitnessed") == 2
    own = out.splitlines()[2].split()[-1]
    status, out = run(file, "verify", "--head", own, capsys=capsys)
    assert status == 0 and "witnessed up to entry 4; 0 entries since then" in out
    status, out = run(file, "verify", "--head", "0" * 64, capsys=capsys)
    assert status == 1


def test_the_first_entry_that_is_wrong_is_named(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(sqlite_url(file.parent))
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET kind='broken' WHERE series='RTF' AND entry=2"))
    status, out = run(file, "verify", capsys=capsys)
    assert status == 1
    assert "broken at RTF entry 2: it was altered" in out


def _edit(file: Path, change: str) -> None:
    engine = create_engine(sqlite_url(file.parent))
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()


def test_what_is_shown_otherwise_than_it_was_decided_is_named_though_the_chain_holds(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(file, "UPDATE decision SET state = 'broken' WHERE matter LIKE '%AMBER%'")
    status, out = run(file, "verify", "--series", "RTF", capsys=capsys)
    assert status == 1
    assert "broken at RTF entry 4: what people are shown of it is not what stands here" in out
    status, out = run(file, "verify", "--series", "RTF", "--json", capsys=capsys)
    (found,) = objects(out)
    assert (status, found["entry"]) == (1, 4)
    assert run(file, "verify", "--series", "INN", capsys=capsys)[0] == 0


def test_an_entry_that_cannot_be_read_is_named_and_an_export_says_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(file, "UPDATE ledger SET at = 'noon' WHERE series = 'RTF' AND entry = 2")
    status, out = run(file, "verify", capsys=capsys)
    assert status == 1
    assert "broken at RTF entry 2: it was altered" in out
    assert main(["--config", str(file), "decisions", "export", "--series", "RTF"]) == 1
    assert "`liaison decisions verify` names it" in capsys.readouterr().err


def test_a_head_that_landed_in_a_room_bears_witness_and_shows_a_cut_tail(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(sqlite_url(file.parent)) as database:
        database.run_now(_tell)
    _, out = run(file, "verify", "--series", "RTF", capsys=capsys)
    assert "witnessed up to entry 4" in out
    engine = create_engine(sqlite_url(file.parent))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger WHERE series='RTF' AND entry=4"))
    status, out = run(file, "verify", "--series", "RTF", capsys=capsys)
    assert status == 1
    assert "broken at RTF entry 4" in out and "cut off" in out


def _tell(session: Session) -> None:
    end = writing.head(session, "RTF")
    assert heads.next_head(session, NOW, end, "RTF") is None
    assert heads.next_head(session, NOW + timedelta(days=1), end, "RTF") is not None
    session.add(
        Outbox(
            id="d1", lane="r", room="r", kind="post", state=State.DELIVERED, attempts=1,
            created=NOW, part=0,
        )
    )  # fmt: skip
    heads.told_by(session, ["d1"], "RTF")


def test_an_unknown_team_or_series_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(file, "list", "--as", "zz", capsys=capsys)[0] == 2
    assert run(file, "verify", "--series", "ZZ", capsys=capsys)[0] == 1
    assert run(file, "show", "RTF-2026-009", capsys=capsys)[0] == 1


def test_what_was_released_is_there_and_what_others_said_before_by_its_hashes_alone(
    file: Path, capsysbinary: Any
) -> None:
    with opened(sqlite_url(file.parent)) as database:
        database.run_now(_release)
    _, out = run(file, "list", "--as", "c", "--json", capsys=capsysbinary)
    found = {each["number"]: each for each in objects(out)}
    assert found["RTF-2026-002"]["marking"] == "TLP:GREEN"
    assert found["RTF-2026-002"]["released"] == "2026-11-24T10:00:00Z"
    assert found["RTF-2026-002"]["voices"] == []
    for team, whole in (("b", True), ("c", False)):
        _, out = run(file, "export", "--series", "RTF", "--as", team, capsys=capsysbinary)
        own = [each for each in objects(out) if each.get("number") != "RTF-2026-001"]
        kinds = {each.get("kind", "withheld") for each in own}
        assert ("voice" in kinds) == whole
        assert {"opened", "released"} <= kinds
        assert "Our own law." not in str(out) or whole


def _release(session: Session) -> None:
    """Team b says something to the one that c may not know; then it is released to all."""
    row = proposals.find(session, "RTF-2026-002")
    assert row is not None
    reference = proposals.reference_of(session, row)
    entry = writing.append(session, reference, "voice", {}, NOW, "Our own law.")
    session.add(
        Voice(
            ref=row.ref, team="b", person="tiny:here/bob", stance="reserve", said=NOW,
            received=NOW, confirmed=NOW, entry=entry.entry,
        )
    )  # fmt: skip
    later = NOW + timedelta(hours=1)
    row.given = row.matter
    row.matter = stored_marked(Marked(Marking(Label.GREEN), A, later))
    writing.append(session, reference, "released", {}, later)
