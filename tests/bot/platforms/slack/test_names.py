"""People's names: looked up without making anyone wait long."""

from __future__ import annotations

import asyncio

from bot.errors import Throttled
from bot.platforms.slack.names import Names
from tests.bot.platforms.slack.workplace import run


class Directory:
    """Knows everybody; counts who asks."""

    def __init__(self, *, slow: bool = False, fails: bool = False) -> None:
        self.asked: list[str] = []
        self._slow = slow
        self._fails = fails

    async def look_up(self, user: str) -> str | None:
        self.asked.append(user)
        if self._slow:
            await asyncio.Event().wait()
        if self._fails:
            raise Throttled("ratelimited", retry_after=60)
        return f"name of {user}"


def test_a_name_is_asked_for_once() -> None:
    async def scenario() -> None:
        names = Names((directory := Directory()).look_up)
        await asyncio.gather(names.learn(["U1", "U2"]), names.learn(["U1"]))
        await names.learn(["U1"])
        assert names.get("U1") == "name of U1"
        assert directory.asked == ["U1", "U2"]

    run(scenario())


def test_a_slow_look_up_delays_one_message_and_no_other() -> None:
    async def scenario() -> None:
        names = Names((directory := Directory(slow=True)).look_up, patience=0.05)
        await names.learn(["U1"])
        assert names.get("U1") is None
        async with asyncio.timeout(0.04):
            await names.learn(["U1", "U2"])
        await asyncio.sleep(0)  # the look-up itself goes on
        assert directory.asked == ["U1", "U2"]
        await names.close()

    run(scenario())


def test_a_failed_look_up_is_not_repeated_at_once() -> None:
    async def scenario() -> None:
        names = Names((directory := Directory(fails=True)).look_up)
        await names.learn(["U1"])
        await names.learn(["U1"])
        assert names.get("U1") is None
        assert directory.asked == ["U1"]

    run(scenario())


def test_no_more_names_are_kept_than_allowed() -> None:
    async def scenario() -> None:
        names = Names(Directory().look_up, most=2)
        await names.learn(["U1", "U2"])
        names.get("U1")
        await names.learn(["U3"])
        assert [names.get(user) is not None for user in ("U1", "U2", "U3")] == [True, False, True]

    run(scenario())


def test_what_is_known_by_half_is_asked_for_again_after_a_pause() -> None:
    async def scenario() -> None:
        directory = Directory(fails=True)
        names = Names(directory.look_up, pause=0.0, enough=lambda name: name != "half")
        names.keep("U1", "half")
        await names.learn(["U1"])
        await names.learn(["U1"])
        assert names.get("U1") == "half"
        assert directory.asked == ["U1", "U1"]
        patient = Names((known := Directory()).look_up, enough=lambda _name: False)
        await patient.learn(["U1"])
        await patient.learn(["U1"])
        assert known.asked == ["U1"]
        assert patient.get("U1") == "name of U1"

    run(scenario())
