"""Migrations and models say the same; a newer store is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StoreBusy, StoreNewer
from bot.indicators.sight import of_operator
from bot.indicators.tagged import tagged
from bot.store import schema
from bot.store.database import Database, open_database
from bot.store.tables import Base, search
from tests.indicators import NOW
from tests.stores import opened, sqlite_url


def test_the_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        options = {"compare_server_default": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Full text is each database's own, and SQLAlchemy has no word for it."""
    return kind != "table" or not (name or "").startswith(search.WORDS)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _at(database: Database, revision: str) -> Iterator[Connection]:
    """A store as it was at a revision, to be filled."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(_config()).get_heads() == [schema.HEAD]


def test_upgrading_again_does_nothing(database: Database) -> None:
    assert schema.revision(database.engine) == schema.HEAD
    assert schema.upgrade(database.engine) is None


def test_a_store_of_a_later_version_is_refused(database: Database) -> None:
    database.run_now(lambda s: s.execute(text("UPDATE alembic_version SET version_num='9999'")))
    with pytest.raises(StoreNewer, match="9999"):
        schema.upgrade(database.engine)


def test_a_locked_store_is_refused_in_a_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.database._BUSY_SECONDS", 0.05)
    with opened(sqlite_url(tmp_path)) as theirs:
        ours = open_database(sqlite_url(tmp_path))
        try:
            with theirs.engine.connect() as other, other.begin(), pytest.raises(StoreBusy):
                schema.upgrade(ours.engine)
        finally:
            ours.close()


def test_the_copy_made_before_an_upgrade_is_whole(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as database:
        copy = schema._copy(database.engine, "0000")
    assert copy is not None
    with opened(f"sqlite:///{copy}") as copied:
        assert schema.revision(copied.engine) == schema.HEAD


def test_what_merely_spoke_of_a_label_keeps_its_marking_through_the_upgrade(
    tmp_path: Path,
) -> None:
    database = open_database(sqlite_url(tmp_path))
    with _at(database, "0004") as connection:
        row = (
            "INSERT INTO message (room, message, channel, author, said, received, label, floor) "
            "VALUES ('r', {key}, 'c', 'a', 0, 0, {label}, {floor})"
        )
        for values in (
            {"key": "'spoke'", "label": "'TLP:AMBER'", "floor": "'TLP:GREEN'"},
            {"key": "'bore'", "label": "'TLP:GREEN'", "floor": "NULL"},
        ):
            connection.execute(text(row.format(**values)))
    try:
        schema.upgrade(database.engine)
        with database.engine.connect() as connection:
            found = "SELECT message, label, spoken, floor FROM message ORDER BY id"
            rows = [tuple(each) for each in connection.execute(text(found))]
    finally:
        database.close()
    assert rows == [
        ("spoke", "TLP:GREEN", "TLP:AMBER", None),
        ("bore", "TLP:GREEN", None, None),
    ]


def test_what_several_teams_stand_for_and_is_scheduled_is_under_embargo_after_the_upgrade(
    tmp_path: Path,
) -> None:
    database = open_database(sqlite_url(tmp_path))
    advisories = (
        ("a-own", "scheduled", "[]"), ("a-two", "scheduled", '["a","b"]'),
        ("a-out", "released", '["a","b"]'),
    )  # fmt: skip
    with _at(database, "0020") as connection:
        for ref, state, sealing in advisories:
            named = {"ref": ref, "state": state, "sealing": sealing, "digest": b""}
            connection.execute(
                text(
                    "INSERT INTO reference (handle, kind, series, created) "
                    "VALUES (:ref, 'advisory', 'S', 0)"
                ),
                {"ref": ref},
            )
            connection.execute(
                text(
                    "INSERT INTO advisory (ref, channels, state, author, team, document, digest, "
                    "sealing, created, at) "
                    "VALUES (:ref, '[]', :state, 'p', 'a', '{}', :digest, :sealing, 0, 7)"
                ),
                named,
            )
    try:
        schema.upgrade(database.engine)
        with database.engine.connect() as connection:
            found = connection.execute(text("SELECT ref, embargo FROM advisory ORDER BY ref"))
            rows = [tuple(each) for each in found]
    finally:
        database.close()
    assert rows == [("a-out", None), ("a-own", None), ("a-two", 7)]


def test_labels_that_were_stored_before_are_found_after_the_upgrade(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))
    with _at(database, "0020") as connection:
        connection.execute(
            text("INSERT INTO indicator_marking VALUES (1, 'TLP:CLEAR', '', '')"),
        )
        row = (
            "INSERT INTO indicator_object (id, source, key, ref, version, kind, marking, said, "
            "first, received, revoked, name, labels, phases, named, opaque) VALUES "
            "(:id, 1, :id, 'r', 1, 'indicator', 1, 0, 0, 0, FALSE, '', :labels, '', :named, '')"
        )
        for number in range(1, 4):
            labels = '["C2","Straße"]' if number < 3 else ""
            named = f'[["ipv4","192.0.2.{number}",false,0]]' if number != 2 else ""
            values = {"id": number, "labels": labels, "named": named}
            connection.execute(text(row), values)
    try:
        schema.upgrade(database.engine)
        for tag in ("c2", "STRASSE"):
            found = database.read_now(lambda s, tag=tag: tagged(s, tag, of_operator(), NOW))  # type: ignore[misc]
            assert [each.value for each in found] == ["192.0.2.1"]
    finally:
        database.close()


def test_what_had_versions_before_the_upgrade_is_known_since_the_newest(tmp_path: Path) -> None:
    """How the others were marked is not known: nobody may count from them."""
    database = open_database(sqlite_url(tmp_path))
    with _at(database, "0024") as connection:
        row = (
            "INSERT INTO indicator_object (id, source, key, ref, version, kind, marking, said, "
            "first, received, revoked, name, labels, phases, named, opaque) VALUES "
            "(:id, 1, :id, 'r', 1, 'indicator', 1, 7, :first, 7, FALSE, '', '', '', '', '')"
        )
        for number, first in ((1, 7), (2, 3)):
            connection.execute(text(row), {"id": number, "first": first})
    try:
        schema.upgrade(database.engine)
        with database.engine.connect() as connection:
            found = connection.execute(text("SELECT first, past FROM indicator_object")).all()
        assert [tuple(each) for each in found] == [(7, ""), (7, "")]
    finally:
        database.close()
