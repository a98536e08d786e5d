"""`liaison indicators`: what it prints, and how it exits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.custody.audit import Action
from bot.indicators import warninglists
from bot.indicators.contributing import add
from bot.indicators.observable import Kind, Observable
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Audit
from tests.bot.advisories.sources.documents import document, written
from tests.stores import opened, sqlite_url

GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with two teams and a feed; the warning lists are left out."""
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    monkeypatch.setattr(warninglists, "version", lambda: None)
    path = tmp_path / "liaison.toml"
    path.write_text(
        '[tiny.here]\nport = 1\ntoken = "x"\n'
        '[teams.a]\nclearance = "TLP:AMBER+STRICT"\n[teams.b]\nclearance = "TLP:GREEN"\n'
        '[feeds.acme]\ntype = "stix"\npath = "x.json"\nmarking = "TLP:AMBER"\noriginator = "a"\n'
    )
    return path


def indicator(number: int, value: str, **more: object) -> dict[str, object]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "created": "2026-02-01T00:00:00.000Z",
        "modified": "2026-02-01T00:00:00.000Z",
        "pattern": f"[ipv4-addr:value = '{value}']",
        "pattern_type": "stix",
        "valid_from": "2026-02-01T00:00:00Z",
        **more,
    }


def bundle(file: Path, *objects: dict[str, object]) -> str:
    path = file.parent / "bundle.json"
    identity = "bundle--00000000-0000-4000-8000-000000000000"
    path.write_text(json.dumps({"type": "bundle", "id": identity, "objects": objects}))
    return str(path)


def says(file: Path, *words: str) -> int:
    return main(["--config", str(file), "indicators", *words])


def test_what_was_imported_is_found_and_an_unknown_value_exits_1(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, "import", bundle(file, indicator(1, "198.51.100.7"))) == 0
    assert "1 objects, 1 new" in capsys.readouterr().out
    assert says(file, "lookup", "198.51.100[.]7") == 0
    assert "(ipv4): 1 statement" in capsys.readouterr().out
    assert says(file, "lookup", "198.51.100.8") == 1
    assert "not known" in capsys.readouterr().out


def test_nothing_that_a_source_writes_leads_anywhere_or_moves_the_cursor(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = ["\x1b]8;;https://evil.example\x07here", "a\r\x1b[2Kb", "www.evil.example"]
    says(file, "import", bundle(file, indicator(1, "198.51.100.7", labels=labels)))
    capsys.readouterr()
    says(file, "lookup", "198.51.100.7")
    shown = capsys.readouterr().out
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    assert "evil.example" not in shown
    assert "evil[.]example" in shown


def test_json_has_the_keys_that_are_promised(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(file, "import", bundle(file, indicator(1, "198.51.100.7", confidence=60)))
    capsys.readouterr()
    assert says(file, "lookup", "--json", "198.51.100.7") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"value", "type", "known", "statements", "related", "warnings", "searched"} <= set(found)
    assert (found["value"], found["type"], found["known"]) == ("198.51.100.7", "ipv4", True)
    said = found["statements"][0]
    assert (said["source"], said["team"], said["confidence"]) == ("import", None, 60)
    assert said["marking"] == "TLP:AMBER+STRICT"
    assert said["first_seen"] == "2026-02-01T00:00:00Z"
    assert said["expired"] is False


def test_as_a_team_only_what_it_may_see_is_there(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    green = indicator(2, "198.51.100.8", object_marking_refs=[GREEN])
    path = bundle(file, indicator(1, "198.51.100.7"), green)
    says(file, "import", path, "--feed", "acme")
    capsys.readouterr()
    assert says(file, "lookup", "198.51.100.7", "--as", "b") == 1
    assert "acme" not in capsys.readouterr().out.replace("acme (2026", "")
    assert says(file, "lookup", "198.51.100.8", "--as", "b") == 0
    assert says(file, "lookup", "198.51.100.7", "--as", "a") == 0
    capsys.readouterr()
    assert says(file, "export", "--as", "b") == 0
    exported = json.loads(capsys.readouterr().out)
    assert exported["objects"] == [green]
    assert says(file, "stats", "--as", "b", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["source"], line["objects"], line["indicators"]) == ("acme", 1, 1)
    assert line["quarantined"] == 0


def test_the_operator_sees_all_and_that_is_written_down_without_the_value(file: Path) -> None:
    says(file, "import", bundle(file, indicator(1, "198.51.100.7")))
    says(file, "lookup", "198.51.100.7")
    says(file, "lookup", "198.51.100.7", "--as", "a")
    with opened(sqlite_url(file.parent)) as database:
        rows = database.read_now(
            lambda s: s.execute(
                select(Audit).where(Audit.action == Action.LOOKED_UP)
            ).scalars().all()
        )  # fmt: skip
    assert [(row.who, row.object, row.rule) for row in rows] == [("operator", "lookup", "")]


def test_an_export_gives_every_object_back_byte_for_byte(
    file: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    odd = (
        b'{"type":"x-odd","id":"x-odd--00000000-0000-4000-8000-000000000001" ,"z":[1.50,"\\u00e9"]}'
    )
    path = file.parent / "b.json"
    path.write_bytes(b'{"type":"bundle","objects":[' + odd + b"]}")
    says(file, "import", str(path))
    capsysbinary.readouterr()
    assert says(file, "export") == 0
    assert odd in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["lookup", "198.51.100.7", "--as", "z"],
        ["lookup", "not a value at all"],
        ["import", "x", "--feed", "zzz"],
        ["import", "x", "--feed", "acme", "--marking", "TLP:GREEN"],
        ["import", "x", "--originator", "a"],
        ["import", "x", "--originator", "z", "--marking", "TLP:GREEN"],
        ["import", "x", "--originator", "a", "--marking", "TLP:RED"],
    ],
)
def test_what_is_wrongly_asked_exits_2(
    file: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, *words) == 2
    assert capsys.readouterr().err.strip()


def test_a_list_with_something_that_is_no_value_names_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, "lookup", "198.51.100.7", "foo", "b\x1b[0m") == 2
    said = capsys.readouterr()
    assert [line.partition(": not a value")[0] for line in said.err.splitlines()] == [
        'liaison: "foo"', 'liaison: "b\\x1b[0m"',
    ]  # fmt: skip
    assert not said.out


def test_a_file_that_is_not_there_exits_1(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert says(file, "import", "nowhere.json") == 1
    assert "nowhere.json" in capsys.readouterr().err


def test_a_teams_own_is_imported_as_its_word(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bundle(file, indicator(1, "198.51.100.7"))
    assert says(file, "import", path, "--originator", "b", "--marking", "TLP:AMBER") == 0
    capsys.readouterr()
    assert says(file, "lookup", "--json", "198.51.100.7", "--as", "b") == 0
    said = json.loads(capsys.readouterr().out)["statements"][0]
    assert (said["source"], said["team"], said["marking"]) == ("b", "b", "TLP:AMBER")


def test_feeds_that_are_configured_are_listed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, "feeds") == 0
    assert capsys.readouterr().out == "acme (stix): not read yet\n"


def test_a_team_is_shown_the_feeds_that_it_may_know_of_and_the_operator_is_written_down(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, "feeds", "--as", "b") == 0
    assert capsys.readouterr().out == "", "TLP:AMBER is above what b may read"
    assert says(file, "feeds", "--as", "a", "--json") == 0
    assert json.loads(capsys.readouterr().out)["feed"] == "acme"
    assert says(file, "feeds", "--as", "nobody") == 2
    assert says(file, "feeds", "run", "acme", "--as", "a") == 2
    with opened(sqlite_url(file.parent)) as database:
        rows = database.read_now(lambda s: s.execute(select(Audit.object)).scalars().all())
    assert rows == [], "who asks as a team is not the operator who sees all"
    assert says(file, "feeds") == 0
    with opened(sqlite_url(file.parent)) as database:
        rows = database.read_now(lambda s: s.execute(select(Audit.object)).scalars().all())
    assert len(rows) == 1


def test_what_came_of_reading_a_feed_is_told_in_json_too(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says(file, "feeds", "run", "acme", "--json") == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["fault"]
    bundle(file, indicator(1, "198.51.100.7"))
    (file.parent / "bundle.json").rename(file.parent / "x.json")
    assert says(file, "feeds", "run", "acme", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["feed"], told["fault"]) == ("acme", None)
    assert told["read"]


def test_a_feed_is_read_by_hand(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert says(file, "feeds", "run", "acme") == 1
    assert "liaison: acme: " in capsys.readouterr().err
    bundle(file, indicator(1, "198.51.100.7"))
    (file.parent / "bundle.json").rename(file.parent / "x.json")
    assert says(file, "feeds", "run", "acme") == 0
    assert capsys.readouterr().out.endswith("acme: 1 objects, 1 new\n")
    assert says(file, "lookup", "198.51.100.7") == 0
    assert says(file, "feeds", "run", "nowhere") == 2
    assert says(file, "feeds", "walk", "acme") == 2


def test_what_is_no_stix_leaves_as_stix(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert says(file, "import", bundle(file, indicator(1, "198.51.100.7"))) == 0
    with opened(sqlite_url(file.parent)) as database:
        database.run_now(
            lambda s: add(s, TeamKey("a"), Observable(Kind.IPV4, "192.0.2.9"),
                          Marking(Label.GREEN), "c2", datetime(2026, 2, 3, tzinfo=UTC))
        )  # fmt: skip
    capsys.readouterr()
    assert says(file, "export") == 0
    objects = json.loads(capsys.readouterr().out)["objects"]
    assert [each["type"] for each in objects] == ["indicator", "indicator"]
    assert objects[0] == indicator(1, "198.51.100.7")
    assert objects[1]["pattern"] == "[ipv4-addr:value = '192.0.2.9']"
    assert objects[1]["object_marking_refs"] == [GREEN]


def test_feeds_of_advisories_are_run_and_listed_with_what_is_not_taken_over(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = file.parent / "csaf"
    folder.mkdir()
    (folder / "good.json").write_bytes(written(document()))
    red = document("ACME-2026-002", distribution={"tlp": {"label": "RED"}})
    (folder / "red.json").write_bytes(written(red))
    file.write_text(file.read_text() + '[feeds.vendor]\ntype = "csaf"\npath = "csaf"\n')
    assert says(file, "feeds", "run", "vendor") == 0
    told = capsys.readouterr()
    assert "vendor: 1 new or changed, 1 refused" in told.out
    assert "not ACME-2026-002: it is TLP:RED" in told.err
    assert says(file, "feeds", "run", "vendor") == 0
    assert "vendor: 0 new or changed, 0 refused" in capsys.readouterr().out
    assert says(file, "feeds", "--json") == 0
    _, vendor = map(json.loads, capsys.readouterr().out.splitlines())
    assert vendor["read"] is not None
    assert vendor["refused"] == {"ACME-2026-002": "red"}
    (folder / "good.json").unlink()
    (folder / "red.json").unlink()
    assert says(file, "feeds", "run", "vendor") == 1
    assert "[missing]" in capsys.readouterr().err
