"""Slack's Home tab: what waits is there when it is opened, and new when it is opened again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, coalition, until


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
