"""Of what was missed the newest is handed out, and the rest is counted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Refused
from bot.events import LeftOut, RoomId
from bot.platforms.base import CatchUp
from bot.platforms.matrix.envelope import RoomEvent, decode
from bot.platforms.matrix.feed import Past
from bot.platforms.matrix.limiting import Tally
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import House, Inlet, house, reading

HERE = RoomId("matrix:coalition/!here")
NOW = datetime.now(UTC).timestamp() * 1000
HOUR = 3_600_000


def said(hours: float, *, by: str = "@ada:x", kind: str = "m.room.message") -> RoomEvent:
    return RoomEvent(kind, "$e", by, int(NOW - hours * HOUR), {})


def tally(messages: int = 100, hours: float = 24.0) -> Tally:
    return Tally.within(CatchUp(messages, timedelta(hours=hours)), "@bot:x")


def test_the_newest_are_taken_up_to_the_limit() -> None:
    taken = tally(messages=3)
    assert taken.first_of([said(2), said(1)]) == 0
    assert taken.first_of([said(6), said(5), said(4), said(3)]) == 3
    assert taken.first_of([said(7)]) == 1
    left = taken.left_out(HERE, "s1")
    assert left is not None
    assert (left.count, left.gap, left.more) == (4, "after s1", False)
    assert left.until - left.since == timedelta(hours=3)


def test_what_is_too_old_is_left_out() -> None:
    taken = tally()
    assert taken.first_of([said(26), said(25), said(23), said(1)]) == 2
    assert taken.left_out(HERE, "s1") is not None


def test_only_what_others_said_counts() -> None:
    taken = tally(messages=1)
    edit = said(3)
    edit.content = {"m.relates_to": {"rel_type": "m.replace"}}
    assert taken.first_of([edit, said(2, by="@bot:x"), said(2, kind="m.reaction"), said(1)]) == 0
    assert taken.left_out(HERE, "s1") is None


@pytest.mark.parametrize("odd", ['"type": []', '"type": {}', '"state_key": {}, "type": "m.x"'])
def test_what_has_no_type_counts_for_nothing_and_stops_nothing(odd: str) -> None:
    """After an absence a server that sent one ended the bot, each time that it came back."""
    event = decode(f'{{{odd}, "sender": "@eve:x"}}'.encode())
    assert tally(messages=1).first_of([event, said(1)]) == 0


def test_a_clock_that_is_wrong_cuts_nothing_off() -> None:
    taken = tally()
    forged = RoomEvent("m.room.message", "$e", "@eve:x", 0, {})
    assert taken.first_of([said(2), forged, None, RoomEvent(origin_server_ts="x"), said(1)]) == 0
    future = RoomEvent("m.room.message", "$e", "@eve:x", 2**70, {})
    assert tally(messages=0).first_of([future]) == 1


async def missed(home: House, room: str, count: int) -> Inlet:
    """What is handed out after an absence in which so many messages were said."""
    async with reading(home.matrix(room), home.memory) as inlet:
        await home.ada.say(room, "seen")
        await inlet.until_text("seen")
    for number in range(count):
        await home.ada.say(room, f"m{number}")
    async with reading(home.matrix(room), home.memory) as inlet:
        await home.ada.say(room, "new")
        await inlet.until_text("new")
    return inlet


@pytest.mark.parametrize(
    ("count", "limit"), [(20, 5), (205, 150)], ids=["in one answer", "in a gap"]
)
def test_what_lies_beyond_the_limit_is_told_before_the_rest(
    synapse: Synapse, count: int, limit: int
) -> None:
    async def beyond() -> None:
        async with house(synapse) as home:
            home.catch_up = CatchUp(messages=limit)
            inlet = await missed(home, await home.room(), count)
            told = [arrival.event for arrival in inlet.arrivals]
            (gap,) = [event for event in told if isinstance(event, LeftOut)]
            assert told[0] is gap
            # what is new may come with what was missed, or a moment later
            kept = inlet.texts[:-1]
            assert kept == [f"m{number}" for number in range(gap.count, count)]
            assert len(kept) in {limit, limit - 1}

    asyncio.run(beyond())


def test_a_gap_that_is_refused_is_tried_again_at_the_next_start(synapse: Synapse) -> None:
    """It was given up, and lost."""

    async def refused() -> None:
        async with house(synapse) as home:
            room = await home.room()
            async with reading(home.matrix(room), home.memory) as inlet:
                await home.ada.say(room, "seen")
                await inlet.until_text("seen")
            for number in range(120):
                await home.ada.say(room, f"m{number}")
            matrix = home.matrix(room)

            async def refuse(*_asked: object, **_more: object) -> Past:
                raise Refused("M_FORBIDDEN")

            matrix._feed.page = refuse  # type: ignore[method-assign]  # as the homeserver may
            async with reading(matrix, home.memory) as inlet:
                await home.ada.say(room, "new")
                await inlet.until_text("new")
                assert "m0" not in inlet.texts
            async with reading(home.matrix(room), home.memory) as inlet:
                await home.ada.say(room, "newer")
                await inlet.until_text("newer")
                await inlet.until_text("m0")
            async with reading(home.matrix(room), home.memory) as inlet:
                await home.ada.say(room, "newest")
                await inlet.until_text("newest")
                assert "m0" not in inlet.texts, "it was read, and is forgotten"

    asyncio.run(refused())
