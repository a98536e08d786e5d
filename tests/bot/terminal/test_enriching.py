"""What `liaison check` says of enrichers: whether somebody answers, told of no value."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.terminal.enriching import enrichers
from tests.bot.feeds.far_side import far_side
from tests.config.test_feeds import read


def test_each_is_tried_without_a_value_and_what_is_down_says_how_to_mend_it(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with far_side() as side:
            text = (
                f'[enrichers.good]\nurl = "{side.url}/{{type}}/{{value}}"\n'
                '[enrichers.gone]\nurl = "http://127.0.0.1:1/{value}"\n'
            )
            good, gone = await enrichers(read(tmp_path, text))
            assert (good.what, good.ok) == ("enrichers.good: answers", True)
            assert (gone.what, gone.ok) == ("enrichers.gone: answers", False)
            assert gone.mend.startswith("it cannot be reached: see url")
            assert [each.path_qs for each in side.asked] == ["/"]

    asyncio.run(scenario())
