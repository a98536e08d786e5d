"""SIGKILL at every point of a message's way: each message lands once, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, CLO, EVE, FAY, Coalition, coalition
from tests.end_to_end.killing import Killing
from tests.end_to_end.points import Point
from tests.end_to_end.traffic import Traffic

_SLACK = [point for point in Point if point.name.startswith("SLACK")]
_MATRIX = [point for point in Point if point.name.startswith("MATRIX")]


@pytest.mark.timeout(90)
@pytest.mark.parametrize("points", [_SLACK, _MATRIX], ids=["slack", "matrix"])
def test_killed_at_a_named_point_each_message_lands_once_and_in_order(
    tmp_path: Path, synapse: Synapse, points: list[Point]
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            for point in points:
                await _killed_at(whole, point)

    asyncio.run(play())


async def _killed_at(whole: Coalition, point: Point) -> None:
    """Talk, kill the bot at the point, talk on, start it again and count."""
    root = await whole.say(ADA, f"{point}: before")
    await whole.settled()
    whole.ambush.lay(point)
    for person in (ADA, EVE, ADA, EVE, CLO):  # three say the same, two of them twice
        await whole.say(person, "the same")
    await whole.say(BEN, "an answer", root)
    await whole.ambush.struck()
    assert not whole.bot.running
    await whole.say(FAY, "while it was away")
    await whole.say(BEN, "an answer, while it was away", root)
    await whole.say(ADA, "the same")
    await whole.bot.start()
    await whole.say(EVE, "after")
    await whole.all_landed()
    answers = await whole.matrix.threads_of_bot()
    assert answers["an answer"] == f"{point}: before"
    assert answers["an answer, while it was away"] == f"{point}: before"


def test_what_was_on_its_way_to_a_homeserver_is_sent_again_as_soon_as_it_answers(
    tmp_path: Path, synapse: Synapse
) -> None:
    """It was looked up after the request's timeout, as if another device had sent it."""

    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="30s") as whole:
            await whole.bot.start()
            whole.ambush.lay(Point.MATRIX_SENT)
            await whole.say(ADA, "on its way")
            await whole.ambush.struck()
            await whole.say(ADA, "behind it")
            await whole.bot.start()
            await whole.all_landed(8.0)

    asyncio.run(play())


@pytest.mark.timeout(120)
def test_killed_at_random_moments_each_message_lands_once_and_in_order(
    tmp_path: Path, synapse: Synapse, seed: int
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, seed=seed) as whole:
            random = Random(seed)
            traffic = Traffic(whole, random)
            await whole.bot.start()
            await Killing(whole, traffic, random).run(messages=200, kills=5)
            await whole.all_landed(30.0)

    asyncio.run(play())
