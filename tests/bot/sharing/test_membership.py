"""Since when a team is in a group or on a roster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.sharing.membership import (
    Circle,
    Kind,
    Membership,
    may_read,
    members_at,
    settled,
    was_member,
    youngest,
)
from bot.sharing.teams import TeamKey
from tests.bot.sharing.allies import ALPHA, BRAVO, CHARLIE

START = datetime(2026, 1, 1, tzinfo=UTC)
INNER = Circle(Kind.GROUP, "inner")
CHANNEL = Circle(Kind.CHANNEL, "inner")


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


FACTS = [
    Membership(ALPHA, INNER),
    Membership(BRAVO, INNER, since=at(10)),
    Membership(CHARLIE, INNER, since=at(2), until=at(4)),
    Membership(CHARLIE, INNER, since=at(12)),
    Membership(CHARLIE, CHANNEL),
]


def test_what_was_said_before_a_team_joined_stays_closed_to_it() -> None:
    assert not may_read(FACTS, BRAVO, INNER, said=at(9), now=at(20))
    assert may_read(FACTS, BRAVO, INNER, said=at(10), now=at(20))
    assert may_read(FACTS, ALPHA, INNER, said=at(-1000), now=at(20))


def test_a_team_that_leaves_loses_access_at_once_and_to_all() -> None:
    assert may_read(FACTS, CHARLIE, INNER, said=at(3), now=at(3))
    assert not may_read(FACTS, CHARLIE, INNER, said=at(3), now=at(4))
    assert was_member(FACTS, CHARLIE, INNER, at(3))
    assert not was_member(FACTS, CHARLIE, INNER, at(4))


def test_a_team_that_comes_back_does_not_get_what_it_missed() -> None:
    assert may_read(FACTS, CHARLIE, INNER, said=at(3), now=at(12))
    assert not may_read(FACTS, CHARLIE, INNER, said=at(8), now=at(12))


def test_a_group_and_a_channel_of_one_name_are_two() -> None:
    assert members_at(FACTS, INNER, at(8)) == {ALPHA}
    assert members_at(FACTS, CHANNEL, at(8)) == {CHARLIE}


def test_a_circle_is_as_young_as_its_last_team() -> None:
    assert youngest(FACTS, INNER, [ALPHA], at(20)) is None
    assert youngest(FACTS, INNER, [ALPHA, BRAVO], at(20)) == at(10)
    assert youngest(FACTS, INNER, [ALPHA, BRAVO, CHARLIE], at(20)) == at(12)
    assert youngest(FACTS, INNER, [ALPHA, BRAVO], at(5)) == at(5)
    assert youngest([], INNER, [], at(5)) is None


def test_the_first_teams_of_a_circle_are_its_founders() -> None:
    first = settled([], INNER, [BRAVO, ALPHA], at(1), founding=True)
    assert first == [Membership(ALPHA, INNER), Membership(BRAVO, INNER)]
    assert settled(first, INNER, [ALPHA, BRAVO], at(2)) == []
    assert settled(first, INNER, [ALPHA, CHARLIE], at(3)) == [
        Membership(BRAVO, INNER, None, at(3)),
        Membership(CHARLIE, INNER, at(3)),
    ]


def test_the_first_team_of_a_group_that_was_empty_does_not_get_its_past() -> None:
    assert settled([], INNER, [ALPHA], at(3)) == [Membership(ALPHA, INNER, at(3))]


def taken_in(facts: list[Membership], changes: list[Membership]) -> list[Membership]:
    ended = {(each.team, each.since) for each in changes if each.until is not None}
    kept = [each for each in facts if each.until or (each.team, each.since) not in ended]
    return kept + changes


TEAMS = st.frozensets(st.sampled_from([ALPHA, BRAVO, CHARLIE]))


@given(st.lists(TEAMS, max_size=8))
def test_the_facts_tell_who_was_in_at_any_time(changes: list[frozenset[TeamKey]]) -> None:
    facts: list[Membership] = []
    for hour, teams in enumerate(changes):
        facts = taken_in(facts, settled(facts, INNER, teams, at(hour), founding=hour == 0))
    for hour, teams in enumerate(changes):
        assert members_at(facts, INNER, at(hour)) == teams
