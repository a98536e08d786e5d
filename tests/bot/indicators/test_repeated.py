"""Many versions of one id in one stream: judged as if each came alone, and as quickly as others."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.indicators import importing
from bot.indicators.counts import Counts
from bot.indicators.importing import Importing
from bot.indicators.pace import Pace
from bot.indicators.raw import Asking
from bot.indicators.ready import ready
from bot.indicators.sources import Source, enter
from bot.indicators.taking import take
from bot.indicators.things import Rejected, Thing
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from tests.indicators import ADDRESS, DAY, DOMAIN, NOW, feed, one, take_in, thing

_NAMES = count()
_HELD = {
    "objects": "SELECT ref, version, kind, revoked, name, confidence, valid_until, named, past, "
    "m.label FROM indicator_object o JOIN indicator_marking m ON m.id = o.marking WHERE source = ?",
    "bytes": "SELECT o.ref, r.raw FROM indicator_raw r JOIN indicator_object o ON o.id = r.object "
    "WHERE o.source = ?",
    "ids": "SELECT i.key, i.digest, i.version, o.ref FROM indicator_identity i "
    "LEFT JOIN indicator_object o ON o.id = i.object WHERE i.source = ?",
    "values": "SELECT s.key, s.part, o.ref FROM indicator_statement s "
    "JOIN indicator_object o ON o.id = s.object WHERE o.source = ?",
    "tally": "SELECT t.label, sum(objects), sum(indicators) FROM indicator_tally y "
    "JOIN indicator_marking t ON t.id = y.marking WHERE source = ? "
    "GROUP BY t.label HAVING sum(objects) <> 0",
    "aside": "SELECT reason, ref, raw FROM indicator_quarantine WHERE source = ?",
}
"""What a source has in the store, but for numbers that the store gives."""
_ITEMS = st.one_of(
    st.builds(
        thing,
        st.sampled_from([1, 1, 1, 2]),
        st.sampled_from([ADDRESS, DOMAIN]),
        kind=st.sampled_from(["indicator", "indicator", "line"]),
        version=st.sampled_from([1, 2, 1, 2, 3, 0]),
        revoked=st.sampled_from([False, False, False, True]),
        marking=st.sampled_from([None, None, *map(Marking, (Label.AMBER, Label.RED))]),
        confidence=st.sampled_from([None, 10, 20]),
        valid_until=st.sampled_from([None, 5 * DAY]),
    ),
    st.builds(Rejected, st.just("broken"), st.just(thing(1).id), st.sampled_from([b"x", b"y"])),
    st.builds(Rejected, st.just("red"), st.just(thing(1).id), st.just(b""), st.integers(0, 3)),
)


def taken(
    database: Database, source: Source, *batches: list[Thing | Rejected]
) -> tuple[Counts, list[Any]]:
    """What came of them, and what the store then holds of the source."""

    def work(session: Session) -> tuple[Counts, list[Any]]:
        asking, counts = Asking(session), Counts()
        number = enter(asking, source)
        for batch in batches:
            counts.add(take(asking, source, number, [ready(each) for each in batch], NOW))
        held = [sorted(asking.rows(each, (number,)), key=repr) for each in _HELD.values()]
        return counts, held

    counts, held = database.run_now(work)
    counts.rival = 0  # each is one of the other source's
    return counts, held


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(
    before=[thing(1, ADDRESS)],
    items=[thing(1, ADDRESS, confidence=10), thing(1, DOMAIN, version=2)],
)
@given(before=st.lists(_ITEMS, max_size=3), items=st.lists(_ITEMS, max_size=6))
def test_versions_in_one_batch_leave_what_they_leave_one_by_one(
    sqlite: Database, before: list[Thing | Rejected], items: list[Thing | Rejected]
) -> None:
    first, second = (feed(f"v{next(_NAMES)}", confidence=15, ttl=DAY) for _ in range(2))
    apart = taken(sqlite, first, *([each] for each in [*before, *items]))
    assert taken(sqlite, second, *([each] for each in before), items) == apart


def test_one_id_ten_thousand_times_takes_no_more_transactions_than_others(
    database: Database,
) -> None:
    things = [thing(1, ADDRESS, version=number) for number in range(10_000)]
    units = 0
    with closing(Importing(feed(), things, lambda: NOW)) as reading:
        database.run_now(reading.begin)
        for looked in reading.looks():
            for unit in reading.works(looked, looked):
                unit.done(database.run_now(unit.work))
                units += 1
    assert units < 50
    assert (reading.counts.new, reading.counts.updated) == (1, 9_999)


def test_what_a_list_says_last_of_a_line_holds_though_it_said_it_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was passed over as unchanged: the store still had it while another was kept back."""
    monkeypatch.setattr(importing, "LOOKED_AT", 1)
    monkeypatch.setattr(importing, "ALONE", Pace(1, 10, 0))
    first = thing(1, ADDRESS, kind="line", version=0, confidence=1)
    second = thing(1, ADDRESS, kind="line", version=0, confidence=2)
    take_in(database, feed(), first)
    counts = take_in(database, feed(), second, first)
    assert counts.updated == 2
    assert [each.confidence for each in one(database, ADDRESS).statements] == [1]
