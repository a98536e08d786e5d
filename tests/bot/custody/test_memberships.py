"""Since when a team is in a group or a channel: what was said before stays closed to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.custody.effective import Marked, Markings
from bot.custody.memberships import Members, grouped, settle, since_of
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Kind, Membership, members_at
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database
from bot.store.tables import Audit
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, CHARLIE
from tests.clock import Clock

CHANNEL, INNER = Circle(Kind.CHANNEL, "ransomware"), Circle(Kind.GROUP, "inner")


def settled(
    database: Database,
    clock: Clock,
    teams: Iterable[TeamKey],
    circle: Circle = CHANNEL,
    *,
    whole: bool = True,
    enough: bool = True,
) -> dict[TeamKey, datetime | None]:
    """Settle one circle; since when its teams are in it."""
    members = {circle: Members(frozenset(teams), whole, enough)}
    found = database.run_now(lambda s: settle(s, members, clock()))
    return {
        fact.team: fact.since
        for fact in found.facts
        if fact.circle == circle and fact.until is None
    }


def test_those_of_the_first_hour_are_members_from_the_beginning(
    database: Database, clock: Clock
) -> None:
    assert settled(database, clock, [ALPHA, BRAVO]) == {ALPHA: None, BRAVO: None}
    clock.advance(60)
    assert settled(database, clock, [ALPHA, BRAVO, CHARLIE]) == {
        ALPHA: None,
        BRAVO: None,
        CHARLIE: clock(),
    }


def test_who_comes_into_what_was_empty_does_not_get_what_was_said_before(
    database: Database, clock: Clock
) -> None:
    assert settled(database, clock, []) == {}
    clock.advance(60)
    assert settled(database, clock, [ALPHA]) == {ALPHA: clock()}


def test_who_leaves_is_out_at_once_and_who_comes_back_has_a_gap(
    database: Database, clock: Clock
) -> None:
    settled(database, clock, [ALPHA, BRAVO])
    clock.advance(60)
    left = clock()
    assert settled(database, clock, [ALPHA]) == {ALPHA: None}
    clock.advance(60)
    assert settled(database, clock, [ALPHA, BRAVO]) == {ALPHA: None, BRAVO: clock()}
    facts = database.run_now(lambda s: settle(s, {}, clock())).facts
    assert members_at(facts, CHANNEL, left) == {ALPHA}


def test_while_not_all_is_known_nobody_leaves_and_whoever_is_seen_comes(
    database: Database, clock: Clock
) -> None:
    settled(database, clock, [ALPHA, BRAVO])
    clock.advance(60)
    assert settled(database, clock, [CHARLIE], whole=False) == {
        ALPHA: None,
        BRAVO: None,
        CHARLIE: clock(),
    }


def test_a_circle_is_not_founded_before_enough_is_known(database: Database, clock: Clock) -> None:
    assert settled(database, clock, [ALPHA], whole=False, enough=False) == {}
    assert settled(database, clock, [ALPHA, BRAVO]) == {ALPHA: None, BRAVO: None}


def test_a_circle_that_is_gone_from_the_settings_is_left_by_all_and_is_no_new_one_later(
    database: Database, clock: Clock
) -> None:
    settled(database, clock, [ALPHA])
    database.run_now(lambda s: settle(s, {}, clock()))
    clock.advance(60)
    assert settled(database, clock, [ALPHA]) == {ALPHA: clock()}


def test_what_changes_is_told_to_the_caller_and_recorded_once(
    database: Database, clock: Clock
) -> None:
    def came(*teams: TeamKey) -> list[TeamKey]:
        members = {CHANNEL: Members(frozenset(teams))}
        return [f.team for f in database.run_now(lambda s: settle(s, members, clock())).came]

    assert came(ALPHA) == []
    clock.advance(60)
    assert came(BRAVO) == [BRAVO]
    assert came(BRAVO) == []
    acts = database.read_now(
        lambda s: s.execute(select(Audit.team, Audit.action, Audit.object, Audit.rule)).all()
    )
    assert [tuple(act) for act in acts] == [
        ("alpha", "joined", "channel:ransomware", "founding"),
        ("alpha", "left", "channel:ransomware", ""),
        ("bravo", "joined", "channel:ransomware", ""),
    ]


def test_of_a_team_of_which_nothing_is_stored_a_group_counts_it_as_new(
    database: Database, clock: Clock
) -> None:
    settled(database, clock, [ALPHA], INNER)
    facts = database.read_now(lambda s: settle(s, {INNER: Members(frozenset([ALPHA]))}, clock()))
    since = since_of(grouped(facts.facts), ALLIES, clock())
    assert since["inner"] == {ALPHA: None, BRAVO: clock()}
    assert since["nobody"] == {}
    assert since_of({}, Directory(), clock()) == {}


def test_a_group_is_dated_however_its_name_is_written(clock: Clock) -> None:
    """Lists are kept in lower case: of a group written `Inner` the dates were not found."""
    allies = Directory([Team(TeamKey("a"), "A")], {"Inner": ["a"]})
    circle = Circle(Kind.GROUP, "Inner")
    facts = grouped([Membership(TeamKey("a"), circle, since=clock())])
    markings = Markings(allies, {}, since_of(facts, allies, clock()))
    before = clock() - timedelta(days=1)
    for written in ("inner", "Inner"):
        marked = Marked(Marking(Label.AMBER, (frozenset({written}),)), None, before)
        assert markings.matter(marked).releasable == frozenset()
