"""`liaison db backup` and `db restore` on the command line."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from bot.cli import main
from bot.custody import recovering
from bot.store.database import open_database
from bot.store.schema import HEAD, upgrade
from bot.store.tables import Memory


@pytest.fixture
def config(tmp_path: Path, tiny_network: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with a store beside it, and the keys of a device."""
    file = tmp_path / "liaison.toml"
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    file.write_text('[tiny.here]\nport = 1\ntoken = "x"\n')
    database = open_database("sqlite:///liaison.db", tmp_path)
    upgrade(database.engine)
    database.run_now(lambda s: s.add(Memory(account="tiny:here", key="k", value="of the copy")))
    database.close()
    keys = sqlite3.connect(tmp_path / "matrix.coalition.keys")
    keys.executescript("CREATE TABLE t (v); INSERT INTO t VALUES ('key');")
    keys.close()
    return file


def run(config: Path, *words: str) -> int:
    return main(["--config", str(config), *words])


def value(folder: Path) -> str:
    database = open_database("sqlite:///liaison.db", folder)
    try:
        found = database.read_now(lambda s: s.get(Memory, ("tiny:here", "k")))
        assert found is not None
        return found.value
    finally:
        database.close()


def change(folder: Path) -> None:
    database = open_database("sqlite:///liaison.db", folder)
    database.run_now(
        lambda s: s.merge(Memory(account="tiny:here", key="k", value="later")) and None
    )
    database.close()


def test_a_copy_is_put_back_and_what_was_there_is_kept(config: Path) -> None:
    folder, copy = config.parent, config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    change(folder)
    (folder / "matrix.coalition.keys").unlink()
    assert run(config, "db", "restore", str(copy)) == 0
    assert value(folder) == "of the copy"
    assert (folder / "matrix.coalition.keys").exists()
    assert len(list(folder.glob("liaison.db.before-restore-*"))) >= 1
    database = open_database("sqlite:///liaison.db", folder)
    assert database.read_now(recovering.standing) is not None
    database.close()


def test_a_store_that_is_damaged_or_gone_is_replaced(config: Path) -> None:
    folder, copy = config.parent, config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    (folder / "liaison.db").write_bytes(b"no store at all" * 100)
    assert run(config, "db", "restore", str(copy)) == 0
    assert value(folder) == "of the copy"
    (folder / "liaison.db").unlink()
    assert run(config, "db", "restore", str(copy)) == 0
    assert value(folder) == "of the copy"


def test_a_store_in_use_is_left_alone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    change(config.parent)
    with FileLock(config.parent / "liaison.db.lock"):
        assert run(config, "db", "restore", str(copy)) == 3
    assert "in use" in capsys.readouterr().err
    assert value(config.parent) == "later"


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("foreign", 1, "no copy"),
        ("cut", 1, "damaged"),
        ("newer", 3, "newer"),
        ("gone", 1, "no file"),
    ],
)
def test_what_cannot_be_put_back_is_refused_and_the_store_is_as_it_was(
    config: Path, capsys: pytest.CaptureFixture[str], what: str, status: int, words: str
) -> None:
    copy = config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    change(config.parent)
    match what:
        case "foreign":
            copy.write_text("a letter")
        case "cut":
            copy.write_bytes(copy.read_bytes()[:-100])
        case "newer":
            rewrite(copy, schema="9999")
        case _:
            copy.unlink()
    before = sorted(path.name for path in config.parent.iterdir())
    assert run(config, "db", "restore", str(copy)) == status
    assert words in capsys.readouterr().err
    assert value(config.parent) == "later"
    after = {
        path.name.removesuffix("-wal").removesuffix("-shm") for path in config.parent.iterdir()
    }
    assert after <= {*before, "liaison.db.lock"}


def rewrite(copy: Path, schema: str) -> None:
    with zipfile.ZipFile(copy) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    told = json.loads(parts["manifest.json"])
    assert told["schema"] == HEAD
    parts["manifest.json"] = json.dumps({**told, "schema": schema}).encode()
    with zipfile.ZipFile(copy, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_resume_all_says_whether_there_is_anything_to_end(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "resume", "all") == 1
    copy = config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    assert run(config, "db", "restore", str(copy)) == 0
    assert run(config, "resume", "all") == 0
    assert "when `liaison run` has read the rooms" in capsys.readouterr().out
