"""Two sockets at once: the order of a burst, one that dies, one that falls silent."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

import pytest
import structlog

from bot.events import Arrival, Delivery, DeliveryId, Post
from bot.richtext import say
from tests.bot.platforms.slack.workplace import QUICK, Place, Reader, place, reading, run

BURST = 500


async def commit(_arrival: Arrival) -> None:
    """As long as storing takes."""
    await asyncio.sleep(0.0005)


async def heard(at: Place, reader: Reader, *, lag: float, seed: int) -> list[int]:
    """The numbers of a burst in the order in which they were handed over."""
    await at.workspace.connected(2)
    await at.caught_up()
    at.workspace.seed(seed)
    at.workspace.lag(lag)
    for number in range(BURST):
        at.say(str(number))
    await reader.until(lambda: len(reader.texts) >= BURST, 20)
    return [int(text) for text in reader.texts]


def inversions(numbers: list[int]) -> int:
    return sum(one > other for one, other in pairwise(numbers))


@pytest.mark.parametrize("seed", range(3))
def test_a_burst_over_two_sockets_is_in_order(seed: int) -> None:
    async def scenario() -> None:
        async with place(commit=commit) as at, reading(at) as reader:
            assert inversions(await heard(at, reader, lag=0.0, seed=seed)) == 0
            await at.workspace.quiet()

    run(scenario())


def test_where_one_connection_is_slower_no_more_is_mixed_than_what_was_stored_before() -> None:
    """With up to 2 ms between the two, every second one is overtaken where nothing puts it right
    (some 240 of 500); what is still waiting can be put right, what is stored cannot.
    """

    async def slowly(_arrival: Arrival) -> None:
        await asyncio.sleep(0.003)

    async def scenario() -> None:
        async with place(commit=slowly) as at, reading(at) as reader:
            assert inversions(await heard(at, reader, lag=0.002, seed=1)) <= 25

    run(scenario())


def test_one_that_dies_loses_nothing_and_the_other_goes_on() -> None:
    async def scenario() -> None:
        async with place(ack_timeout=30) as at, reading(at) as reader:
            await at.workspace.connected(2)
            at.say("first")
            await reader.until(lambda: "first" in reader.texts)
            at.workspace.deafen(1)  # what it is sent from now on is lost with it
            for number in range(20):
                at.say(str(number))
            await reader.until(lambda: len(reader.texts) > 1)
            assert at.workspace.drop_sockets(1) == 1
            assert at.platform.connected
            await reader.until(lambda: len(reader.texts) == 21)
            assert set(reader.texts) == {"first", *map(str, range(20))}
            await at.workspace.connected(2)

    run(scenario())


def test_only_the_deaf_one_of_two_is_replaced() -> None:
    async def scenario() -> None:
        pace = replace(QUICK, deaf_after=1.0)  # more than a busy machine lets anybody wait
        async with place(pace=pace, ack_timeout=60) as at, reading(at) as reader:
            await at.workspace.connected(2)
            await at.caught_up()
            deaf, sound = at.workspace.stage.boards[at.workspace.app.id].sockets
            at.workspace.deafen(1)
            with structlog.testing.capture_logs() as logs:
                number = 0
                while not any(log["event"] == "sockets.deaf" for log in logs):
                    number += 1
                    await at.platform.deliver(post(at, number))
                    await asyncio.sleep(0.02)  # the pace at which people and bots speak
            told = {tuple(log["sockets"]) for log in logs if log["event"] == "sockets.deaf"}
            assert [len(sockets) for sockets in told] == [1]
            board = at.workspace.stage.boards[at.workspace.app.id]
            await at.workspace.until(lambda: deaf not in board.sockets and len(board.sockets) == 2)
            assert sound in board.sockets
            at.say("heard")
            await reader.until(lambda: "heard" in reader.texts)

    run(scenario())


def post(at: Place, number: int) -> Delivery:
    return Delivery(DeliveryId(f"d{number:026d}"), at.room, Post(say("hello")))


def test_a_deaf_one_is_noticed_by_what_history_shows() -> None:
    async def scenario() -> None:
        pace = replace(QUICK, deaf_after=0.3, reconcile=0.2)
        async with place(pace=pace, ack_timeout=60) as at, reading(at) as reader:
            await at.workspace.connected(2)
            await at.caught_up()
            calls = at.workspace.call_count("apps.connections.open")
            at.workspace.deafen()
            at.workspace.world.now = lambda: time.time() + 1.0  # a `ts` here has whole seconds
            at.workspace.fault("delay", "conversations.history", seconds=1.6)
            for number in range(4):
                at.say(str(number))
            await at.workspace.until(
                lambda: at.workspace.call_count("apps.connections.open") >= calls + 2
            )
            await reader.until(lambda: len(reader.texts) == 4)

    run(scenario())
