"""A changed configuration applied to a running bot, on networks that go on talking meanwhile."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, CLO, EVE, coalition, until


@pytest.mark.timeout(90)
def test_a_reload_loses_and_doubles_nothing_on_either_network(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await whole.say(ADA, "before")
            await whole.all_landed()
            whole.settings["channels.ransomware"]["title"] = "Ransomware"
            whole.write_settings()
            reloading = asyncio.create_task(whole.command("reload"))
            for number in range(5):
                for person in (ADA, CLO, EVE):
                    await whole.say(person, f"meanwhile {number}")
            done = await reloading
            assert (done.status, done.out) == (0, "ransomware: title changed.\n"), done.err
            await whole.say(EVE, "after")
            await whole.all_landed()
            whole.settings["channels.ransomware"]["title"] = "Ransomware task force"
            whole.write_settings()
            whole.bot.send(signal.SIGHUP)
            await until(lambda: sum(line.startswith("ready:") for line in whole.bot.out) == 3)
            await whole.say(CLO, "after that")
            await whole.all_landed()
            assert await whole.bot.stop() == 0

    asyncio.run(play())
