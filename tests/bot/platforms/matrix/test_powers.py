from __future__ import annotations

from typing import Any

import pytest

from bot.platforms.matrix.powers import Levels, creators, needed

ADA, BOB = "@ada:x.org", "@bob:x.org"


@pytest.mark.parametrize(
    ("levels", "may"),
    [
        ({}, False),
        ({"users": {ADA: 50}}, True),
        ({"users": {ADA: 49}}, False),
        ({"users": {ADA: "50"}}, True),
        ({"users_default": 50}, True),
        ({"users": {ADA: 0}, "users_default": 50}, False),
        ({"notifications": {"room": 0}}, True),
        ({"notifications": {"room": 100}, "users": {ADA: 50}}, False),
        ({"notifications": {"room": None}, "users": {ADA: 50}}, True),
        ({"notifications": [], "users": []}, False),
    ],
)
def test_who_may_call_everybody(levels: dict[str, Any], may: bool) -> None:
    assert Levels(levels).may_ping(ADA) is may


def test_creators_have_all_power_from_room_version_12_on() -> None:
    content = {"room_version": "12", "additional_creators": [BOB, 5]}
    assert creators({"sender": ADA, "content": content}) == {ADA, BOB}
    assert creators({"sender": ADA, "content": {"room_version": "11"}}) == frozenset()
    assert creators({"sender": ADA, "content": {"room_version": "org.odd"}}) == frozenset()
    assert creators({"sender": ADA}) == frozenset()
    assert Levels({}, frozenset({ADA})).may_ping(ADA)


def test_what_an_event_takes_is_its_own_level_or_the_default() -> None:
    levels = {"events_default": 5, "events": {"m.reaction": 1}}
    assert needed(levels, "m.room.message") == 5
    assert needed(levels, "m.reaction") == 1
    assert needed({}, "m.room.message") == 0
