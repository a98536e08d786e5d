"""An import beside a running bot, and its sudden end: the relay goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.benchmarks.bundles import write_bundle
from tests.end_to_end.bot_process import begun, command
from tests.end_to_end.coalition import ADA, EVE, coalition, until

_OBJECTS = 30_000
_STORED = "SELECT count(*) FROM indicator_object"


@pytest.mark.timeout(240)
def test_what_is_said_during_an_import_lands_while_it_goes_on(
    tmp_path: Path, synapse: Synapse
) -> None:
    bundle = tmp_path / "bundle.json"
    count = write_bundle(bundle, count=_OBJECTS)

    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            words = ("indicators", "import", str(bundle))
            importing = await begun(whole.bot.config, *words)
            await until(lambda: whole.store.count(_STORED) > 0)
            for person in (ADA, EVE, ADA):
                await whole.say(person, "said meanwhile")
                await whole.settled(20.0)
            assert importing.returncode is None, "it was over before anything was said"
            stored = whole.store.count(_STORED)
            assert 0 < stored < count
            importing.kill()
            await importing.wait()
            if importing.stdin is not None:
                importing.stdin.close()
            await whole.say(EVE, "said afterwards")
            await whole.all_landed()
            again = await command(whole.bot.config, *words, within=120)
            assert again.status == 0, again.err
            assert f"{count} objects, " in again.out
            assert whole.store.count(_STORED) == count
            assert await whole.bot.stop() == 0

    asyncio.run(play())
