"""An encrypted room after a store was put back: the bot is on another device, and is read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.ally import Ally
from tests.end_to_end import slack_side
from tests.end_to_end.coalition import ADA, EVE, Coalition, until
from tests.end_to_end.hidden_room import devices, hidden_room
from tests.end_to_end.test_restore import READING


@pytest.mark.timeout(180)
def test_after_a_restore_an_encrypted_room_is_read_and_written_on_a_new_device(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with hidden_room(tmp_path, synapse) as (whole, _, ada, room):
            old = devices(ada, whole)
            await _both_ways(whole, ada, room, "before the copy")
            copy = tmp_path / "copy"
            kept = await whole.command("db", "backup", str(copy))
            assert kept.status == 0, kept
            await _both_ways(whole, ada, room, "known to the rooms alone")

            await whole.bot.kill()
            back = await whole.command("db", "restore", str(copy))
            assert back.status == 0, back
            await ada.say(room, "hidden while nobody was there")
            await whole.bot.start()
            await until(lambda: bool(whole.store.rows(READING)), 60.0)
            assert (await whole.command("resume", "all")).status == 0
            assert "device.replaced" in whole.bot.log.read_text()
            await until(lambda: bool(devices(ada, whole) - old), 60.0)

            await _both_ways(whole, ada, room, "after the restore")
            await until(lambda: whole.store.open == 0, 60.0)
            for text in ("before the copy", "known to the rooms alone", "after the restore"):
                assert _in_slack(whole, f"hidden {text}") == 1, text
                assert _heard(ada, whole, f"slack {text}") == 1, text
                assert _heard(ada, whole, f"plain {text}") == 1, text
            said = [each for each in ada.events if each.sender == whole.matrix.bot]
            assert all(each.decrypted for each in said if hasattr(each, "body"))

    asyncio.run(play())


async def _both_ways(whole: Coalition, ada: Ally, room: str, text: str) -> None:
    """Something is said in the encrypted room, in Slack and in a room in the clear, and is read."""
    await ada.say(room, f"hidden {text}")
    await whole.say(ADA, f"slack {text}")
    await whole.say(EVE, f"plain {text}")

    def read() -> bool:
        heard = all(_heard(ada, whole, f"{way} {text}") for way in ("slack", "plain"))
        return heard and _in_slack(whole, f"hidden {text}") > 0

    try:
        await until(read, 60.0)
    except TimeoutError:
        raise AssertionError(f"{text}\n{whole.bot.last_lines()}") from None


def _heard(ada: Ally, whole: Coalition, text: str) -> int:
    """How often Ada's client has read it from the bot, decrypted."""
    events = (each for each in ada.events if each.sender == whole.matrix.bot)
    return sum(getattr(each, "body", "").endswith(text) for each in events)


def _in_slack(whole: Coalition, text: str) -> int:
    shown = slack_side.shown_by_bot(whole.alpha.workspace, whole.alpha.channel)
    return sum(line.text == text for line in shown)
