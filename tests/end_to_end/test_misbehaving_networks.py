"""Networks that hang up, throttle, repeat, fall silent and go away: each message lands once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random

import pytest

from bot.sandbox.slack import Trouble
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, CLO, DAN, EVE, Coalition, coalition, until
from tests.end_to_end.passage import Mishap
from tests.end_to_end.slack_side import shown_by_bot
from tests.end_to_end.traffic import Traffic

_UNANSWERED = (
    Trouble.CUT_BEFORE,
    Trouble.CUT_AFTER,
    Trouble.BROKEN,
    Trouble.HANG,
    Trouble.APPLY_LATE,
)
_EVENTS = (Trouble.EVENT_TWICE, Trouble.EVENT_LOST, Trouble.EVENT_LATE)


@pytest.mark.timeout(60)
def test_slack_that_hangs_up_throttles_and_repeats(
    tmp_path: Path, synapse: Synapse, seed: int
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            for room in whole.rooms.values():
                room.workspace.seed(seed)
                for trouble in _UNANSWERED:
                    room.workspace.fault(trouble, "chat.postMessage", probability=0.4, seconds=0.5)
                room.workspace.fault(Trouble.THROTTLE, "chat.postMessage", probability=0.4)
                room.workspace.fault(Trouble.EVENT_TWICE, "message", times=10, probability=0.5)
            await Traffic(whole, Random(seed)).say(50)
            await whole.all_landed(40.0)
            left = [rule.trouble for rule in whole.alpha.workspace.stage.faults.rules]
            assert not set(left) & {*_UNANSWERED, Trouble.THROTTLE}

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_slack_whose_sockets_break_and_whose_events_are_lost_with_them(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            workspace = whole.alpha.workspace
            await whole.bot.start()
            await whole.say(ADA, "before")
            workspace.fault(Trouble.EVENT_LOST, "message", times=2)
            await whole.say(ADA, "said into a dying socket")
            await whole.say(BEN, "said into a dying socket")
            workspace.drop_sockets()
            await whole.say(ADA, "said to nobody")
            await workspace.connected()
            await whole.say(ADA, "after")
            workspace.warn(0.5)
            await whole.say(BEN, "while it is replaced")
            await whole.all_landed()

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_homeserver_that_hangs_up_throttles_and_repeats(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            for mishap in Mishap:
                whole.passage.misbehave(mishap, "/send/", times=2)
                whole.passage.misbehave(mishap, "/sync", times=1)
                for _ in range(2):
                    await whole.say(ADA, "the same")
                    await whole.say(CLO, f"{mishap}")
                    await whole.say(EVE, "the same")
                await whole.all_landed()
                assert whole.passage.hits[mishap] == 3

    asyncio.run(play())


def test_a_homeserver_that_fails_for_long_is_not_asked_without_pause(
    tmp_path: Path, synapse: Synapse
) -> None:
    """Requests that repeat harmlessly were repeated at once, without end."""

    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            whole.passage.misbehave(Mishap.BROKEN, "/send/", times=10_000)
            await whole.say(ADA, "one")
            begun = time.monotonic()
            await until(lambda: whole.passage.hits[Mishap.BROKEN] >= 4, 20.0)
            assert time.monotonic() - begun >= 3.0  # half of 1 + 2 + 4 seconds at the very least
            whole.passage.behave()
            await whole.all_landed()

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_homeserver_that_is_stopped_and_started_again(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            whole.settings["matrix.coalition"]["homeserver"] = synapse.url
            whole.write_settings()
            await whole.bot.start()
            await whole.say(EVE, "before")
            await whole.settled()
            await synapse.stop(at_once=True)
            try:
                await whole.say(ADA, "the same")
                await whole.say(CLO, "the same")
                await _shows(whole, "bravo", 2)  # Eve's and Ada's: the others work on
            finally:
                await synapse.start()
            await whole.say(EVE, "after")
            await whole.all_landed(30.0)

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_networks_that_are_down_at_the_start_are_tried_until_they_answer(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()  # rooms are read from now on
            await whole.settled()
            await whole.bot.stop()
            whole.passage.misbehave(Mishap.CUT_BEFORE, "/", times=10_000)
            whole.alpha.workspace.fault(Trouble.BROKEN, times=None)
            assert await whole.bot.start() == "ready: 1 channels, 3 rooms"
            for person in (ADA, CLO, DAN, EVE):
                await whole.say(person, "the same")
            await whole.bravo.workspace.quiet()
            whole.alpha.workspace.clear_faults()
            await _shows(whole, "alpha", 2)
            await _shows(whole, "bravo", 1)
            whole.passage.behave()
            await whole.all_landed(30.0)

    asyncio.run(play())


async def _shows(whole: Coalition, key: str, count: int) -> None:
    room = whole.rooms[key]

    def shown() -> bool:
        return len(shown_by_bot(room.workspace, room.channel)) >= count

    await room.workspace.until(shown, 20.0)
