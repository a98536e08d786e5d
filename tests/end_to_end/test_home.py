"""Slack's Home tab: what waits is there when it is opened, and what comes to wait after that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, coalition, until
from tests.end_to_end.test_deciding import deciding


@pytest.mark.timeout(90)
def test_who_opens_the_home_tab_finds_what_waits_for_them(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            slack = whole.alpha.workspace
            ada = whole.alpha.people[ADA]

            async def shown() -> bool:
                slack.open_home(ada)
                views = json.dumps(slack.views(ada))
                return "Nothing waits for you" in views

            await until(shown)
            assert [view["type"] for view in slack.views(ada)] == ["home"]

    asyncio.run(play())


@pytest.mark.timeout(120)
def test_what_comes_to_wait_meanwhile_is_shown_without_opening_it_again(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            slack, ada = whole.alpha.workspace, whole.alpha.people[ADA]

            async def opened() -> bool:
                slack.open_home(ada)
                return "Nothing waits for" in json.dumps(slack.views(ada))

            await until(opened, 45.0, 0.5)
            await whole.say(EVE, "!propose --silence 60s Block it together.")
            await until(lambda: "Block it together." in json.dumps(slack.views(ada)), 45.0, 0.2)

    asyncio.run(play())
