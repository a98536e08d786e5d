"""Commands in every form, on both networks: answered privately, never relayed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.slack import Workspace
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until
from tests.end_to_end.slack_side import shown_by_bot

_NEAR_MISSES = ("!pong", "!stauts rooms")


@pytest.mark.timeout(60)
def test_a_slash_command_a_mention_and_a_bang_are_answered_privately_in_slack(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            workspace, channel = whole.alpha.workspace, whole.alpha.channel
            ada = whole.alpha.people[ADA]
            root = whole.alpha.say(ADA, "a root")

            workspace.command(channel, ada, "/liaison", "ping")
            await _whispered(workspace, 1)
            workspace.say(channel, ada, f"<@{workspace.app.user}> ping", root, raw=True)
            await _whispered(workspace, 2)
            for number, text in enumerate(("!ping", *_NEAR_MISSES), start=3):
                whole.alpha.say(ADA, text)
                await _whispered(workspace, number)
            assert {whisper.user for whisper in workspace.whispers()} == {ada}
            await _only_relayed(whole, ["a root"])

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_mention_and_a_bang_are_answered_in_the_askers_direct_room_in_matrix(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            eve = whole.member(EVE)
            await whole.say(EVE, "!ping")

            async def invited() -> bool:
                return bool(await whole.matrix.invitations(eve))

            await until(invited)
            (direct,) = await whole.matrix.invitations(eve)
            await whole.matrix.join(eve, direct)
            await whole.matrix.say(eve, "Liaison: ping", mention=whole.matrix.bot)
            await whole.say(EVE, "/ping")
            for text in _NEAR_MISSES:
                await whole.say(EVE, text)
            await whole.matrix.say(eve, "ping", room=direct)
            count = 4 + len(_NEAR_MISSES)

            async def answered() -> bool:
                return len(await whole.matrix.bot_said(eve, direct)) >= count

            await until(answered)
            await _only_relayed(whole, [])
            assert len(await whole.matrix.bot_said(eve, direct)) == count
            assert len(await whole.matrix.invitations(eve)) == 1
            assert await whole.matrix.shown_by_bot() == []  # no word of it in the room

    asyncio.run(play())


async def _whispered(workspace: Workspace, count: int) -> None:
    await workspace.until(lambda: len(workspace.whispers()) >= count)
    assert len(workspace.whispers()) == count


async def _only_relayed(whole: Coalition, texts: list[str]) -> None:
    """After one more message, which comes last, nothing but these is in the other rooms."""
    await whole.say(EVE, "the last word")
    await until(lambda: whole.store.messages == len(texts) + 1 and whole.store.open == 0)
    room = whole.bravo
    shown = [line.text for line in shown_by_bot(room.workspace, room.channel)]
    assert shown == [*texts, "the last word"]
