"""`liaison schedule list`: what it prints, and that it is written down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli import main
from bot.custody.audit import OPERATOR
from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.store.database import Database
from bot.store.tables import Audit, Schedule
from tests.stores import opened, sqlite_url

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    path = tmp_path / "liaison.toml"
    path.write_text('[tiny.here]\nport = 1\ntoken = "x"\n')
    return path


def begin(database: Database) -> list[str]:
    """Two schedules, the second paused; their handles."""

    def work(session: Session) -> list[str]:
        plan = Plan("digest", "daily", channel="ransomware")
        rows = [
            keeping.begin(session, plan, "weekdays 08:30", "Europe/Brussels", NOW),
            keeping.begin_once(session, plan, datetime(2027, 1, 1, tzinfo=UTC), "UTC", NOW),
        ]
        keeping.pause(rows[1], NOW)
        return [row.handle for row in rows]

    return database.run_now(work)


def test_what_is_to_come_is_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(sqlite_url(file.parent)) as database:
        first, second = begin(database)
    assert main(["schedule", "list", "--json", "--config", str(file)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"ref": first, "when": "weekdays 08:30", "zone": "Europe/Brussels", "paused": False,
            "next": "2026-03-05T07:30:00.000Z"}.items() <= rows[0].items()  # fmt: skip
    assert {"ref": second, "when": "2027-01-01T00:00:00Z", "zone": "UTC", "paused": True,
            "next": None}.items() <= rows[1].items()  # fmt: skip
    assert main(["--config", str(file), "schedule", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"{first}  digest  weekdays 08:30 (Europe/Brussels)  next 2026-03-05T07:30:00.000Z"
    )
    assert lines[1].endswith("  paused")


def test_where_nothing_is_to_come_it_says_so_and_that_somebody_looked_is_written_down(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(file), "schedule", "list"]) == 0
    assert capsys.readouterr().err == "liaison: nothing is scheduled\n"
    with opened(sqlite_url(file.parent)) as database:
        acts = database.read_now(lambda s: s.execute(select(Audit.who, Audit.object)).all())
        assert [tuple(act) for act in acts] == [(OPERATOR, "command:schedule")]
        assert database.read_now(lambda s: s.execute(select(Schedule)).all()) == []
