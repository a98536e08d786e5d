"""What people ask beside looking up: watches, contributions that wait, the day's count."""

from __future__ import annotations

from datetime import timedelta

from bot.indicators import people
from bot.indicators.contributing import Doubt, add, doubt_of
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking
from bot.indicators.warned import entry_key
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from tests.indicators import ADDRESS, DOMAIN, LATER, NOW, A, B, C, feed, one, sees, take_in, thing

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)
ADA, BEN = "fake:a/ada", "fake:a/ben"


def put_on_a_list(database: Database, value: Observable, name: str = "Public resolvers") -> None:
    """A warning list with one value on it."""

    def work(asking: Asking) -> None:
        asking.do(
            "INSERT INTO warning_list (slug, name, version, kinds) VALUES (?, ?, ?, ?)",
            (name, name, "1", f'["{value.kind}"]'),
        )
        number = asking.rows("SELECT id FROM warning_list WHERE slug = ?", (name,))[0][0]
        asking.do(
            "INSERT INTO warning_list_entry (key, list, below) VALUES (?, ?, ?)",
            (entry_key(value.value), number, False),
        )

    database.run_now(lambda session: work(Asking(session)))


def test_what_is_watched_is_a_persons_own(database: Database) -> None:
    assert database.run_now(lambda s: people.watch(s, ADA, A, "ipv4", "192.0.2.1", "{}", NOW))
    assert not database.run_now(lambda s: people.watch(s, ADA, A, "ipv4", "192.0.2.1", "{}", NOW))
    database.run_now(lambda s: people.watch(s, BEN, A, "text", "cat", "{}", NOW))
    assert [each.value for each in database.read_now(people.watches)] == ["192.0.2.1", "cat"]
    own = database.read_now(lambda s: people.watches(s, ADA))
    assert [(each.person, each.team, each.kind) for each in own] == [(ADA, A, "ipv4")]
    assert not database.run_now(lambda s: people.unwatch(s, BEN, "ipv4", "192.0.2.1"))
    assert database.run_now(lambda s: people.unwatch(s, ADA, "ipv4", "192.0.2.1"))
    assert database.read_now(lambda s: people.watches(s, ADA)) == []


def test_a_watch_begins_with_what_comes_after_it(database: Database) -> None:
    take_in(database, feed(), thing(1, ADDRESS))
    database.run_now(lambda s: people.watch(s, ADA, A, "ipv4", ADDRESS.value, "{}", NOW))
    (watch,) = database.read_now(people.watches)
    assert database.read_now(lambda s: people.appeared(s, sees(A), watch.seen)) == ([], watch.seen)
    take_in(database, feed(), thing(2, DOMAIN))
    found, until = database.read_now(lambda s: people.appeared(s, sees(A), watch.seen))
    assert [each.said[0].observable for each in found] == [DOMAIN]
    database.run_now(lambda s: people.looked_until(s, [watch.id], until))
    assert database.read_now(people.watches)[0].seen == until


def test_what_a_team_may_not_see_has_not_appeared(database: Database) -> None:
    take_in(database, feed(label=Label.AMBER), thing(1, ADDRESS))
    assert database.read_now(lambda s: people.appeared(s, sees(A), 0))[0]
    assert not database.read_now(lambda s: people.appeared(s, sees(A, Label.GREEN), 0))[0]


def test_a_proposal_waits_until_it_is_closed_once(database: Database) -> None:
    handle = database.run_now(
        lambda s: people.propose(s, ADA, A, ADDRESS, AMBER, "c2", Doubt.WARNED, NOW)
    )
    found = database.read_now(lambda s: people.proposed(s, handle))
    assert found is not None
    assert (found.team, found.value, found.marked.marking, found.note) == (A, ADDRESS, AMBER, "c2")
    assert database.run_now(lambda s: people.close(s, handle, B, NOW, agreed=True))
    assert not database.run_now(lambda s: people.close(s, handle, C, NOW, agreed=True))
    assert database.read_now(lambda s: people.proposed(s, handle)) is None


def test_what_a_team_looks_up_is_counted_by_day_and_told_once(database: Database) -> None:
    def count(person: str, values: int, now: object = NOW) -> int:
        return database.run_now(lambda s: people.count_bulk(s, person, A, values, now))  # type: ignore[arg-type]

    assert count(ADA, 500) == 500
    assert count(BEN, 100) == 600
    assert database.run_now(lambda s: people.is_first_over(s, A, NOW))
    assert not database.run_now(lambda s: people.is_first_over(s, A, NOW))
    assert count("fake:a/new", 1) == 601
    assert not database.run_now(lambda s: people.is_first_over(s, A, NOW))
    assert count(ADA, 1, LATER) == 1
    assert database.run_now(lambda s: people.forget_days(s, LATER)) == 3
    assert database.run_now(lambda s: people.forget_days(s, LATER + timedelta(days=1))) == 1


def test_what_a_team_adds_is_its_own_and_a_second_time_a_new_version(database: Database) -> None:
    take_in(database, feed("acme", originator=B), thing(1, ADDRESS, marking=AMBER))
    database.run_now(lambda s: add(s, A, ADDRESS, GREEN, "c2 of Cat", NOW))
    database.run_now(lambda s: add(s, A, ADDRESS, AMBER, "c2 of Dog", LATER))
    own = [each for each in one(database, ADDRESS).statements if each.team == A]
    assert [(each.name, each.marking, each.source) for each in own] == [("c2 of Dog", AMBER, "a")]
    assert len(one(database, ADDRESS).statements) == 2


def test_a_very_large_network_and_what_is_on_a_warning_list_are_doubted(database: Database) -> None:
    put_on_a_list(database, ADDRESS)
    doubts = [
        (ADDRESS, Doubt.WARNED), (DOMAIN, None),
        (Observable(Kind.NETWORK, "198.0.0.0/15"), Doubt.LARGE),
        (Observable(Kind.NETWORK, "198.51.0.0/16"), None),
        (Observable(Kind.NETWORK, "2001:d00::/31"), Doubt.LARGE),
    ]  # fmt: skip
    for value, doubt in doubts:
        assert database.read_now(lambda s, v=value: doubt_of(s, v)) == doubt  # type: ignore[misc]
