"""What a room lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sharing.marking import Label
from bot.sharing.traits import WORDS, Shortcoming, Traits, shortcomings

GOOD = Traits(private=True, invitation_only=True, history_from_joining=True, encrypted=True)
BAD = Traits(private=False, invitation_only=False, history_from_joining=False, encrypted=False)
ABOVE_GREEN = [Label.AMBER, Label.AMBER_STRICT]


@pytest.mark.parametrize("ceiling", ABOVE_GREEN)
def test_above_green_a_room_needs_all_of_it(ceiling: Label) -> None:
    assert shortcomings(GOOD, ceiling) == ()
    assert shortcomings(BAD, ceiling) == tuple(Shortcoming)
    assert shortcomings(replace(GOOD, private=False), ceiling) == (Shortcoming.PUBLIC,)
    assert shortcomings(replace(GOOD, invitation_only=False), ceiling) == (Shortcoming.OPEN,)
    assert shortcomings(replace(GOOD, history_from_joining=False), ceiling) == (
        Shortcoming.HISTORY,
    )
    assert shortcomings(replace(GOOD, encrypted=False), ceiling) == (Shortcoming.UNENCRYPTED,)


def test_what_a_network_does_not_have_it_does_not_lack() -> None:
    there = Traits(private=True, invitation_only=True)
    assert shortcomings(there, Label.AMBER) == ()


@pytest.mark.parametrize("ceiling", [Label.CLEAR, Label.GREEN])
def test_up_to_green_any_room_will_do(ceiling: Label) -> None:
    assert shortcomings(BAD, ceiling) == ()


def test_only_a_written_waiver_lets_it_be() -> None:
    assert shortcomings(BAD, Label.AMBER, "agreed on 3 March") == ()
    assert shortcomings(BAD, Label.AMBER, "  \n") == tuple(Shortcoming)


def test_there_are_words_for_each() -> None:
    assert set(WORDS) == set(Shortcoming)
