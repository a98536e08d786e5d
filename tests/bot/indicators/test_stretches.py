"""Stretches of files that came before: passed over whole, and never at the cost of an object."""

from __future__ import annotations

import io
import json
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.indicators import importing, reading
from bot.indicators.counts import Counts
from bot.indicators.importing import Importing, import_now
from bot.indicators.observable import Kind, Observable
from bot.indicators.pace import Pace
from bot.indicators.raw import Asking
from bot.indicators.stix.pieces import Stretch, pieces, stretched
from bot.indicators.stretches import remembered
from bot.indicators.things import Unread
from bot.sharing.marking import Label
from bot.store.database import Database
from tests.bot.indicators.stix.plain import a_bundle, an_id, an_indicator
from tests.indicators import NOW, A, feed, one, sees

ONE, TWO = (Observable(Kind.IPV4, f"198.51.100.{number}") for number in (1, 2))


def indicator(number: int, value: Observable, **more: Any) -> dict[str, Any]:
    pattern = f"[ipv4-addr:value = '{value.value}']"
    return an_indicator(pattern, **more) | {"id": an_id("indicator", number)}


def take(database: Database, text: bytes, name: str = "acme") -> Counts:
    """Import a file, as the command line does."""
    items = reading.read_file(io.BytesIO(text), stretches(database, name))
    return import_now(database, feed(name), items, lambda: NOW)


def stretches(database: Database, name: str = "acme") -> dict[bytes, int]:
    return database.read_now(lambda session: remembered(session, feed(name)))


def test_a_file_that_comes_again_as_it_was_is_not_taken_apart(database: Database) -> None:
    text = a_bundle(*(indicator(number, ONE) for number in range(50)))
    assert take(database, text).new == 50
    read, last = reading.read_file(io.BytesIO(text), stretches(database))
    assert isinstance(read, Stretch)
    assert (read.objects, read.is_known) == (49, True)
    assert isinstance(last, Unread), "behind the last nothing begins: it is told by its bracket"
    again = take(database, text)
    assert (again.unchanged, again.total) == (50, 50)
    assert take(database, text, "other").new == 50, "it is each source's own"


def test_what_is_set_aside_is_counted_each_time(sqlite: Database) -> None:
    text = a_bundle(indicator(1, ONE), {"type": "indicator", "id": "none"}, indicator(2, TWO))
    first, again = take(sqlite, text), take(sqlite, text)
    assert first.quarantined == again.quarantined
    assert (first.new, again.unchanged, again.total) == (2, 2, first.total)


def test_what_another_file_replaced_comes_back_where_it_has_no_version(
    sqlite: Database,
) -> None:
    """An observable has no `modified`: what was read last holds."""
    ref = an_id("x-note")
    texts = [
        a_bundle({"type": "x-note", "id": ref, "note": number}, indicator(1, ONE))
        for number in range(2)
    ]
    for text in (*texts, *texts, texts[1]):
        take(sqlite, text)
        assert notes(sqlite, ref) == [texts.index(text)]


def test_a_newer_version_from_another_file_is_not_undone(sqlite: Database) -> None:
    old = a_bundle(indicator(1, ONE))
    new = a_bundle(indicator(1, TWO) | {"modified": "2026-03-02T00:00:00.000Z"})
    for text in (old, old, new, old, old, new):
        take(sqlite, text)
    assert not one(sqlite, ONE).known
    assert one(sqlite, TWO).known


def test_an_import_that_was_killed_has_nothing_to_pass_over(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ALONE", Pace(10, 10, 0))
    text = a_bundle(*(indicator(number, ONE) for number in range(50)))
    half = Importing(feed(), reading.read_file(io.BytesIO(text), {}), lambda: NOW)
    sqlite.run_now(half.begin)
    for looked in half.looks():
        for unit in islice(half.works(looked, looked), 3):
            unit.done(sqlite.run_now(unit.work))
    counts = take(sqlite, text)
    assert (counts.new, counts.unchanged) == (20, 30)
    assert len(one(sqlite, ONE).statements) == 50


def test_under_another_default_marking_nothing_is_passed_over(sqlite: Database) -> None:
    text = a_bundle(*(indicator(number, ONE) for number in range(50)))
    take(sqlite, text)
    raised = feed(label=Label.AMBER)
    known = sqlite.read_now(lambda session: remembered(session, raised))
    items = reading.read_file(io.BytesIO(text), known)
    assert import_now(sqlite, raised, items, lambda: NOW).updated == 50
    assert not one(sqlite, ONE, sees(A, Label.GREEN)).known


def test_what_an_import_with_another_default_left_is_not_passed_over(sqlite: Database) -> None:
    """It was killed, and what it had not come to stayed under the default before."""
    text = a_bundle(*(indicator(number, ONE) for number in range(50)))
    take(sqlite, text)
    take(sqlite, text)
    raised = feed(label=Label.AMBER)
    sqlite.run_now(Importing(raised, [], lambda: NOW).begin)
    known = sqlite.read_now(lambda session: remembered(session, raised))
    import_now(sqlite, raised, reading.read_file(io.BytesIO(text), known), lambda: NOW)
    assert not one(sqlite, ONE, sees(A, Label.GREEN)).known


_objects = st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), max_size=30)


@given(_objects, _objects, st.integers(1, 200))
def test_all_objects_are_given_or_known(
    first: list[dict[str, int]], more: list[dict[str, int]], size: int
) -> None:
    known: dict[bytes, int] = {}
    for some in (first, first, [*first, *more], [*more, *first]):
        text = json.dumps({"objects": some}).encode()
        given = list(stretched(io.BytesIO(text), known, size))
        counted = [each.objects * each.is_known if isinstance(each, Stretch) else 1
                   for each in given]  # fmt: skip
        assert sum(counted) == len(list(pieces(io.BytesIO(text), size))) == len(some)
        known |= {each.digest: each.objects for each in given if isinstance(each, Stretch)}


def notes(database: Database, ref: str) -> list[Any]:
    rows = database.read_now(lambda session: Asking(session).rows(_RAW, (ref,)))
    return [json.loads(bytes(row[0]))["note"] for row in rows]


_RAW = (
    "SELECT r.raw FROM indicator_raw r JOIN indicator_object o ON o.id = r.object WHERE o.ref = ?"
)
