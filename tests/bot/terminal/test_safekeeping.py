"""`liaison db backup` and `db restore` on the command line."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, make_url, text

from bot.cli import main
from bot.custody import recovering
from bot.store.database import open_database
from bot.store.lock import only_run
from bot.store.schema import HEAD, upgrade
from bot.store.tables import Memory
from tests.stores import NewDatabase, programs


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
    parts["manifest.json"] = json.dumps({**told, "schema": schema}).encode()
    with zipfile.ZipFile(copy, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def on_postgresql(tmp_path: Path, url: str) -> Path:
    """A configuration of a store on a PostgreSQL server."""
    file = tmp_path / "liaison.toml"
    file.write_text(f'[tiny.here]\nport = 1\ntoken = "x"\n[store]\nurl = {json.dumps(url)}\n')
    return file


def in_postgresql(url: str, put: str = "") -> str:
    """What is kept there, after something was put, where there is anything to put."""
    database = open_database(url)
    try:
        if put:
            row = Memory(account="tiny:here", key="k", value=put)
            database.run_now(lambda s: s.merge(row) and None)
        found = database.read_now(lambda s: s.get_one(Memory, ("tiny:here", "k")).value)
        standing = database.read_now(recovering.standing)
        return found if standing is None else f"{found}, recovering"
    finally:
        database.close()


def test_a_store_on_postgresql_is_copied_and_put_back(
    tmp_path: Path,
    tiny_network: Path,
    new_postgresql: NewDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")
    url, copy = new_postgresql(), tmp_path / "copy"
    config = on_postgresql(tmp_path, url)
    in_postgresql(url, "of the copy")
    assert run(config, "db", "backup", str(copy)) == 0
    with zipfile.ZipFile(copy) as parts:
        assert set(parts.namelist()) == {"manifest.json", "store.dump"}
    in_postgresql(url, "later")
    rewrite(copy, schema="0001")
    assert run(config, "db", "restore", str(copy)) == 1
    assert "make an empty one" in capsys.readouterr().err
    assert in_postgresql(url) == "later"
    rewrite(copy, schema=HEAD)
    assert run(config, "db", "restore", str(copy)) == 0, capsys.readouterr().err
    assert in_postgresql(url) == "of the copy, recovering"
    database = open_database(url)
    with only_run(database):
        assert run(config, "db", "restore", str(copy)) == 3
    database.close()
    assert "in use" in capsys.readouterr().err


def test_a_database_that_is_gone_is_filled_anew(
    tmp_path: Path, tiny_network: Path, new_postgresql: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")
    url, copy = make_url(new_postgresql()), tmp_path / "copy"
    empty = url.set(database=f"{url.database}_anew")
    old, new = (each.render_as_string(hide_password=False) for each in (url, empty))
    in_postgresql(old, "of the copy")
    assert run(on_postgresql(tmp_path, old), "db", "backup", str(copy)) == 0
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {empty.database}"))
    engine.dispose()
    assert run(on_postgresql(tmp_path, new), "db", "restore", str(copy)) == 0
    assert in_postgresql(new) == "of the copy, recovering"


def test_a_copy_of_another_kind_of_database_is_refused(
    config: Path, new_postgresql: NewDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    on_postgresql(config.parent, new_postgresql())
    assert run(config, "db", "restore", str(copy)) == 1
    assert "another kind of database" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (None, "pg_dump is not here: install PostgreSQL's client"),
        ("aborting because of server version mismatch", "the server's version or a newer one"),
        ("connection refused", "pg_dump failed: connection refused"),
    ],
)
def test_what_keeps_postgresql_from_being_copied_is_said_and_no_password_is_shown(
    tmp_path: Path, tiny_network: Path, new_postgresql: NewDatabase,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    says: str | None, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("bot.log.set_up", lambda _level: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    if says is not None:
        program = tmp_path / "pg_dump"
        program.write_text(
            f'#!/bin/sh\necho "$@ $PGPASSWORD" > {tmp_path}/asked\necho {says} >&2\nexit 1\n'
        )
        program.chmod(0o700)
    url = make_url(new_postgresql()).set(password="se/cret")
    config = on_postgresql(tmp_path, url.render_as_string(hide_password=False))
    copy = tmp_path / "copy"
    assert run(config, "db", "backup", str(copy)) == 1
    assert words in capsys.readouterr().err
    assert not copy.exists()
    if says is not None:
        asked = (tmp_path / "asked").read_text()
        assert asked.endswith(" se/cret\n") and asked.count("cret") == 1
        assert "***" not in asked


def test_resume_all_says_whether_there_is_anything_to_end(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "resume", "all") == 1
    copy = config.parent / "copy"
    assert run(config, "db", "backup", str(copy)) == 0
    assert run(config, "db", "restore", str(copy)) == 0
    assert run(config, "resume", "all") == 0
    assert "when `liaison run` has read the rooms" in capsys.readouterr().out
