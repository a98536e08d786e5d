"""`ioc` through a real bot: two networks, two teams, two answers, nothing kept of the question."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until

VALUE = "198.51.100.77"
SIGN = "\N{RIGHT-POINTING MAGNIFYING GLASS}"


def _settle(whole: Coalition, folder: Path) -> None:
    """Two teams, and a list for each: one for all, one for the first team alone."""
    (folder / "all.txt").write_text(f"{VALUE}\n")
    (folder / "own.csv").write_text(f"ip,what\n{VALUE},cat-ransomware\n")
    eve = whole.member(EVE).user_id
    whole.settings |= {
        "teams.a": {"name": "CERT A", "members": ["slack:alpha"], "clearance": "TLP:AMBER"},
        "teams.b": {"name": "CERT B", "members": [f"matrix:{eve}"], "clearance": "TLP:GREEN"},
        "feeds.open": {"type": "text", "path": "all.txt", "marking": "TLP:GREEN", "confidence": 40},
        "feeds.own": {
            "type": "csv", "path": "own.csv", "marking": "TLP:AMBER", "confidence": 95,
            "originator": "a",
        },
        "feeds.own.columns": {"value": "ip", "labels": "what"},
    }  # fmt: skip
    whole.write_settings()


@pytest.mark.timeout(90)
def test_two_teams_on_two_networks_get_two_answers_and_nobody_else_learns_of_it(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            _settle(whole, tmp_path)
            await whole.bot.start()
            count = "SELECT count(*) FROM indicator_object"
            await until(lambda: whole.store.rows(count) == [(2,)], within=20.0)

            workspace, channel = whole.alpha.workspace, whole.alpha.channel
            workspace.command(channel, whole.alpha.people[ADA], "/liaison", "ioc 198.51.100[.]77")
            await workspace.until(lambda: bool(workspace.whispers()))
            (shown,) = workspace.whispers()
            text = shown.text + json.dumps(shown.blocks, ensure_ascii=False)
            assert "TLP:AMBER 198[.]51[.]100[.]77: known, confidence 40 to 95" in text
            assert "cat-ransomware" in text
            assert VALUE not in text

            eve = whole.member(EVE)
            await whole.say(EVE, "!ioc 198.51.100.77")
            await until(lambda: _is_invited(whole))
            (direct,) = await whole.matrix.invitations(eve)
            await whole.matrix.join(eve, direct)

            async def answered() -> bool:
                return bool(await whole.matrix.bot_said(eve, direct))

            await until(answered)
            (said,) = await whole.matrix.bot_said(eve, direct)
            assert "TLP:GREEN 198[.]51[.]100[.]77: known, confidence 40" in str(said)
            assert "cat-ransomware" not in str(said)
            assert VALUE not in str(said)

            assert await whole.matrix.shown_by_bot() == []
            acts = whole.store.rows("SELECT action, object FROM audit WHERE team IN ('a', 'b')")
            assert ("looked up", "lookup") in acts
            assert "ioc" not in str(acts)
            assert whole.store.rows("SELECT content FROM inbox WHERE content IS NOT NULL") == []
            assert "198.51" not in whole.bot.last_lines()

    asyncio.run(play())


async def _is_invited(whole: Coalition) -> bool:
    return bool(await whole.matrix.invitations(whole.member(EVE)))


@pytest.mark.timeout(120)
def test_what_all_know_is_recognised_on_both_networks_and_asked_for_in_thread_and_by_reaction(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            _settle(whole, tmp_path)
            whole.settings["channels.ransomware"] |= {"recognise": True}
            (tmp_path / "clear.txt").write_text(f"{VALUE}\n")
            whole.settings["feeds.open"] |= {"path": "clear.txt", "marking": "TLP:CLEAR"}
            whole.write_settings()
            await whole.bot.start()
            count = "SELECT count(*) FROM indicator_object"
            await until(lambda: whole.store.rows(count) == [(2,)], within=20.0)

            workspace, channel = whole.alpha.workspace, whole.alpha.channel
            said = whole.alpha.say(ADA, f"the beacon goes to {VALUE}")

            def is_marked() -> bool:
                return "mag_right" in workspace.world.channels[channel].messages[said].reactions

            await until(is_marked, within=20.0)
            eve = whole.member(EVE)

            async def copy_marked() -> bool:
                return bool(await _signs(whole))

            await until(copy_marked, within=20.0)
            (copy,) = await _signs(whole)

            await whole.matrix.react(eve, copy, SIGN)
            await until(lambda: _is_invited(whole))
            (direct,) = await whole.matrix.invitations(eve)
            await whole.matrix.join(eve, direct)

            async def answered() -> bool:
                return bool(await whole.matrix.bot_said(eve, direct))

            await until(answered)
            assert "198[.]51[.]100[.]77: known, confidence 40" in str(
                await whole.matrix.bot_said(eve, direct)
            )

            ada, bot = whole.alpha.people[ADA], workspace.app.user
            workspace.say(channel, ada, f"<@{bot}> ioc", said, raw=True)
            await workspace.until(lambda: bool(workspace.whispers()))
            (shown,) = workspace.whispers()
            text = shown.text + json.dumps(shown.blocks, ensure_ascii=False)
            assert "198[.]51[.]100[.]77: known, confidence 40 to 95" in text

    asyncio.run(play())


async def _signs(whole: Coalition) -> list[str]:
    """The messages on which the bot shows a 🔎."""
    found = []
    for event in await whole.matrix.read():
        related = event.get("content", {}).get("m.relates_to", {})
        ours = event["type"] == "m.reaction" and event["sender"] == whole.matrix.bot
        if ours and related.get("key") == SIGN:
            found.append(str(related["event_id"]))
    return found
