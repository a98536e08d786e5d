"""Malformed, hostile and oversized input: counted or carried, never a traceback, never a halt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.sandbox.slack import Workspace
from bot.sandbox.slack.payloads import event_callback
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, CLO, EVE, Coalition, coalition, until
from tests.end_to_end.mutation import mutated
from tests.end_to_end.slack_side import shown_by_bot

_PAYLOADS = 10_000
_SECRET = "swordfish"
"""Stands in every malformed payload: it must never be in the log."""
HOSTILE = {
    "bell and escape": "a\x07b\x1b[31mred\x1b[0m",
    "a null byte": "before\x00after",
    "half a surrogate pair": "half \ud83d pair",
    "overrides": "\u202eexe.gpj\u202c \u2066x\u2069",
    "a byte-order mark and a non-character": "\ufeffa\ufffeb",
    "many combining marks": "a" + "\u0301" * 500,
    "only spaces that do not show": "\u200b\u200b",
    "every line end": "a\rb\r\nc\u2028d\u2029e\x85f",
}


@pytest.mark.timeout(90)
def test_after_10000_mutated_payloads_the_next_message_is_relayed_meanwhile(
    tmp_path: Path, synapse: Synapse, seed: int
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await whole.say(ADA, "before")
            await whole.settled()
            workspace = whole.alpha.workspace
            await workspace.quiet()
            acknowledged = workspace.sockets()["acknowledged"]
            given_up = workspace.sockets()["given_up"]
            random, pattern = Random(seed), _payload(whole)
            for at in range(0, _PAYLOADS, 500):
                for _ in range(500):
                    workspace.inject(mutated(pattern, random))
                await _acknowledged(workspace, acknowledged + at + 500)
            assert workspace.sockets()["given_up"] == given_up
            await _relayed_meanwhile(whole)
            _log_is_clean(whole)
            assert "event.unreadable" in whole.bot.log.read_text(encoding="utf-8")

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_frames_that_are_no_envelopes_and_mutated_events_of_a_homeserver_do_no_harm(
    tmp_path: Path, synapse: Synapse, seed: int
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            workspace, random = whole.alpha.workspace, Random(seed)
            for frame in ("", "{", "[]", "null", '"x"', "[" * 10_000, '{"envelope_id": 7}', "\x00"):
                workspace.inject_raw(frame)
            room = whole.matrix.room

            def spoil(news: dict[str, Any]) -> None:
                timeline = news["rooms"]["join"][room]["timeline"]
                event = next(e for e in timeline["events"] if e["type"] == "m.room.message")
                pattern = event | {"content": event["content"] | {"body": _SECRET}}
                # the identities of what is good must not be used up by what is not
                worse = [mutated(pattern, random) for _ in range(2000)]
                for number, bad in enumerate(worse):
                    if isinstance(bad, dict) and bad.get("event_id") == event["event_id"]:
                        bad["event_id"] = f"$bad{number}"
                    if isinstance(bad, dict) and _is_whole(bad):
                        bad["type"] = "org.example.unknown"
                timeline["events"] = [*worse, *timeline["events"]]

            whole.passage.alter_next_news(spoil)
            await whole.say(EVE, "after 2,000 mutated events")
            await whole.all_landed()
            await _relayed_meanwhile(whole)
            _log_is_clean(whole)

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_hostile_text_is_carried_safely_or_refused_with_a_word_to_its_sender(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            for name, text in HOSTILE.items():
                whole.alpha.say(ADA, f"<{name}> {text} </{name}>")
                if "\x00" not in text and "\ud83d" not in text:  # a homeserver takes neither
                    await whole.say(EVE, f"<{name}> {text} </{name}>")
            await whole.settled()
            assert whole.store.count("SELECT count(*) FROM outbox WHERE state = 'dead'") == 0
            for key in ("bravo", "matrix"):
                texts = [line.text for line in await _shown(whole, key) if line.author == ADA]
                assert len(texts) == len(HOSTILE), texts
                for name, text in zip(HOSTILE, texts, strict=True):
                    assert text.startswith(f"<{name}> "), text
                    assert text.endswith(f" </{name}>"), text
                    assert "\x00" not in text
            await _relayed_meanwhile(whole)

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_body_of_1_mb_is_refused_with_a_word_and_60_kb_come_in_parts(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            workspace = whole.alpha.workspace
            whole.alpha.say(ADA, "x" * 2**20)
            await workspace.until(lambda: bool(workspace.whispers(whole.alpha.people[ADA])))
            (told,) = workspace.whispers(whole.alpha.people[ADA])
            assert "too long" in told.text
            assert await _shown(whole, "bravo") == []
            await whole.say(EVE, "y" * 60_000)  # fits a Matrix event, and no message of Slack
            await until(lambda: _has_all(whole, "y" * 60_000))
            await _relayed_meanwhile(whole)

    asyncio.run(play())


async def _acknowledged(workspace: Workspace, count: int) -> None:
    await workspace.until(lambda: workspace.sockets()["acknowledged"] >= count, 30.0)


async def _has_all(whole: Coalition, text: str) -> bool:
    """Whether a text has come over to bravo, in parts."""
    return "".join(line.text for line in await _shown(whole, "bravo")) == text


async def _shown(whole: Coalition, key: str) -> list[Any]:
    if key == "matrix":
        return await whole.matrix.shown_by_bot()
    room = whole.rooms[key]
    return list(shown_by_bot(room.workspace, room.channel))


async def _relayed_meanwhile(whole: Coalition) -> None:
    room = whole.bravo
    before = len(shown_by_bot(room.workspace, room.channel))
    await whole.say(ADA, "the next message")
    await room.workspace.until(
        lambda: len(shown_by_bot(room.workspace, room.channel)) > before, 10.0
    )
    assert shown_by_bot(room.workspace, room.channel)[-1].text == "the next message"


def _payload(whole: Coalition) -> Any:
    """A good event of a message, as Slack sends it."""
    workspace = whole.alpha.workspace
    event = {
        "type": "message",
        "channel": "C0NOWHERE",
        "channel_type": "channel",
        "user": whole.alpha.people[ADA],
        "text": f"{_SECRET} <@{whole.alpha.people[ADA]}>",
        "ts": "1700000000.000100",
        "thread_ts": "1700000000.000000",
        "team": workspace.world.team_id,
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": []}],
        "metadata": {"event_type": "liaison_delivery", "event_payload": {"id": "d"}},
    }
    return json.loads(json.dumps(event_callback(workspace.world, workspace.app, event)))


def _is_whole(event: dict[str, Any]) -> bool:
    """Whether a mutation left a message that is a message still."""
    content = event.get("content")
    return isinstance(content, dict) and isinstance(content.get("body"), str)


def _log_is_clean(whole: Coalition) -> None:
    log = whole.bot.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert '"exception"' not in log
    assert _SECRET not in log
    assert CLO not in log
