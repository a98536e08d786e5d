"""An advisory is asked for: by a form in Slack, field by field in Matrix, over a kill."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, coalition, until

DRAFTS = "SELECT state, document FROM advisory ORDER BY created"


@pytest.mark.timeout(120)
def test_in_slack_it_is_a_form_that_keeps_what_was_written(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            slack, channel = whole.alpha.workspace, whole.alpha.channel
            ada = whole.alpha.people[ADA]
            slack.command(channel, ada, "/liaison", "advisory draft")
            view = await _view(whole)
            values = {
                "title": _text("Patch the VPN"), "text": _text("Now.\n\n- a\n- b"),
                "severity": _chosen("high"), "kind": _chosen("alert"),
                "affected": _text("Gate 7, and\nGate 8"), "seal": _text("nobody"),
                "marking": _text("TLP:CLEAR"),
            }  # fmt: skip
            await slack.settled(slack.submit(ada, view, values).id)
            await _whispered(whole, ada, "I know no team “nobody”.")
            slack.command(channel, ada, "/liaison", "advisory draft")
            view = await _view(whole)
            kept = {
                each["block_id"]: each["element"].get("initial_value")
                for each in slack.world.views[view].body["blocks"]
            }
            assert kept["affected"] == "Gate 7, and\nGate 8"
            assert kept["text"] == "Now.\n\n- a\n- b"
            await slack.settled(slack.submit(ada, view, values | {"seal": _text("")}).id)
            await until(lambda: len(whole.store.rows(DRAFTS)) == 1)
            _compare(whole)

    asyncio.run(play())


@pytest.mark.timeout(120)
def test_in_matrix_it_is_asked_in_a_thread_of_the_direct_room_over_a_kill(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            matrix, eve = whole.matrix, whole.member(EVE)
            await whole.say(EVE, "!advisory draft")

            async def invited() -> bool:
                return bool(await matrix.invitations(eve))

            await until(invited)
            (direct,) = await matrix.invitations(eve)
            await matrix.join(eve, direct)
            first = await _asked(whole, direct, "What is it called?")
            thread = {"rel_type": "m.thread", "event_id": first["event_id"]}

            async def answer(text: str, number: int) -> None:
                content = {"msgtype": "m.text", "body": text, "m.relates_to": thread}
                where = f"/rooms/{direct}/send/m.room.message/answer{number}"
                await matrix.call(eve, "PUT", where, content)

            await answer("Patch the VPN", 1)
            second = await _asked(whole, direct, "2 of 17")
            assert second["content"]["m.relates_to"]["event_id"] == first["event_id"]
            await answer("alert", 2)
            await _asked(whole, direct, "3 of 17")
            await whole.bot.kill()
            await whole.bot.start()
            for number, (text, then) in enumerate(
                [("high", "4 of 17"), ("skip", "5 of 17"), ("Now.\n\n- a\n- b", "6 of 17"),
                 ("skip", "7 of 17"), ("skip", "8 of 17"), ("Gate 7, and\nGate 8", "9 of 17")], 3,
            ):  # fmt: skip
                await answer(text, number)
                await _asked(whole, direct, then)
            await answer("done", 20)
            await until(lambda: len(whole.store.rows(DRAFTS)) == 1)
            _compare(whole)
            assert await matrix.shown_by_bot() == []  # nothing of it in the room

    asyncio.run(play())


def _compare(whole: Coalition) -> None:
    ((state, document),) = whole.store.rows(DRAFTS)
    found = json.loads(str(document))
    assert state == "draft"
    assert (found["title"], found["kind"], found["severity"]) == ("Patch the VPN", "alert", "high")
    assert found["body"] == "Now.\n\n- a\n- b"
    assert found["affected"] == ["Gate 7, and", "Gate 8"]


def _text(text: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": text or None}}


def _chosen(value: str) -> dict[str, Any]:
    option = {"value": value, "text": {"type": "plain_text", "text": value}}
    return {"value": {"type": "static_select", "selected_option": option}}


async def _view(whole: Coalition) -> str:
    """The form that stands open."""
    views = whole.alpha.workspace.world.views

    async def there() -> bool:
        return bool(views)

    await until(there)
    return next(iter(views))


async def _whispered(whole: Coalition, person: str, begins: str) -> None:
    slack = whole.alpha.workspace
    await until(lambda: any(each.text.startswith(begins) for each in slack.whispers(person)))


async def _asked(whole: Coalition, room: str, words: str) -> dict[str, Any]:
    """The question that the bot asks in a room."""
    found: list[dict[str, Any]] = []
    eve = whole.member(EVE)

    async def there() -> bool:
        query = {"dir": "b", "limit": "100"}
        page = await whole.matrix.call(eve, "GET", f"/rooms/{room}/messages", query=query)
        found[:] = [
            each
            for each in page["chunk"]
            if each["sender"] == whole.matrix.bot and words in each["content"].get("body", "")
        ]
        return bool(found)

    await until(there)
    return found[0]
