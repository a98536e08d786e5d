"""Warning lists: they annotate, they are renewed whole, and what they no longer name is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.indicators import warning_files, warninglists
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.warned import warnings
from bot.indicators.warninglists import Stage, load_now, stage, works
from bot.store.database import Database
from bot.store.tables import indicators as tables

Bring = Callable[..., None]
"""Installs a version of the lists, each by its slug."""

RESOLVER = Observable(Kind.IPV4, "192.0.2.53")
POPULAR = Observable(Kind.DOMAIN, "www.popular.example")
CLOUD = Observable(Kind.IPV4, "198.51.100.200")


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """A package of lists of our own, in the place of MISP's."""
    package = tmp_path / f"lists_{tmp_path.name}"  # each its own: modules are kept
    folder = package / "data" / "misp-warninglists" / "lists"
    folder.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(warning_files, "PACKAGE", package.name)
    monkeypatch.setattr(warninglists, "WRITTEN", 10)

    def bring(number: str, **lists: dict[str, object]) -> None:
        monkeypatch.setattr(warninglists, "version", lambda: number)
        for old in folder.glob("*/list.json"):
            old.unlink()
        for slug, content in lists.items():
            (folder / slug).mkdir(exist_ok=True)
            (folder / slug / "list.json").write_text(json.dumps({"name": slug} | content))

    return bring


def of(kind: str, *entries: str, about: str = "") -> dict[str, object]:
    return {"type": kind, "list": entries, "matching_attributes": [about] if about else []}


def names(database: Database, value: Observable) -> tuple[str, ...]:
    return database.read_now(lambda s: warnings(Asking(s), [value])).get(value, ())


def rows(database: Database, table: type) -> int:
    count = select(func.count()).select_from(table)
    return database.read_now(lambda session: session.execute(count).scalar_one())


def test_a_value_is_annotated_with_every_list_that_it_is_on(
    database: Database, bring: Bring
) -> None:
    bring(
        "1",
        resolvers=of("string", RESOLVER.value, about="ip-dst"),
        clouds=of("cidr", "198.51.100.0/24", "192.0.2.0/24"),
        popular=of("hostname", "popular.example", about="domain"),
        mailboxes=of("regex", "^abuse@.*"),
    )
    assert load_now(database)
    assert names(database, RESOLVER) == ("clouds", "resolvers")
    assert names(database, CLOUD) == ("clouds",)
    assert names(database, POPULAR) == ("popular",)
    assert names(database, Observable(Kind.EMAIL, "abuse@a.example")) == ()
    assert not load_now(database), "nothing is to be done again"


def test_what_a_new_version_no_longer_names_is_dropped(database: Database, bring: Bring) -> None:
    clouds = of("cidr", "198.51.100.0/24", "192.0.2.0/24")
    bring("1", resolvers=of("string", RESOLVER.value, "192.0.2.54"), clouds=clouds,
          popular=of("hostname", "popular.example"))  # fmt: skip
    load_now(database)
    bring("2", resolvers=of("string", "192.0.2.54"), clouds=of("cidr", "192.0.2.0/24"))
    assert database.read_now(stage) is Stage.NONE
    load_now(database)
    assert names(database, RESOLVER) == ("clouds",)
    assert names(database, CLOUD) == names(database, POPULAR) == ()
    assert rows(database, tables.WarningEntry) == rows(database, tables.WarningNetwork) == 1
    assert rows(database, tables.WarningList) == 3  # the two, and the row that says how far it is


def test_until_a_new_version_is_whole_the_old_one_answers(sqlite: Database, bring: Bring) -> None:
    many = [f"203.0.113.{number}" for number in range(100)]
    bring("1", resolvers=of("string", RESOLVER.value))
    load_now(sqlite)
    bring("2", resolvers=of("string", *many))
    for work in islice(works(frozenset(), Stage.WHOLE), 5):  # and there it is killed
        sqlite.run_now(work)
    assert 1 < rows(sqlite, tables.WarningEntry) < 100
    assert names(sqlite, RESOLVER) == ("resolvers",)
    assert names(sqlite, Observable(Kind.IPV4, many[0])) == ()
    load_now(sqlite)
    assert names(sqlite, RESOLVER) == ()
    assert all(names(sqlite, Observable(Kind.IPV4, each)) == ("resolvers",) for each in many)
    assert rows(sqlite, tables.WarningEntry) == 100


def test_the_small_ones_come_first_and_are_not_brought_twice(
    sqlite: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warninglists, "_SMALL", 1000)
    large = [f"d{number}.example" for number in range(500)]
    bring("1", resolvers=of("string", RESOLVER.value), large=of("string", *large, about="domain"))
    assert load_now(sqlite, Stage.SMALL)
    assert names(sqlite, RESOLVER) == ("resolvers",)
    number = sqlite.read_now(lambda s: s.execute(select(tables.WarningList.id)).scalars().all())
    assert names(sqlite, Observable(Kind.DOMAIN, "d7.example")) == ()
    assert load_now(sqlite)
    assert names(sqlite, Observable(Kind.DOMAIN, "d7.example")) == ("large",)
    after = sqlite.read_now(lambda s: s.execute(select(tables.WarningList.id)).scalars().all())
    assert set(number) & set(after), "the small one stands as it was"
    assert not load_now(sqlite, Stage.SMALL)


def test_two_who_bring_them_in_at_once_leave_one_whole_list(sqlite: Database, bring: Bring) -> None:
    """A running bot, and an import beside it."""
    many = [f"203.0.113.{number}" for number in range(60)]
    bring("1", resolvers=of("string", *many))
    first, second = (works(frozenset(), Stage.WHOLE) for _ in range(2))
    for work in (*islice(first, 4), *islice(second, 2), *first, *second):
        sqlite.run_now(work)
    assert all(names(sqlite, Observable(Kind.IPV4, each)) == ("resolvers",) for each in many)
    assert rows(sqlite, tables.WarningList) == 2
    assert rows(sqlite, tables.WarningEntry) == 60
