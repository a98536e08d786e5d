"""A play that fails can be played again: nothing in it depends on real time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import text

from tests.model import machine
from tests.model.still import Steps, Still, open_still


def test_the_same_play_goes_the_same_way_again() -> None:
    first = machine.play(21, 60), list(machine.traces)
    assert (machine.play(21, 60), list(machine.traces)) == first


def test_what_is_waited_for_has_passed_at_once() -> None:
    loop = Still()

    async def wait() -> float:
        begun = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - begun

    assert 3600 <= loop.run_until_complete(wait()) < 3601
    loop.close()


def test_what_was_committed_last_stands_and_nobody_has_heard_of_it(tmp_path: Path) -> None:
    loop, steps = Still(), Steps()
    database = open_still(tmp_path / "liaison.db", steps)

    async def write() -> int:
        await database.run(lambda s: s.execute(text("CREATE TABLE t (x)")))
        steps.gone_after(1)
        heard = asyncio.ensure_future(
            database.run(lambda s: s.execute(text("INSERT INTO t VALUES (1)")))
        )
        await steps.over.wait()
        await asyncio.sleep(1)
        assert not heard.done()
        heard.cancel()
        return await database.read(lambda s: s.execute(text("SELECT count(*) FROM t")).scalar_one())

    assert loop.run_until_complete(write()) == 1
    database.close()
    loop.close()
