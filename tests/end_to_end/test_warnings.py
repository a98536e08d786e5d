"""An author sees a ⚠ while a network does not take the message, on both networks."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.slack import Trouble
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until
from tests.end_to_end.passage import Mishap

WARNING = "\N{WARNING SIGN}"


@pytest.mark.timeout(60)
def test_a_warning_appears_and_goes_on_both_networks(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            whole.passage.misbehave(Mishap.BROKEN, "/send/", times=10_000)
            said = await whole.say(ADA, "from Slack")
            await _is_overdue(whole)
            await _shows(whole, "alpha", [{"warning"}])
            await _is_traced(whole, said)
            whole.passage.behave()
            await whole.all_landed(30.0)
            await _shows(whole, "alpha", [set()])

            whole.alpha.workspace.fault(Trouble.BROKEN, "chat.postMessage", times=None)
            await whole.say(EVE, "from Matrix")
            await _is_overdue(whole)
            await _shows(whole, "matrix", [set(), {WARNING + "\ufe0f"}])
            whole.alpha.workspace.clear_faults()
            await whole.all_landed(30.0)
            await _shows(whole, "matrix", [set(), set()])
            assert [seen.bot for seen in await whole.seen("bravo")] == [set(), set()]

    asyncio.run(play())


async def _shows(whole: Coalition, room: str, marks: list[set[str]]) -> None:
    """Wait until the room's messages bear these reactions of the bot."""

    async def so() -> bool:
        return [seen.bot for seen in await whole.seen(room)] == marks

    await until(so, 20.0)


async def _is_traced(whole: Coalition, said: str) -> None:
    """Ada alone is told in which room the message is missing, and why; never what it says."""
    workspace, channel, ada = whole.alpha.workspace, whole.alpha.channel, whole.alpha.people[ADA]
    link = f"https://alpha.slack.com/archives/{channel}/p{said.replace('.', '')}"
    workspace.command(channel, ada, "/liaison", f"trace <{link}>")
    await workspace.until(lambda: len(workspace.whispers()) == 1)
    (whisper,) = workspace.whispers()
    assert whisper.user == ada
    assert "Delivered in 1 of 2 other rooms." in whisper.text
    assert "the network's server failed" in whisper.text
    assert "from Slack" not in whisper.text


async def _is_overdue(whole: Coalition) -> None:
    """What is not delivered now was said half a minute earlier than it was."""
    under_way = "state NOT IN ('delivered', 'dead')"
    tried = f"SELECT count(*) FROM outbox WHERE attempts > 0 AND {under_way}"
    await until(lambda: whole.store.count(tried) > 0)
    with closing(sqlite3.connect(whole.store.file, timeout=10)) as store, store:
        store.execute(f"UPDATE outbox SET created = created - 30000000 WHERE {under_way}")
