"""Silence of some seconds, on both networks: one run adopted, and one broken from Matrix."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until
from tests.end_to_end.slack_side import shown_by_bot

_TEXT = "Block 198.51.100.7 together at 18:00."


@asynccontextmanager
async def deciding(folder: Path, synapse: Synapse) -> AsyncIterator[Coalition]:
    """A coalition of two teams, each with a delegate, that keeps silence for seconds."""
    async with coalition(folder, synapse) as whole:
        eve, ada = whole.member(EVE), whole.alpha.people[ADA]
        server = eve.user_id.partition(":")[2]
        whole.settings["teams.cert-alpha"] = {
            "members": ["slack:alpha", "slack:bravo"], "delegates": [f"slack:alpha/{ada}"],
        }  # fmt: skip
        whole.settings["teams.cert-eve"] = {
            "members": [f"matrix:{server}"], "delegates": [f"matrix:{eve.user_id}"],
        }  # fmt: skip
        whole.settings["channels.ransomware"] |= {
            "series": "RTF", "chair": "cert-alpha", "teams": ["cert-alpha", "cert-eve"],
            "ceiling": "TLP:GREEN",
        }  # fmt: skip
        whole.settings["channels.ransomware.silence"] = {"minimum": "1s", "grace": "3s"}
        whole.write_settings()
        await whole.bot.start()
        yield whole


async def propose(whole: Coalition, words: str) -> None:
    alpha = whole.alpha
    alpha.workspace.command(alpha.channel, alpha.people[ADA], "/liaison", f"propose {words}")


async def listed(whole: Coalition) -> list[dict[str, Any]]:
    ended = await whole.command("decisions", "list", "--json")
    return [json.loads(line) for line in ended.out.splitlines()]


async def told(whole: Coalition, word: str) -> list[list[str]]:
    """The first lines with a word, of each room of the channel: that of the proposal's own post,
    which is edited, and that of the message that says what came of it.
    """
    matrix = [line.text for line in await whole.matrix.shown_by_bot()]
    rooms = [
        [line.text for line in shown_by_bot(room.workspace, room.channel)]
        for room in whole.rooms.values()
    ]
    return [
        [first for text in each if word in (first := text.partition("\n")[0])]
        for each in (*rooms, matrix)
    ]


@pytest.mark.timeout(90)
def test_unbroken_silence_is_adopted_and_told_once_in_every_room(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            await propose(whole, f"--silence 4s {_TEXT}")

            async def adopted() -> bool:
                return [len(each) for each in await told(whole, "adopted")] == [2, 2, 2]

            await until(adopted, 40, 0.5)
            await until(lambda: whole.store.open == 0, 20)
            assert await adopted()
            assert all("-001" in each[0] for each in await told(whole, "adopted"))
            (found,) = await listed(whole)
            assert (found["state"], found["text"]) == ("adopted", _TEXT)
            verified = await whole.command("decisions", "verify")
            assert verified.status == 0 and "unwitnessed" in verified.out

    asyncio.run(play())


@pytest.mark.timeout(120)
def test_who_objects_in_plain_words_on_either_network_is_told_how_and_breaks_nothing(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            await propose(whole, f"--silence 1h {_TEXT}")
            landed = (
                "SELECT outbox.room, landed FROM outbox JOIN posting ON delivery = outbox.id WHERE "
                " posting.kind = 'head' AND landed IS NOT NULL"
            )
            await until(lambda: len(whole.store.rows(landed)) == 3, 30)
            posts = {str(room): str(message) for room, message in whole.store.rows(landed)}
            slack = next(v for k, v in posts.items() if k.endswith(f"/{whole.alpha.channel}"))
            matrix = next(v for k, v in posts.items() if k.startswith("matrix:"))
            whole.alpha.say(ADA, "Sorry, we object: not on a Friday.", slack)
            reply = {
                "msgtype": "m.text", "body": "we object",
                "m.relates_to": {"m.in_reply_to": {"event_id": matrix}},
            }  # fmt: skip
            await whole.matrix.send(whole.member(EVE), reply)
            hints = "SELECT count(*) FROM outbox WHERE kind = 'answer' AND state = 'delivered'"
            await until(lambda: whole.store.rows(hints)[0][0] == 3, 40)  # Ada's proposal, and both
            assert await whole.matrix.invitations(whole.member(EVE)), "she is told alone"
            assert len(whole.store.rows("SELECT 1 FROM inbox WHERE kind = 'hint'")) == 2
            (found,) = await listed(whole)
            assert (found["state"], found["voices"]) == ("open", [])

    asyncio.run(play())


@pytest.mark.timeout(90)
def test_an_objection_from_matrix_breaks_it_when_it_is_confirmed(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            await propose(whole, f"--silence 60s {_TEXT}")

            async def proposed() -> bool:
                return all(await told(whole, "proposal under silence"))

            await until(proposed, 30, 0.5)
            (found,) = await listed(whole)
            await whole.say(EVE, f"!voice {found['ref']} object Not on a Friday.")
            eve = whole.member(EVE)

            async def asked() -> bool:
                return bool(await whole.matrix.invitations(eve))

            await until(asked, 20)
            assert (await listed(whole))[0]["state"] == "open"
            await whole.say(EVE, "!confirm")

            async def broken() -> bool:
                return [len(each) for each in await told(whole, "broken")] == [2, 2, 2]

            await until(broken, 20, 0.5)
            await until(lambda: whole.store.open == 0, 20)
            assert await broken()
            (found,) = await listed(whole)
            (voice,) = found["voices"]
            assert (found["state"], found["number"]) == ("broken", None)
            assert (voice["team"], voice["network"], voice["counted"]) == (
                "cert-eve", "matrix", True,
            )  # fmt: skip

    asyncio.run(play())
