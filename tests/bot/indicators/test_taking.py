"""Taking in: versions, revocations, rivals, what is set aside; every object is accounted for."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from bot.errors import UserError
from bot.indicators import aside, importing
from bot.indicators.importing import Importing
from bot.indicators.observable import Kind, Observable
from bot.indicators.pace import Pace
from bot.indicators.raw import Asking
from bot.indicators.things import Link, Rejected, Thing, Unread
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import indicators as tables
from tests.indicators import (
    ADDRESS,
    DAY,
    DOMAIN,
    LATER,
    NOW,
    A,
    C,
    at,
    feed,
    one,
    sees,
    take_in,
    thing,
)

RED = Marking(Label.RED)


def rows(database: Database, table: type) -> int:
    count = select(func.count()).select_from(table)
    return database.read_now(lambda session: session.execute(count).scalar_one())


def test_what_comes_again_unchanged_is_passed_over(database: Database) -> None:
    things = [thing(number, ADDRESS) for number in range(5)]
    assert take_in(database, feed(), *things).new == 5
    again = take_in(database, feed(), *things, now=LATER)
    assert (again.unchanged, again.total) == (5, 5)
    assert len(one(database, ADDRESS).statements) == 5


def test_the_newest_version_holds_and_an_older_one_changes_nothing(database: Database) -> None:
    first, second = thing(1, ADDRESS, version=1), thing(1, DOMAIN, version=2)
    take_in(database, feed(), first)
    assert take_in(database, feed(), second).updated == 1
    assert take_in(database, feed(), first).late == 1
    assert not one(database, ADDRESS).known
    assert one(database, DOMAIN).known
    assert rows(database, tables.Object) == rows(database, tables.Raw) == 1
    assert rows(database, tables.Statement) == rows(database, tables.Identity) == 1


def test_two_versions_in_one_file_are_taken_in_their_order(database: Database) -> None:
    counts = take_in(database, feed(), thing(1, ADDRESS), thing(1, DOMAIN, version=2))
    assert (counts.new, counts.updated) == (1, 1)
    assert not one(database, ADDRESS).known
    assert one(database, DOMAIN).known


def test_a_revocation_is_final(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS))
    assert take_in(database, feed(), thing(1, ADDRESS, version=2, revoked=True)).revoked == 1
    assert take_in(database, feed(), thing(1, ADDRESS, version=3)).late == 1
    answer = one(database, ADDRESS)
    assert not answer.known
    assert [each.revoked for each in answer.statements] == [True]


def test_another_source_neither_updates_nor_revokes(database: Database) -> None:
    take_in(database, feed("acme"), thing(1, ADDRESS, confidence=80))
    rival = thing(1, ADDRESS, version=9, revoked=True, marking=Marking(Label.CLEAR))
    counts = take_in(database, feed("other"), rival)
    assert (counts.new, counts.rival) == (1, 1)
    theirs = {each.source: each for each in one(database, ADDRESS).statements}
    assert (theirs["acme"].revoked, theirs["acme"].confidence) == (False, 80)
    assert theirs["acme"].marking == Marking(Label.GREEN)
    assert theirs["other"].revoked
    assert one(database, ADDRESS).known


def test_several_sources_are_all_kept(database: Database) -> None:
    for name, confidence in (("x", 15), ("y", 85), ("z", None)):
        take_in(database, feed(name), thing(1, ADDRESS, confidence=confidence))
    answer = one(database, ADDRESS)
    assert [(each.source, each.confidence) for each in answer.statements] == [
        ("y", 85), ("x", 15), ("z", None),
    ]  # fmt: skip
    assert answer.confidences == (15, 85)


def test_an_object_without_a_marking_has_its_sources(database: Database) -> None:
    source = feed("acme", Label.AMBER, confidence=60, ttl=DAY, group="inner")
    take_in(database, source, thing(1, ADDRESS, valid_from=at(NOW)))
    take_in(database, source, thing(2, DOMAIN, marking=Marking(Label.CLEAR), confidence=5))
    said = one(database, ADDRESS).statements[0]
    inner = (frozenset({"inner"}),)
    assert (said.marking, said.confidence) == (Marking(Label.AMBER, inner), 60)
    assert not said.expired
    own = one(database, DOMAIN).statements[0]
    assert (own.marking, own.confidence) == (Marking(Label.CLEAR, inner), 5)


def test_red_is_set_aside_and_nothing_of_it_is_kept(database: Database) -> None:
    canary = Observable(Kind.DOMAIN, "canary-of-red.example")
    counts = take_in(database, feed(), thing(1, canary, marking=RED), Rejected("red", "x", b""))
    assert counts.quarantined == {"red": 2}
    assert rows(database, tables.Object) == rows(database, tables.Quarantined) == 0
    assert rows(database, tables.Identity) == rows(database, tables.Statement) == 0
    assert not one(database, canary).known


def test_what_becomes_red_is_withdrawn_and_does_not_come_back(database: Database) -> None:
    old = thing(1, ADDRESS)
    take_in(database, feed(), old)
    assert take_in(database, feed(), thing(1, ADDRESS, version=2, marking=RED)).withdrawn == 1
    assert not one(database, ADDRESS).statements
    assert rows(database, tables.Raw) == rows(database, tables.Statement) == 0
    assert take_in(database, feed(), old).late == 1
    assert take_in(database, feed(), thing(1, ADDRESS, version=3)).new == 1
    assert one(database, ADDRESS).known


def test_another_source_withdraws_nothing(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS))
    take_in(database, feed("other"), thing(1, ADDRESS, version=2, marking=RED))
    assert one(database, ADDRESS).known


def test_a_bad_object_is_set_aside_once_with_its_reason(database: Database) -> None:
    bad = Rejected("bad_pattern", "indicator--1", b'{"pattern": "["}')
    for _ in range(2):
        counts = take_in(database, feed(), thing(1, ADDRESS), bad)
        assert counts.quarantined == {"bad_pattern": 1}
    kept = database.read_now(lambda s: s.execute(select(tables.Quarantined)).scalars().all())
    assert [(each.reason, each.ref, each.raw) for each in kept] == [
        ("bad_pattern", "indicator--1", b'{"pattern": "["}')
    ]


def test_of_what_is_set_aside_so_much_is_kept_the_newest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list whose bad rows bear the time was kept whole, anew with each poll and for ever."""
    monkeypatch.setattr(aside, "MOST", 5)
    for day in range(4):
        bad = [Rejected("row", "", b"%d/%d" % (day, n)) for n in range(3)]
        take_in(database, feed(), *bad, now=NOW + timedelta(days=day))
    take_in(database, feed("other"), Rejected("row", "", b"x"), now=NOW)
    raws = select(tables.Quarantined.raw)
    kept = database.read_now(lambda s: [bytes(r or b"") for r in s.execute(raws).scalars()])
    assert len(kept) == 6
    assert {b"3/0", b"3/1", b"3/2", b"x"} < set(kept)
    assert sum(each.startswith(b"2/") for each in kept) == 2


def test_a_list_has_no_versions_and_its_newest_reading_holds(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS, kind="line", version=0, confidence=1))
    counts = take_in(database, feed(), thing(1, ADDRESS, kind="line", version=0, confidence=2))
    assert counts.updated == 1
    assert [each.confidence for each in one(database, ADDRESS).statements] == [2]


def test_what_calls_itself_the_same_version_is_not_news_unless_it_is_marked_otherwise(
    database: Database,
) -> None:
    take_in(database, feed(), thing(1, ADDRESS, raw=b"{}"))
    assert take_in(database, feed(), thing(1, ADDRESS, raw=b"{ }")).unchanged == 1
    stricter = thing(1, ADDRESS, raw=b"{  }", marking=Marking(Label.AMBER))
    assert take_in(database, feed(), stricter).updated == 1


def test_other_defaults_of_a_source_reach_what_is_stored_and_say_nothing_anew(
    database: Database,
) -> None:
    own: dict[str, Any] = {"valid_from": at(NOW), "version": at(NOW)}
    things = [
        thing(1, ADDRESS, **own), thing(2, DOMAIN, confidence=5, **own),
        thing(3, kind="malware", name="Cat", version=at(NOW)),
        thing(4, ADDRESS, kind="misp-attribute", version=at(NOW)),
        thing(5, ADDRESS, valid_until=at(NOW) + 9 * DAY, **own),
    ]  # fmt: skip
    take_in(database, feed(), *things)
    said = database.read_now(lambda s: s.execute(select(tables.Object.id)).all())
    counts = take_in(database, feed(confidence=60, ttl=DAY), *things, now=LATER)
    assert (counts.updated, counts.new) == (5, 0)
    found = database.read_now(
        lambda s: s.execute(
            select(tables.Object.confidence, tables.Object.valid_until).order_by(tables.Object.id)
        ).all()
    )
    day, nine = NOW + timedelta(days=1), NOW + timedelta(days=9)
    assert [tuple(each) for each in found] == [
        (60, day), (5, day), (60, None), (60, day), (60, nine),
    ]  # fmt: skip
    assert database.read_now(lambda s: s.execute(select(tables.Object.id)).all()) == said
    again = take_in(database, feed(confidence=60, ttl=DAY), *things, now=LATER)
    assert again.unchanged == 5


def test_what_a_source_writes_is_kept_to_be_shown_so_long_and_its_bytes_whole(
    database: Database,
) -> None:
    link = Link("uses\0" + "x" * 1000, "malware--1", "malware--2")
    long = thing(
        1, ADDRESS, name="a\0" + "b" * 5000, labels=("c" * 5000, *(f"t{n}" for n in range(500))),
        phases=tuple(f"k:{n}" for n in range(500)), links=(link,),
    )  # fmt: skip
    take_in(database, feed(), long)
    (found,) = one(database, ADDRESS).statements
    assert found.name == "a\ufffd" + "b" * 998
    assert (len(found.labels), found.labels[0], len(found.phases)) == (200, "c" * 200, 200)
    (raw,) = database.read_now(lambda s: s.execute(select(tables.Raw.raw)).scalars().all())
    assert raw == long.raw


def test_what_holds_for_a_time_holds_so_long_after_it_was_last_said(database: Database) -> None:
    source, end = feed(ttl=DAY), 253_402_300_799_000_000
    take_in(
        database, source, thing(1, ADDRESS, valid_from=1, version=at(NOW)),
        thing(2, ADDRESS, kind="misp-attribute", version=1, valid_from=at(NOW)),
        thing(3, ADDRESS, version=0), thing(4, ADDRESS, valid_from=end),
    )  # fmt: skip
    ends = database.read_now(
        lambda s: Asking(s).rows("SELECT valid_until FROM indicator_object ORDER BY id")
    )
    assert [each for (each,) in ends] == [*[at(NOW) + DAY] * 3, end]


def test_what_was_not_read_is_read_only_when_it_is_new(database: Database) -> None:
    read: list[int] = []

    def item(number: int) -> Unread:
        own = thing(number, ADDRESS)

        def reading(_raw: bytes) -> Thing:
            read.append(number)
            return own

        return Unread(own.raw, reading, lambda _raw: own.id)

    take_in(database, feed(), item(1))
    counts = take_in(database, feed(), item(1), item(2))
    assert (counts.unchanged, counts.new, read) == (1, 1, [1, 2])


def test_large_objects_are_not_held_by_the_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "HELD", 1000)
    things = [thing(number, ADDRESS, raw=b"%04d" % number * 100) for number in range(5)]
    looks = Importing(feed(), things, lambda: NOW).looks()
    assert [len(each) for each in looks] == [3, 2]


def test_an_import_that_was_killed_is_gone_on_with(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ALONE", Pace(10, 10, 0))
    things = [
        thing(number, Observable(Kind.IPV4, f"198.51.{number}.1"),
              links=(Link("indicates", f"i--{number}", "malware--1"),))
        for number in range(100)
    ]  # fmt: skip
    half = Importing(feed(), things, lambda: NOW)
    database.run_now(half.begin)
    for looked in half.looks():
        for unit in list(half.works(looked, looked))[:4]:
            unit.done(database.run_now(unit.work))
    assert rows(database, tables.Object) == 40  # and nothing that they are found by
    assert rows(database, tables.Identity) == 0
    counts = take_in(database, feed(), *things)
    assert (counts.new, counts.unchanged) == (60, 40)
    assert rows(database, tables.Object) == rows(database, tables.Identity) == 100
    assert rows(database, tables.Statement) == rows(database, tables.Tie) == 100
    for number in (0, 39, 40, 99):
        assert one(database, Observable(Kind.IPV4, f"198.51.{number}.1")).known


def test_of_what_was_left_when_an_import_was_killed_little_is_held(sqlite: Database) -> None:
    """Its bytes were read at once: of objects of 8 MB each all the memory that there is."""
    things = [thing(number, ADDRESS, raw=b"%09d" % number * 50_000) for number in range(40)]
    half = Importing(feed(), things, lambda: NOW)
    sqlite.run_now(half.begin)
    for looked in half.looks():
        for unit in half.works(looked, looked):
            unit.done(sqlite.run_now(unit.work))
    again = Importing(feed(), things, lambda: NOW)
    tracemalloc.start()
    try:
        sqlite.run_now(again.begin)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000, "all of it are 18 MB"
    assert take_in(sqlite, feed(), *things).unchanged == 40


def test_whoever_begins_an_import_of_a_source_ends_the_one_before(database: Database) -> None:
    first = Importing(feed(), [thing(1, ADDRESS)], lambda: NOW)
    database.run_now(first.begin)
    take_in(database, feed(), thing(1, ADDRESS))
    for looked in first.looks():
        for unit in first.works(looked, looked):
            with pytest.raises(UserError, match="another import"):
                database.run_now(unit.work)
    assert len(one(database, ADDRESS).statements) == 1


def test_the_first_time_stays_when_a_new_version_comes(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS))
    take_in(database, feed(), thing(1, ADDRESS, version=2), now=LATER)
    assert one(database, ADDRESS).statements[0].first_seen == at(NOW)


def test_counts_add_up(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS), thing(2, ADDRESS, version=5))
    things = (
        thing(1, ADDRESS), thing(2, ADDRESS, version=4), thing(3, DOMAIN), thing(4, opaque="snort"),
        Rejected("broken"), replace(thing(5, DOMAIN), marking=RED),
    )  # fmt: skip
    counts = take_in(database, feed(), *things, now=NOW + timedelta(hours=1))
    assert counts.total == len(things)
    assert (counts.unchanged, counts.late, counts.new, counts.opaque) == (1, 1, 2, 1)
    assert counts.quarantined == {"broken": 1, "red": 1}


def test_what_a_source_is_marked_by_default_follows_when_it_comes_again(
    database: Database,
) -> None:
    """It was passed over as unchanged, and stayed under the marking of before."""
    bare, own = thing(1, ADDRESS), thing(2, DOMAIN, marking=Marking(Label.GREEN))
    row = thing(3, Observable(Kind.DOMAIN, "row.example"), kind="line", version=0)
    take_in(database, feed("acme", Label.GREEN), bare, own, row)
    raised = take_in(database, feed("acme", Label.AMBER), bare, own, row)
    assert (raised.updated, raised.unchanged) == (2, 1)
    assert not one(database, ADDRESS, sees(A, Label.GREEN)).known
    assert one(database, ADDRESS, sees(A, Label.AMBER)).known
    assert one(database, DOMAIN, sees(A, Label.GREEN)).known
    assert take_in(database, feed("acme", Label.AMBER), bare, own, row).unchanged == 3
    shut = take_in(database, feed("acme", Label.AMBER, group="inner"), bare, own, row)
    assert shut.updated == 3, "a feed's group binds all that it brings"
    assert not one(database, DOMAIN, sees(C)).known
    assert take_in(database, feed("acme", Label.GREEN), bare, own, row).updated == 3
    assert one(database, ADDRESS, sees(A, Label.GREEN)).known
    assert rows(database, tables.Object) == rows(database, tables.Identity) == 3
