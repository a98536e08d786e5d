"""`liaison WORD…` beside a running bot, against networks that answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import Trouble
from bot.sandbox.synapse import Synapse
from tests.end_to_end.bot_process import Ended
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until


def _objects(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


@pytest.mark.timeout(90)
def test_what_is_well_what_is_dead_and_what_to_do_about_it(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await asyncio.gather(
                _all_is_well(whole), _rooms_are_listed(whole), _a_message_is_traced(whole)
            )
            workspace = whole.bravo.workspace
            workspace.fault(Trouble.REFUSE, "chat.postMessage", times=2, error="invalid_blocks")
            await whole.say(ADA, "refused for no good reason")
            await whole.say(EVE, "dropped in the end")
            dead = await _dead(whole, 2)
            checked = await whole.command("check", "--json")
            assert checked.status == 1
            faulty = [found for found in _objects(checked) if not found["ok"]]
            assert any("dead deliveries: 2" in found["what"] for found in faulty)
            assert all(found["mend"] for found in faulty)
            first, second = (row["id"] for row in dead)
            dropped = await whole.command("deliveries", "drop", second)
            assert dropped.status == 0
            retried = await whole.command("deliveries", "retry", first)
            assert (retried.status, retried.out) == (0, "1 waiting again\n")
            await whole.settled()
            shown = [fault for fault in await whole.faults() if "dropped in the end" not in fault]
            assert shown == []
            again = await whole.command("deliveries", "retry", first)
            assert again.status == 1
            assert "delivered" in again.err
            unknown = await whole.command("trace", "nothing-of-ours")
            assert unknown.status == 1

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_what_is_dropped_while_its_outcome_is_unknown_stays_dropped(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="25s") as whole:
            await whole.bot.start()
            whole.bravo.workspace.fault(Trouble.CUT_BEFORE, "chat.postMessage")
            await whole.say(ADA, "dropped")
            unknown = "SELECT id FROM outbox WHERE state = 'unknown'"
            await until(lambda: bool(whole.store.rows(unknown)))
            ((key,),) = whole.store.rows(unknown)
            assert (await whole.command("deliveries", "drop", str(key))).status == 0
            await whole.say(EVE, "after")
            await whole.settled()
            assert await whole.faults() == [f"alpha in bravo: 1 missing of 'dropped' by {ADA}"]

    asyncio.run(play())


async def _all_is_well(whole: Coalition) -> None:
    checked = await whole.command("check", "--json")
    found = _objects(checked)
    assert all(each.keys() >= {"what", "ok", "mend"} for each in found)
    assert [each for each in found if not each["ok"]] == []
    assert checked.status == 0


async def _rooms_are_listed(whole: Coalition) -> None:
    listed = await whole.command("rooms")
    assert listed.status == 0
    named = {line.split("\t")[0]: line for line in listed.out.splitlines()}
    for room in whole.settings["channels.ransomware"]["rooms"]:
        assert "member" in named[room]
        assert "ransomware" in named[room]


async def _a_message_is_traced(whole: Coalition) -> None:
    said = await whole.say(ADA, "a text that trace never tells")
    await whole.all_landed()
    traced = await whole.command("trace", said, "--json")
    (found,) = _objects(traced)
    assert traced.status == 0
    assert {copy["state"] for copy in found["copies"]} == {"delivered"}
    assert len(found["copies"]) == 2
    assert "never tells" not in traced.out


async def _dead(whole: Coalition, count: int) -> list[dict[str, Any]]:
    await whole.settled()
    listed = await whole.command("deliveries", "list", "--state", "dead", "--json")
    rows = _objects(listed)
    assert [row["reason"] for row in rows] == ["invalid_blocks"] * count
    keys = {"id", "room", "state", "attempts", "reason", "said", "delivered"}
    assert all(row.keys() >= keys for row in rows)
    return rows
