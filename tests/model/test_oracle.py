"""The oracle itself, on cases that the promise and TLP 2.0 decide beyond doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.cast import ANN, BOB, INNER, PEOPLE, WAR, Variant
from tests.model.oracle import Message, Person, Reading, State, Words

CYD, GUS, DAN = PEOPLE["cyd"], PEOPLE["gus"], PEOPLE["dan"]
HERE, THERE = WAR[0], WAR[1]


def state(*present: Person, variant: Variant | None = None, **rest: bool) -> State:
    """Ann speaks in one room, and these people read the other."""
    made = State((variant or Variant()).alliance(), frozenset(PEOPLE.values()), now=1.0)
    made.read = {room: Reading(frozenset({ANN})) for room in (*WAR, *INNER)}
    made.read[THERE] = Reading(frozenset(present), **rest)
    made.keep_time()
    return made


def said(where: State, *words: Words, author: Person = ANN, at: float = 2.0) -> bool:
    """Whether what somebody says may stand in the other room."""
    team = where.alliance.team_of(author)
    where.messages[0] = Message(0, HERE, author, team, at, words)
    return where.may_stand(0, THERE)


@pytest.mark.parametrize(
    ("words", "may"),
    [
        (Words(), True),
        (Words("CLEAR"), True),
        (Words("AMBER"), True),
        (Words("AMBER+STRICT"), False),  # above the ceiling
        (Words("RED"), False),
        (Words(spoken="RED"), False),
        (Words("CLEAR", spoken="AMBER+STRICT"), False),
        (Words(doubtful=True), False),
        (Words("AMBER", lists=(frozenset({"inner"}),)), True),
        (Words("AMBER", lists=(frozenset({"de"}),)), True),
        (Words("CLEAR", lists=(frozenset({"charlie"}),)), False),
        (Words("CLEAR", lists=(frozenset({"stranger"}),)), False),
        (Words("CLEAR", lists=(frozenset(),)), False),
        (Words(lists=(frozenset({"inner"}), frozenset({"fr"}))), False),
    ],
)
def test_what_may_stand_where_bob_reads(words: Words, may: bool) -> None:
    assert said(state(BOB), words) is may


def test_everyone_in_the_audience_has_to_be_allowed() -> None:
    assert said(state(BOB, CYD), Words("AMBER"))
    assert not said(state(BOB, GUS), Words("GREEN"))
    assert said(state(BOB, GUS), Words("CLEAR"))
    assert not said(state(BOB, DAN), Words("AMBER"))  # cleared for TLP:GREEN
    assert not said(state(BOB, world=True), Words("GREEN"))
    assert not said(state(BOB, house_may_enter=True), Words("AMBER"))  # Dan may enter
    assert not said(state(BOB, fit=False), Words("AMBER"))
    assert said(state(BOB, fit=False), Words("GREEN"))


def test_amber_strict_is_for_the_roster() -> None:
    variant = Variant(ceiling="AMBER+STRICT", named=True)
    assert said(state(BOB, variant=variant), Words("AMBER+STRICT"))
    whole = replace(variant, clearance="AMBER")
    assert not said(state(BOB, variant=whole), Words("AMBER+STRICT"))
    where = state(BOB, PEOPLE["cat"], variant=variant)
    assert not said(where, Words("AMBER+STRICT"))


def test_an_edit_never_lowers_and_a_root_marks_its_replies() -> None:
    where = state(BOB)
    assert not said(where, Words("RED"), Words("CLEAR"))
    where.messages[1] = Message(1, HERE, ANN, "alpha", 3.0, (Words("CLEAR"),), root=0)
    where.messages[2] = Message(2, HERE, ANN, "alpha", 4.0, (Words("CLEAR"),), answers=1)
    assert not where.may_stand(1, THERE)
    assert not where.may_stand(2, THERE)


def test_who_comes_later_does_not_get_what_was_said_before() -> None:
    where = state(BOB)
    assert said(where, Words("GREEN"))
    where.now = 5.0
    where.read[THERE] = Reading(frozenset({BOB, CYD}))
    where.keep_time()
    assert not where.may_stand(0, THERE)
    assert said(where, Words("GREEN"), at=6.0)
    where.now = 7.0
    where.read[THERE] = Reading(frozenset({BOB}))
    where.keep_time()
    assert where.may_stand(0, THERE)


def test_what_is_frozen_or_not_read_gets_nothing() -> None:
    where = state(BOB)
    where.frozen = frozenset({THERE})
    assert not said(where, Words("CLEAR"))
    where.frozen = frozenset()
    del where.read[THERE]
    assert not said(where, Words("GREEN"))
    assert said(where, Words("CLEAR"))


def test_what_a_message_shows_marks_it_and_what_nobody_told_of_has_its_channels_default() -> None:
    where = state(BOB)
    assert said(where, Words("CLEAR"), Words("CLEAR", shows=frozenset({(1, HERE)})), Words("CLEAR"))
    where.messages[1] = Message(1, HERE, ANN, "alpha", 3.0, (Words("AMBER+STRICT"),))
    assert not where.may_stand(0, THERE)
    untold = state(BOB, variant=Variant(ceiling="GREEN"))
    assert said(untold, Words("CLEAR", shows=frozenset({(-1, HERE)})))
    assert not said(untold, Words("CLEAR", shows=frozenset({(-1, INNER[0])})))  # TLP:AMBER


def test_a_list_of_what_is_shown_counts_too() -> None:
    where = state(BOB)
    shows = frozenset({(1, HERE)})
    listed = Words("GREEN", lists=(frozenset({"charlie"}),))
    where.messages[1] = Message(1, HERE, ANN, "alpha", 3.0, (listed,))
    assert not said(where, Words("CLEAR", shows=shows))
