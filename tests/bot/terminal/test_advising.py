"""`liaison advisories`: what it prints, for whom, and that it is written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import acknowledging, keeping, releasing, sealing
from bot.advisories.document import Document
from bot.advisories.keeping import Draft
from bot.advisories.sealing import Sealer
from bot.advisories.states import Ack
from bot.cli import main
from bot.custody.audit import OPERATOR
from bot.events import PersonId
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.store.tables import Audit
from tests.bot.advisories.newsroom import Newsroom
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
A, B = TeamKey("a"), TeamKey("b")


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    path = tmp_path / "liaison.toml"
    teams = "".join(f'[teams.{key}]\nname = "CERT {key.upper()}"\n' for key in "abc")
    path.write_text(f'[tiny.here]\nport = 1\ntoken = "x"\n{teams}')
    with opened(sqlite_url(tmp_path)) as database:
        database.run_now(_advisories)
    return path


def _advisories(session: Session) -> None:
    """One of A's that is out, and one that A wrote with B and is still a draft."""
    house = Newsroom(session=session)
    ada, ben = PersonId("tiny:here/ada"), PersonId("tiny:here/ben")
    draft = Draft(Document("Patch", Label.GREEN), ("c",))
    row = keeping.begin(session, house, draft, ada, A, NOW)
    sealing.seal(session, row, Sealer(ben, (), A, speaks=True), NOW)
    releasing.release(session, house, row, NOW)
    for team, ack in ((B, Ack.FIXED), (A, Ack.RECEIVED)):
        acknowledging.say(session, row, team, ack, ben, NOW)
    draft = Draft(Document("Secret", Label.AMBER), ("c",), (B,))
    keeping.begin(session, house, draft, ada, A, NOW.replace(hour=15))


def run(file: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["advisories", *words, "--json", "--config", str(file)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_operator_sees_all_and_that_is_written_down(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, out = run(file, capsys, "list")
    assert {
        "number": None, "title": "Secret", "severity": "medium", "marking": "TLP:AMBER",
        "state": "draft", "released": None,
        "acknowledgements": dict.fromkeys("abc", "not_reached"),
    }.items() <= draft.items()  # fmt: skip
    assert {
        "number": "RTF-2026-001", "state": "released", "released": "2026-03-04T14:30:00.000Z",
        "acknowledgements": {"a": "received", "b": "fixed", "c": "not_reached"},
    }.items() <= out.items()  # fmt: skip
    with opened(sqlite_url(file.parent)) as database:
        who = database.read_now(
            lambda s: (
                s.execute(select(Audit.who).where(Audit.object == "advisories")).scalars().all()
            )
        )
    assert who == [OPERATOR]


@pytest.mark.parametrize(
    ("team", "titles", "acknowledgements"),
    [
        ("a", ["Secret", "Patch"], {"a": "received", "b": "fixed", "c": "not_reached"}),
        ("b", ["Secret", "Patch"], {"b": "fixed"}),
        ("c", ["Patch"], {"c": "not_reached"}),
    ],
)
def test_a_team_sees_its_own_drafts_and_of_others_its_own_word_alone(
    file: Path, capsys: pytest.CaptureFixture[str], team: str, titles: list[str],
    acknowledgements: dict[str, str],
) -> None:  # fmt: skip
    found = run(file, capsys, "list", "--as", team)
    assert [each["title"] for each in found] == titles
    assert found[-1]["acknowledgements"] == acknowledgements
    assert run(file, capsys, "export", "--as", team)[-1]["hash"]


def test_one_is_shown_by_its_number_or_handle_for_ever(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = run(file, capsys, "show", "rtf-2026-001")
    assert run(file, capsys, "show", one["ref"]) == [one]
    draft = run(file, capsys, "list")[0]["ref"]
    for words in (["show", "RTF-2026-009"], ["show", draft, "--as", "c"]):
        assert main(["advisories", *words, "--config", str(file)]) == 1
    assert main(["advisories", "list", "--as", "nobody", "--config", str(file)]) == 2
    capsys.readouterr()
    assert main(["advisories", "show", one["ref"], "--config", str(file)]) == 0
    assert capsys.readouterr().out.startswith("TLP:GREEN  medium  RTF-2026-001  released  Patch\n")


def test_what_is_out_is_exported_as_csaf_a_document_a_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made,) = run(file, capsys, "export", "--format", "csaf", "--as", "c")
    assert made["document"]["tracking"]["id"] == "RTF-2026-001"
    assert made["document"]["distribution"]["tlp"]["label"] == "GREEN"


def test_what_is_out_is_exported_as_files_by_label_and_year(
    file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    for form in ("csaf", "markdown", "pdf"):
        words = ["export", "--format", form, "--output", str(folder)]
        assert main(["advisories", *words, "--config", str(file)]) == 0
    capsys.readouterr()
    found = sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
    names = ("rtf-2026-001.json", "rtf-2026-001.json.sha512", "rtf-2026-001.md", "rtf-2026-001.pdf")
    assert found == [f"green/2026/{each}" for each in names]


def test_a_pdf_needs_a_folder(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advisories", "export", "--format", "pdf", "--config", str(file)]) == 2
    assert "--output" in capsys.readouterr().err
    assert main(["advisories", "export", "--output", "x", "--config", str(file)]) == 2
