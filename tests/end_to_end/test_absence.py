"""The bot is away; what people do meanwhile in Slack shows everywhere when it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.slack import acts
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, Coalition, coalition
from tests.end_to_end.looks import gone, rooted, shown

_PAGE = 200
"""Messages that one look at a Slack room's history shows."""


@pytest.mark.timeout(90)
def test_what_is_done_while_the_bot_is_away_is_made_up_for(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="5s") as whole:
            await whole.bot.start()
            said = await _before(whole)
            assert await whole.bot.stop() == 0
            # what nobody is there to hear is never said again
            whole.alpha.workspace.fault("event_lost", times=None)
            _meanwhile(whole, said)
            whole.alpha.workspace.clear_faults()
            await whole.bot.start()
            await _after(whole)

    asyncio.run(play())


async def _before(whole: Coalition) -> dict[str, str]:
    """Words, an answer and a reaction that come over while all is well."""
    room, workspace = whole.alpha, whole.alpha.workspace
    texts = ("old thread", "loved", "to be edited", "to be deleted", "to be kept")
    said = {text: room.say(ADA, text) for text in texts}
    room.say(BEN, "known answer", said["old thread"])
    said["answer to be edited"] = room.say(BEN, "answer to be edited", said["old thread"])
    said["answer to be deleted"] = room.say(BEN, "answer to be deleted", said["old thread"])
    workspace.react(room.channel, said["loved"], room.people[BEN], "+1")
    for there in ("matrix", "bravo"):
        for text in ("answer to be edited", "answer to be deleted"):
            await shown(whole, there, text, rooted("old thread"))
        await shown(whole, there, "to be kept")
        await shown(whole, there, "loved", lambda seen: seen.bot == {"👍"})
    return said


def _meanwhile(whole: Coalition, said: dict[str, str]) -> None:
    room, workspace = whole.alpha, whole.alpha.workspace
    workspace.edit(room.channel, said["to be edited"], "it was edited")
    workspace.delete(room.channel, said["to be deleted"])
    workspace.unreact(room.channel, said["loved"], room.people[BEN], "+1")
    workspace.react(room.channel, said["loved"], room.people[ADA], "tada")
    channel = workspace.world.channels[room.channel]
    for number in range(_PAGE + 10):  # so that the thread is not on the newest page
        acts.note(workspace.stage, channel, room.people[BEN], "channel_join", f"came {number}")
    room.say(ADA, "new answer one", said["old thread"])
    room.say(BEN, "new answer two", said["old thread"])
    workspace.edit(room.channel, said["answer to be edited"], "the answer was edited")
    workspace.delete(room.channel, said["answer to be deleted"])
    workspace.react(room.channel, said["old thread"], room.people[ADA], "eyes")
    room.say(ADA, "the last words")


async def _after(whole: Coalition) -> None:
    for there in ("matrix", "bravo"):
        await shown(whole, there, "the last words")
        await shown(whole, there, "it was edited", lambda seen: seen.edited)
        await gone(whole, there, "to be deleted")
        await shown(whole, there, "to be kept")
        await shown(whole, there, "loved", lambda seen: seen.bot == {"🎉"})
        await shown(whole, there, "new answer two", rooted("old thread"))
        texts = [seen.text for seen in await whole.seen(there)]
        assert texts.index("new answer one") < texts.index("new answer two")
        await shown(whole, there, "the answer was edited", rooted("old thread"))
        await gone(whole, there, "answer to be deleted")
        await shown(whole, there, "old thread", lambda seen: seen.bot == {"👀"})
    said = [seen.text for seen in await whole.seen("alpha") if not seen.copied]
    for there in ("matrix", "bravo"):
        copied = [seen.text for seen in await whole.seen(there) if seen.copied]
        assert sorted(copied) == sorted(said), "each once, and nothing else"
