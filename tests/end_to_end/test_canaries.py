# ruff: noqa: RUF001  letters that look like others are part of what this is about
"""What may not go further is nowhere: not in a log, a table, a request, a notice, an error.

Strings that occur nowhere else are planted in everything that people can say above what the rooms
may hold, and in what is no message at all; then all that the bot wrote and sent is searched.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.slack.payloads import event_callback
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, DAN, EVE, FAY, Coalition, coalition, until
from tests.end_to_end.looks import gone, shown
from tests.end_to_end.matrix_side import in_thread
from tests.end_to_end.mutation import mutated
from tests.end_to_end.passage import Passage
from tests.end_to_end.slack_side import AmbushedSlack

Answer = Callable[[Any, web.Request], Awaitable[web.StreamResponse]]
_MUTATED = 300
_LABELS = ("TLP:AMBER", "[TLP:AMBER+STRICT]", "ＴＬＰ：ＲＥＤ", "TLP:PURPLE", "T\u200bLP:AMBER")


_COMMANDS = ("ping", "pign", "help", "trace", "channel", "recall", "freeze", "release")
_OF_MARKINGS = ("mark",)
"""Its words are about labels, and do not mark what was typed."""


@dataclass
class Canaries:
    """The strings that were planted, by where."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, where: str) -> str:
        """A string that occurs nowhere else."""
        made = self.planted[where] = f"kanari{secrets.token_hex(8)}"
        return made

    def sing(self, text: bytes, but: str = "\0") -> set[str]:
        """Where those were planted that are in a text; not those of what begins with `but`."""
        return {
            where
            for where, canary in self.planted.items()
            if canary.encode() in text and not where.startswith(but)
        }


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that the bot asks of its networks, files aside: address and body."""
    recorded: list[bytes] = []

    def recording(answer: Answer) -> Answer:
        async def record(self: Any, request: web.Request) -> web.StreamResponse:
            recorded.append(request.path_qs.encode() + b"\n" + await request.read())
            return await answer(self, request)

        return record

    async def fetch(self: Passage, request: web.Request, body: bytes) -> web.Response:
        recorded.append(request.path_qs.encode() + b"\n" + body)
        return await forwarded(self, request, body)

    forwarded = Passage._fetch
    monkeypatch.setattr(Passage, "_fetch", fetch)
    monkeypatch.setattr(AmbushedSlack, "_api", recording(AmbushedSlack._api))
    monkeypatch.setattr(AmbushedSlack, "_response", recording(AmbushedSlack._response))
    return recorded


@pytest.mark.timeout(110)
def test_nothing_above_a_rooms_ceiling_is_anywhere_but_where_it_was_said(
    tmp_path: Path, synapse: Synapse, requests: list[bytes], seed: int
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            _allies(whole)
            await whole.bot.start()
            canaries, random = Canaries(), Random(seed)
            await _relayed(whole, "TLP:GREEN before")
            await _say_in_slack(whole, canaries)
            await _say_in_matrix(whole, canaries)
            _inject_into_slack(whole, canaries, random)
            _spoil_matrix(whole, canaries, random)
            await _relayed(whole, "TLP:GREEN in between")
            await _edit(whole, canaries)
            await _relayed(whole, "TLP:GREEN after")
            await until(lambda: whole.store.open == 0, 20.0)
            written = await _asked(whole)
            assert len(requests) > 50
            sent = b"\n".join([*requests, *_shown_in_slack(whole)])
            assert b"TLP:GREEN after" in sent
            assert canaries.sing(sent) == set()
            assert canaries.sing(written) == set()
            assert canaries.sing(b"".join(_files(tmp_path)), "command") == set()
            assert await whole.bot.stop() == 0
            assert canaries.sing(b"".join(_files(tmp_path))) == set()

    asyncio.run(play())


def _allies(whole: Coalition) -> None:
    """Three teams, an admin room, and a channel that holds no more than TLP:GREEN."""
    server = whole.matrix.bot.partition(":")[2]
    for team, member in (("a", "slack:alpha"), ("b", "slack:bravo"), ("m", f"matrix:{server}")):
        whole.settings[f"teams.cert-{team}"] = {"members": [member]}
    admins = whole.bravo.workspace.room("admins", [whole.bravo.people[DAN]], private=True)
    whole.settings["liaison"]["admin_rooms"] = [f"slack:bravo/{admins}"]
    whole.settings["channels.ransomware"]["ceiling"] = "TLP:GREEN"
    whole.write_settings()


async def _relayed(whole: Coalition, text: str) -> None:
    """Somebody in every room says what may go everywhere: what was said before has been heard."""
    for person in (ADA, DAN, EVE):
        said = f"{text}, says {person.split()[0]}"
        await whole.say(person, said)
        for room in (*whole.rooms, "matrix"):
            await shown(whole, room, said)


async def _say_in_slack(whole: Coalition, canaries: Canaries) -> None:
    alpha, plant = whole.alpha, canaries.plant
    workspace, ada = alpha.workspace, alpha.people[ADA]
    for label in _LABELS:
        alpha.say(ADA, f"{label} {plant(f'{label} in Slack')}")
    alpha.say(ADA, f"{plant('at the end in Slack')}\ntlp amber")
    root = alpha.say(ADA, f"TLP:RED {plant('a root in Slack')}")
    alpha.say(BEN, plant("under it in Slack"), root)
    name = f"TLP-AMBER {plant('a name of a file in Slack')}.txt"
    workspace.upload(alpha.channel, ada, name, plant("a file in Slack").encode())
    workspace.upload(
        alpha.channel, ada, f"{plant('a plain name in Slack')}.txt",
        plant("a file beside it in Slack").encode(),
        comment=f"TLP:AMBER {plant('a comment in Slack')}",
    )  # fmt: skip
    topic = f"TLP:AMBER {plant('a topic in Slack')}"
    workspace.set_topic(alpha.channel, topic, ada)
    for command in ("trace", "tracee", "who-reacted"):
        text = f"{command} {plant(f'command {command} in Slack')}"
        workspace.command(alpha.channel, ada, "/liaison", text)
        alpha.say(ADA, f"!{command} {plant(f'command !{command} in Slack')}")
    for command in _COMMANDS:
        secret = f"{command} TLP:RED {plant(f'a secret after {command} in Slack')}"
        workspace.command(alpha.channel, ada, "/liaison", secret)
        alpha.say(ADA, f"!{command} tlp red {plant(f'a secret after !{command} in Slack')}", root)
    for command in _OF_MARKINGS:
        text = f"{command} TLP:RED {plant(f'command about markings, {command} in Slack')}"
        workspace.command(alpha.channel, ada, "/liaison", text)


async def _say_in_matrix(whole: Coalition, canaries: Canaries) -> None:
    matrix, plant = whole.matrix, canaries.plant
    eve, fay = whole.member(EVE), whole.member(FAY)
    for label in ("TLP:AMBER", "[tlp red]", "TLP:AMBER STRIC", "ТLР:АМВЕR"):
        await matrix.say(eve, f"{label} {plant(f'{label} in Matrix')}")
    html = f"<p><b>TLP:AMBER</b> {plant('HTML in Matrix')}</p>"
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html}
    body = f"TLP:AMBER {plant('beside HTML in Matrix')}"
    await matrix.send(eve, {"msgtype": "m.text", "body": body, **formatted})
    root = await matrix.say(eve, f"TLP:RED {plant('a root in Matrix')}")
    await matrix.say(fay, plant("under it in Matrix"), thread=root)
    answer = {"m.relates_to": {"m.in_reply_to": {"event_id": root}}}
    text = plant("an answer in Matrix")
    await matrix.send(fay, {"msgtype": "m.text", "body": text, **answer})
    mxc = await matrix.upload(eve, "x", plant("a file in Matrix").encode(), "text/plain")
    for kind in ("m.file", "m.image", "m.video"):
        name = f"{plant(f'a name of {kind} in Matrix')}.bin"
        caption = f"TLP:AMBER {plant(f'a caption of {kind} in Matrix')}"
        await matrix.send(
            eve, {"msgtype": kind, "url": mxc, "filename": name, "body": caption, **in_thread(root)}
        )
        name = f"TLP_AMBER {plant(f'a marked name of {kind} in Matrix')}.bin"
        await matrix.send(eve, {"msgtype": kind, "url": mxc, "body": name})
    await matrix.send(eve, {"msgtype": "m.emote", "body": f"TLP:AMBER {plant('emote in Matrix')}"})
    await matrix.set_state("m.room.topic", {"topic": f"TLP:AMBER {plant('a topic in Matrix')}"})
    await matrix.send(eve, {"msgtype": "org.example.x", "body": f"TLP:RED {plant('odd kind')}"})
    for command in ("trace", "tracee", "who-reacted"):
        await matrix.say(eve, f"!{command} {plant(f'command {command} in Matrix')}")
    for command in _COMMANDS:
        secret = plant(f"a secret after {command} in Matrix")
        await matrix.say(eve, f"!{command} [TLP:RED] {secret}", thread=root)
        secret = plant(f"a secret below {command} in Matrix")
        await matrix.say(fay, f"!{command} x\n{secret}\nTLP:RED")
    for command in _OF_MARKINGS:
        text = plant(f"command about markings, {command} in Matrix")
        await matrix.say(eve, f"!{command} TLP:RED {text}")


async def _edit(whole: Coalition, canaries: Canaries) -> None:
    """What may go everywhere is changed into what may not: it is taken back."""
    before = {
        person: f"TLP:GREEN what {person.split()[0]} says at first"
        for person in (ADA, BEN, EVE, FAY)
    }
    said = {person: await whole.say(person, text) for person, text in before.items()}
    for text in before.values():
        await shown(whole, "bravo", text)
    for person, label in {ADA: "TLP:AMBER", BEN: "TLP:RED"}.items():
        words = f"{label} {canaries.plant(f'an edit to {label} in Slack')}"
        whole.alpha.workspace.edit(whole.alpha.channel, said[person], words)
    for person, label in {EVE: "TLP:RED", FAY: "tlp amber strict"}.items():
        words = f"{label} {canaries.plant(f'an edit to {label} in Matrix')}"
        await whole.matrix.edit(whole.member(person), said[person], words)
    for text in before.values():
        await gone(whole, "bravo", text)
    whole.alpha.workspace.edit(
        whole.alpha.channel, said[ADA], f"tlp:red {canaries.plant('a second edit in Slack')}"
    )


def _inject_into_slack(whole: Coalition, canaries: Canaries, random: Random) -> None:
    workspace = whole.alpha.workspace
    event: dict[str, Any] = {
        "type": "message",
        "channel": "C0NOWHERE",
        "channel_type": "channel",
        "user": whole.alpha.people[ADA],
        "text": f"TLP:RED {canaries.plant('malformed in Slack')}",
        "ts": "1700000000.000100",
        "team": workspace.world.team_id,
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": []}],
    }
    held: dict[str, Any] = {
        "id": "F0NOWHERE",
        "name": f"TLP_RED {canaries.plant('a name of a malformed file in Slack')}.txt",
        "title": f"TLP:RED {canaries.plant('a title of a malformed file in Slack')}",
        "mimetype": "text/plain",
        "size": 7,
        "url_private": "https://files.slack.com/x",
    }
    changed: dict[str, Any] = {
        "subtype": "message_changed",
        "channel": event["channel"],
        "ts": "1700000001.0001",
    }
    words = {"text": f"TLP:RED {canaries.plant('a malformed edit in Slack')}", "edited": {}}
    for worse in (
        event,
        event | {"subtype": "file_share", "files": [held], "channel": whole.alpha.channel},
        {"type": "message", **changed, "message": event | words, "previous_message": event},
    ):
        called = event_callback(workspace.world, workspace.app, worse)
        pattern = json.loads(json.dumps(called))
        for _ in range(_MUTATED):
            bad = mutated(pattern, random)
            if worse is event or _is_marked(bad, pattern):
                workspace.inject(bad)
    workspace.inject_raw(json.dumps({"envelope_id": 7, "x": canaries.plant("a frame in Slack")}))


def _is_marked(bad: Any, pattern: Any) -> bool:
    """Whether a mutation left every label that stood before a canary: else it says no more that
    what follows is TLP:RED.
    """
    return json.dumps(bad).count("RED") >= json.dumps(pattern).count("RED")


def _spoil_matrix(whole: Coalition, canaries: Canaries, random: Random) -> None:
    canary = canaries.plant("mutated in Matrix")
    name = f"TLP_RED {canaries.plant('a name of a malformed file in Matrix')}.txt"
    words = f"TLP:RED {canaries.plant('a malformed edit in Matrix')}"

    def spoil(news: dict[str, Any]) -> None:
        timeline = news["rooms"]["join"][whole.matrix.room]["timeline"]
        event = next(e for e in timeline["events"] if e["type"] == "m.room.message")
        pattern = event | {"content": event["content"] | {"body": f"TLP:RED {canary}"}}
        file = {"msgtype": "m.file", "body": f"TLP:RED {canary}", "filename": name, "url": "mxc://"}
        edit = {
            "msgtype": "m.text",
            "body": f"* {words}",
            "m.new_content": {"msgtype": "m.text", "body": words},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event["event_id"]},
        }
        worse = [mutated(pattern, random) for _ in range(_MUTATED)]
        for number, bad in enumerate(worse):
            if isinstance(bad, dict):
                bad["event_id"] = f"$bad{number}"
                content = bad.get("content")
                if isinstance(content, dict) and isinstance(content.get("body"), str):
                    bad["type"] = "org.example.unknown"  # a mutation that left it whole
        for content in (file, edit):
            whole_one = event | {"content": content, "event_id": "$worse"}
            made = (mutated(whole_one, random) for _ in range(_MUTATED))
            worse += [
                bad | {"event_id": f"$worse{random.random()}"}
                for bad in made
                if isinstance(bad, dict) and _is_marked(bad, whole_one)
            ]
        timeline["events"] = [*worse, *timeline["events"]]

    whole.passage.alter_next_news(spoil)


async def _asked(whole: Coalition) -> bytes:
    """What the commands of an operator say."""
    said = []
    for words in (
        ("deliveries", "list", "--state", "dead", "--json"),
        ("audit", "export", "--since", "2020-01-01", "--json"),
        ("check", "--json"),
    ):
        ended = await whole.command(*words)
        said += [ended.out, ended.err]
    return "\n".join([*said, *whole.bot.out]).encode()


def _shown_in_slack(whole: Coalition) -> Iterator[bytes]:
    """What the bot wrote into a workspace: messages, whispers, files."""
    for room in whole.rooms.values():
        workspace = room.workspace
        for channel in workspace.world.channels.values():
            for message in channel.messages.values():
                if message.app:
                    yield json.dumps([message.text, message.blocks], ensure_ascii=False).encode()
        for whisper in workspace.whispers():
            yield json.dumps([whisper.text, whisper.blocks], ensure_ascii=False).encode()
        for file in workspace.world.files.values():
            if file.user == workspace.app.user:
                yield file.name.encode() + file.content


def _files(folder: Path) -> Iterator[bytes]:
    """All that the bot keeps: its log, its store with all that lies beside it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.read_bytes()
