"""What every test can ask for: stores, a clock, the log as records, the tiny network."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.indicators import importing
from bot.indicators.pace import Pace
from bot.platforms.registry import networks
from bot.store.database import Database
from tests.clock import Clock
from tests.stores import NewDatabase, opened, postgresql, sqlite_url

# Where no bytecode is kept, as in many containers, every process of the bot that a test starts
# would compile hundreds of modules before it says a word.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with the files that take longest, by the time that their tests are given:
    then none waits long for another at the end.
    """
    if not hasattr(config, "workerinput"):
        return
    seconds = Counter[Path]()
    for item in items:
        given = item.get_closest_marker("timeout")
        seconds[item.path] += given.args[0] if given else 1
    items.sort(key=lambda item: -seconds[item.path])


@pytest.fixture(scope="session")
def new_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Makes a fresh PostgreSQL database at each call."""
    with postgresql(tmp_path_factory.mktemp("pg")) as new:
        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store on each of the databases."""
    if request.param == "sqlite":
        return sqlite_url(request.getfixturevalue("tmp_path"))
    new: NewDatabase = request.getfixturevalue("new_postgresql")
    return new()


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """An open store with today's schema, on each of the databases."""
    with opened(store_url) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An open store on SQLite, for what does not depend on the database."""
    with opened(sqlite_url(tmp_path)) as database:
        yield database


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with nothing in it, to be copied; and no import pauses."""
    folder = tmp_path_factory.mktemp("empty")
    with opened(sqlite_url(folder)), pytest.MonkeyPatch.context() as patched:
        patched.setattr(importing, "ALONE", Pace(500, 2000, 0))
        yield folder / "liaison.db"


@pytest.fixture
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Installs the tiny network, as pip would; the folder to put on a subprocess's path."""
    site = Path(__file__).parent / "tiny" / "on-path"
    monkeypatch.syspath_prepend(site)
    networks.cache_clear()
    yield site
    networks.cache_clear()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def records() -> Iterator[list[EventDict]]:
    """What was logged, as records."""
    with capture_logs() as captured:
        yield captured
