"""`status`: who is told what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.custody.frozen import Frozen, Kind, Order
from bot.errors import UserError
from bot.events import RoomId
from bot.richtext import plain
from bot.sharing.teams import Directory
from commands.grammar import Call
from commands.registry import LaneView, Registry
from tests.commands.house import (
    ADMIN_ROOM,
    ALPHA,
    COALITION,
    DIRECT_ROOM,
    MATRIX_ROOM,
    NOW,
    SLACK_ROOM,
    SmallHouse,
    context_in,
)

REGISTRY = Registry.load()


def ask(text: str, room: RoomId, house: SmallHouse, language: str = "en") -> list[str]:
    answer = REGISTRY.run(Call("status", text), context_in(room, house, language=language))
    return plain(answer.body).splitlines()


def troubled() -> SmallHouse:
    minutes = timedelta(minutes=1)
    return SmallHouse(
        lanes={
            SLACK_ROOM: LaneView(last_delivered=NOW - minutes),
            MATRIX_ROOM: LaneView(3, 1, 2, NOW - 2 * minutes, NOW - timedelta(days=1)),
        },
        down={COALITION},
        times={ALPHA: NOW - 30 * minutes, COALITION: NOW - 10 * minutes},
    )


def test_a_channels_room_is_told_of_its_networks_and_rooms() -> None:
    assert ask("", SLACK_ROOM, troubled()) == [
        "ransomware: 1 of 2 networks down, 3 wait, 1 unknown, oldest 2 min, 2 dead",
        "slack:alpha: connected since 14:00 UTC",
        "• C01GEN: nothing waits, last delivered 14:29 UTC",
        "matrix:coalition: not connected since 14:20 UTC",
        "• !abc:example.org: 3 wait, 1 unknown, oldest 2 min, 2 dead, last delivered 2026-03-03 14:30 UTC",  # noqa: E501  one line of the answer
    ]


def test_at_rest_it_says_so() -> None:
    assert ask("", SLACK_ROOM, SmallHouse())[:2] == [
        "ransomware: connected, nothing waits",
        "slack:alpha: connected",
    ]


def test_it_speaks_french() -> None:
    lines = ask("", SLACK_ROOM, troubled(), "fr")
    assert "slack:alpha: connecté depuis 14:00 UTC" in lines


def test_a_first_line_that_is_too_long_goes_on_below() -> None:
    lines = ask("", SLACK_ROOM, troubled(), "fr")
    assert len(lines[0]) <= 80
    assert lines[1] == "2 en échec"


def test_an_admin_room_is_told_of_every_channel_those_in_trouble_first() -> None:
    house = troubled()
    house.rooms = {"ports": house.rooms["ports"], "ransomware": house.rooms["ransomware"]}
    lines = ask("", ADMIN_ROOM, house)
    assert lines[0].startswith("1 of 2 networks down, 3 wait")
    assert [line.partition(":")[0] for line in lines if line.startswith("•")] == [
        "• ransomware",
        "• ports",
    ]
    assert ask("--channel ports", ADMIN_ROOM, house)[2] == "• C02PORT: nothing waits"


def test_many_channels_are_cut_off() -> None:
    house = SmallHouse(rooms={f"c{n}": [RoomId(f"slack:alpha/C{n}")] for n in range(25)})
    lines = ask("", ADMIN_ROOM, house)
    assert len(lines) == 1 + 1 + 20 + 1 + 1
    assert lines[-2] == "And 5 more channels."


def test_a_direct_room_must_name_a_channel_and_is_told_of_none() -> None:
    with pytest.raises(UserError) as caught:
        ask("", DIRECT_ROOM, troubled())
    assert str(caught.value) == "Say which channel: add “--channel NAME”."


def test_a_direct_room_is_never_told_of_rooms() -> None:
    text = "\n".join(ask("--channel ransomware", DIRECT_ROOM, troubled()))
    assert "ransomware: 1 of 2 networks down" in text
    assert "C01GEN" not in text
    assert "!abc" not in text


def test_a_room_of_no_channel_is_told_nothing() -> None:
    with pytest.raises(UserError):
        ask("", RoomId("slack:alpha/C9"), troubled())


def test_what_is_frozen_and_what_is_paused_is_told() -> None:
    house = SmallHouse()
    house.ice = Frozen(Directory(), house.rooms)
    house.ice.hold([Order(Kind.PAUSE, "ransomware", NOW), Order(Kind.ROOM, MATRIX_ROOM, NOW)])
    told = ask("", SLACK_ROOM, house)
    assert any(line.startswith("• C01GEN: paused; ") for line in told)
    assert any(line.startswith("• !abc:example.org: frozen; ") for line in told)
    told = ask("", ADMIN_ROOM, house)
    assert "• ransomware: paused since 14:30 UTC" in told
    assert f"• {MATRIX_ROOM}: frozen since 14:30 UTC" in told
