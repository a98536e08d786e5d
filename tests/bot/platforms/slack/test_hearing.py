"""Which socket is deaf, told by what was said."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.platforms.slack.hearing import Hearing, Place

OURS: Place = ("C1", "1700000000.000100")


@pytest.fixture
def hearing() -> Hearing:
    """Two sockets that began at 100, and must hear within 30."""
    found = Hearing(2, 30.0)
    found.began(0, 100.0)
    found.began(1, 100.0)
    return found


def test_what_was_heard_of_what_landed_accuses_nobody(hearing: Hearing) -> None:
    hearing.landed(OURS, 200.0)
    hearing.heard(1, OURS, 201.0)
    assert hearing.deaf(300.0) == []


def test_what_was_heard_before_it_was_known_to_have_landed_is_not_waited_for(
    hearing: Hearing,
) -> None:
    hearing.heard(1, OURS, 199.0)
    hearing.landed(OURS, 200.0)
    assert hearing.deaf(300.0) == []


def test_the_one_that_was_silent_since_is_deaf(hearing: Hearing) -> None:
    hearing.landed(OURS, 200.0)
    hearing.heard(1, ("C1", "1700000001.000100"), 205.0)
    assert hearing.deaf(229.0) == []
    assert hearing.deaf(231.0) == [0]
    assert hearing.deaf(232.0) == [], "it is renewed once"


def test_where_both_heard_something_since_it_was_lost_elsewhere(hearing: Hearing) -> None:
    hearing.landed(OURS, 200.0)
    hearing.heard(0, None, 205.0)
    hearing.heard(1, None, 205.0)
    assert hearing.deaf(500.0) == []


def test_what_new_sockets_do_not_mend_is_tried_ever_more_rarely(hearing: Hearing) -> None:
    now, renewed = 200.0, []
    for turn in range(400):
        now += 30.0
        hearing.landed(("C1", str(turn)), now)
        if deaf := hearing.deaf(now + 29.0):
            renewed.append(now)
            for socket in deaf:
                hearing.began(socket, now + 29.5)
    pauses = [later - earlier for earlier, later in pairwise(renewed)]
    assert pauses[0] < pauses[2] < pauses[4]
    assert max(pauses) <= 30.0 * 22


def test_history_that_nobody_told_of_accuses_those_that_were_silent_since(
    hearing: Hearing,
) -> None:
    hearing.heard(0, None, 250.0)
    assert hearing.missed(200.0, 210.0) == [], "it may be on its way"
    assert hearing.missed(200.0, 260.0) == [1]


def test_what_was_said_before_a_socket_began_accuses_it_of_nothing(hearing: Hearing) -> None:
    assert hearing.missed(99.0, 500.0) == []
