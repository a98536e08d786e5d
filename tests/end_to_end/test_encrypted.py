"""An encrypted room in a channel, through the whole process, which is killed again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nio  # type: ignore[import-untyped]  # it brings no types
import pytest

from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.ally import Ally
from tests.bot.platforms.matrix.house import Friend
from tests.end_to_end import slack_side
from tests.end_to_end.coalition import ADA, EVE, Coalition, until
from tests.end_to_end.hidden_room import hidden_room

ROUNDS = 3


@pytest.mark.timeout(120)
def test_each_message_lands_once_and_encrypted_whenever_the_bot_is_killed(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with hidden_room(tmp_path, synapse) as (whole, home, ada, room):
            for number in range(ROUNDS):
                await whole.say(ADA, f"slack {number}")
                await ada.say(room, f"hidden {number}")
                await whole.say(EVE, f"plain {number}")
                await asyncio.sleep(0.1 * number)  # somewhere on its way
                await whole.bot.kill()
                await whole.bot.start()
            await until(lambda: _in_slack(whole) >= 2 * ROUNDS, 30.0)
            await until(lambda: _heard(ada) >= 2 * ROUNDS, 30.0)
            await until(lambda: whole.store.open == 0)
            wanted = {f"{who}: slack {n}" for n in range(ROUNDS) for who in (ADA,)}
            wanted |= {f"{EVE}: plain {n}" for n in range(ROUNDS)}
            said = [e.body for e in ada.events if e.sender == whole.matrix.bot and _is_said(e)]
            assert sorted(said) == sorted(wanted)
            assert all(e.decrypted for e in ada.events if _is_said(e))
            assert await _in_the_clear(home.ada, room) == []
            shown = slack_side.shown_by_bot(whole.alpha.workspace, whole.alpha.channel)
            texts = [line.text for line in shown if line.text.startswith("hidden")]
            assert texts == [f"hidden {n}" for n in range(ROUNDS)]
            assert (tmp_path / "matrix.coalition.keys").exists()
            log = whole.bot.log.read_text(encoding="utf-8")
            assert "hidden" not in log
            assert "Traceback" not in log

    asyncio.run(play())


def _is_said(event: object) -> bool:
    return isinstance(event, nio.RoomMessageText)


def _heard(ada: Ally) -> int:
    return sum(_is_said(e) and e.sender != ada.client.user_id for e in ada.events)


def _in_slack(whole: Coalition) -> int:
    return len(slack_side.shown_by_bot(whole.alpha.workspace, whole.alpha.channel))


async def _in_the_clear(ada: Friend, room: str) -> list[str]:
    told = await ada.call("GET", f"rooms/{room}/messages", dir="b", limit="100")
    return [each["type"] for each in told["chunk"] if "body" in each["content"]]
