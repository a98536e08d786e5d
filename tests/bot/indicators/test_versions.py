"""An object is known since the first of its versions that one may see: what was hidden from them
has not been there for them, though a later version is marked lower.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.custody.releasing import Releaser
from bot.events import PersonId, RoomId
from bot.indicators import exporting
from bot.indicators.answers import as_json
from bot.indicators.lookup import lookup
from bot.indicators.releasing import Indicators, by_value
from bot.indicators.shelf import Wanted, page
from bot.indicators.sight import Sight, of_door, of_operator, of_team
from bot.indicators.sources import By, Source
from bot.indicators.things import Thing
from bot.indicators.versions import NEWEST
from bot.sharing.gate import Door
from bot.sharing.marking import Label, Marking
from bot.store.database import Database, open_database
from tests.custody import KEY, Alliance
from tests.indicators import ADDRESS, NOW, A, B, C, at, feed, markings, one, take_in, thing
from tests.stores import sqlite_url

LABELS = [Label.CLEAR, Label.GREEN, Label.AMBER]
HOURS = 30
FEED = Source(By.FEED, "acme", None, Marking(Label.CLEAR))
INNER = (frozenset({"inner"}),)
VERSIONS = st.lists(
    st.tuples(st.sampled_from(LABELS), st.booleans()), min_size=2, max_size=HOURS
).map(tuple)
"""How each is marked, and whether it is for the group: a version an hour."""
Versions = Sequence[tuple[Label, bool]]


def hour(number: int) -> datetime:
    return NOW + timedelta(hours=number)


def marking(label: Label, inner: bool) -> Marking:
    return Marking(label, INNER if inner else ())


def version(number: int, kind: str, label: Label, *, inner: bool) -> Thing:
    ref = f"{kind}--00000000-0000-4000-8000-000000000001"
    raw = json.dumps({"type": kind, "id": ref, "n": number, "l": label, "i": inner}).encode()
    counted = 0 if kind == "line" else number + 1
    return thing(1, ADDRESS, id=ref, kind=kind, version=counted, raw=raw,
                 marking=marking(label, inner))  # fmt: skip


def sight(joined: int | None, cleared: Label, *, room: bool) -> Sight:
    """Who came into the group, or into the room, at an hour; None: from the start."""
    since = None if joined is None else hour(joined)
    known = markings({B: cleared}, {"inner": {A: None, B: None if room else since}})
    if room:
        return of_door(known, Door(cleared, frozenset({A, B}), frozenset({A, B}), youngest=since))
    return of_team(known, B)


def told(versions: Sequence[tuple[int, Thing]], looks: Callable[[], Sight], empty: Path) -> bytes:
    """All that leaves the store."""
    seen = looks()

    def work(session: Session) -> bytes:
        answers = [as_json(each) for each in lookup(session, [ADDRESS], seen, hour(HOURS))]
        shelved, _ = page(session, seen, Wanted())
        leaves = [each.raw for each in exporting.given(session, seen)]
        counts = exporting.stats(session, seen, hour(HOURS), B, everything=False)
        lines = [*(repr(each).encode() for each in shelved), *leaves]
        return b"\n".join([json.dumps([answers, counts]).encode(), *lines])

    with TemporaryDirectory() as folder:
        copyfile(empty, Path(folder) / "liaison.db")
        database = open_database(sqlite_url(Path(folder)))
        try:
            for number, each in versions:
                take_in(database, FEED, each, now=hour(number))
            take_in(database, FEED, now=hour(HOURS))
            return database.read_now(work)
        finally:
            database.close()


@pytest.mark.timeout(600)  # many stores, one after the other
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    versions=VERSIONS, kind=st.sampled_from(["indicator", "malware", "line", "misp-attribute"]),
    joined=st.one_of(st.none(), st.integers(0, HOURS)), cleared=st.sampled_from(LABELS),
    room=st.booleans(),
)  # fmt: skip
@example(
    versions=((Label.GREEN, True),) * 20, kind="line", joined=1, cleared=Label.GREEN, room=False
)
@example(
    versions=((Label.GREEN, False),) * 20, kind="line", joined=1, cleared=Label.GREEN, room=True
)
def test_it_is_the_same_with_and_without_the_versions_that_were_hidden(
    empty: Path, versions: Versions, kind: str, joined: int | None, cleared: Label, room: bool
) -> None:
    def may_see(number: int) -> bool:
        label, inner = versions[number]
        if label is Label.CLEAR and not inner:
            return True
        is_late = joined is not None and number < joined
        return label <= cleared and not (is_late and (inner or room))

    every = [(n, version(n, kind, label, inner=inner)) for n, (label, inner) in enumerate(versions)]
    visible = [each for each in every if may_see(each[0])] if may_see(len(every) - 1) else []
    looks = partial(sight, joined, cleared, room=room)
    assert told(every, looks, empty) == told(visible, looks, empty)


def test_what_is_said_under_a_label_is_from_versions_that_bore_no_higher_one(
    database: Database,
) -> None:
    """Else who saw an earlier one would pass on, under TLP:GREEN, what was TLP:AMBER."""
    firsts = []
    labels = (Label.AMBER, Label.GREEN, Label.GREEN, Label.CLEAR, Label.AMBER)
    for number, label in enumerate(labels):
        take_in(database, FEED, version(number, "malware", label, inner=False), now=hour(number))
        seen = sight(None, Label.AMBER, room=False)
        firsts.append(one(database, ADDRESS, seen).statements[0].first_seen)
    assert firsts == [at(hour(each)) for each in (0, 1, 1, 3, 0)]


def test_who_was_in_a_group_from_the_start_counts_from_the_first_of_however_many(
    database: Database,
) -> None:
    for number in range(NEWEST * 3):
        take_in(database, FEED, version(number, "line", Label.GREEN, inner=True), now=hour(number))
        take_in(database, FEED, version(number, "line", Label.CLEAR, inner=True),
                now=hour(number) + timedelta(minutes=1))  # fmt: skip
    take_in(database, FEED, version(99, "line", Label.GREEN, inner=True), now=hour(HOURS))
    late = sight(NEWEST * 3 - 2, Label.AMBER, room=False)
    assert one(database, ADDRESS, late).statements[0].first_seen == at(hour(NEWEST * 3 - 2))
    always = sight(None, Label.AMBER, room=False)
    assert one(database, ADDRESS, always).statements[0].first_seen == at(hour(0))


def test_what_is_released_is_known_since_then_under_its_new_label(
    database: Database,
) -> None:
    amber = thing(1, ADDRESS, kind="malware", marking=Marking(Label.AMBER))
    take_in(database, feed(originator=A), amber)
    kind, by = Indicators(Alliance().custody), Releaser(PersonId("fake:a/ada"), RoomId("fake:a/r"))
    (found,) = database.read_now(lambda s: by_value(s, of_operator(), KEY, ADDRESS))
    green = Marking(Label.GREEN)
    database.run_now(lambda s: kind.release(s, kind.thing(found), green, by, hour(5)))
    for team, cleared in ((A, Label.GREEN), (C, Label.GREEN), (C, Label.AMBER)):
        seen = of_team(markings({team: cleared}), team)
        assert one(database, ADDRESS, seen).statements[0].first_seen == at(hour(5))
