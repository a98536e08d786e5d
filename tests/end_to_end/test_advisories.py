"""An advisory on both networks: a file becomes one, it is posted a few seconds ahead, two teams
acknowledge it, the board shows it; and however the bot dies, each room has it once.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, CLO, DAN, EVE, FAY, Coalition, coalition, until
from tests.end_to_end.looks import LOOK
from tests.end_to_end.points import Point

FILE = b"""---
title: Patch the VPN
severity: high
marking: TLP:CLEAR
---
Patch **now**.
"""
FIRST = re.compile(r"TLP:CLEAR · HIGH · (RANSOMWARE-20\d\d-001) · Patch the VPN")
"""Its number bears the year, which may have ended meanwhile."""
ROOMS = ("alpha", "bravo", "matrix")
WRENCH = "\N{WRENCH}"


@pytest.mark.timeout(120)
def test_an_advisory_is_posted_at_its_instant_and_two_teams_acknowledge_it(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await _begin(whole)
            ref = await _sealed(whole)
            await _told(whole, ADA, f"advisory post {ref} in 3s", "It is posted ")
            number, posts = await _posted(whole)

            ada, slack = whole.alpha.people[ADA], whole.alpha.workspace
            slack.press(whole.alpha.channel, ada, posts["alpha"], "press-0")
            await _whispered(whole, ADA, f"{number} · CERT Alpha: received")
            await whole.matrix.react(whole.member(EVE), posts["matrix"], WRENCH)

            async def both() -> bool:
                seen = [await _texts(whole, room) for room in ROOMS]
                line = "Acknowledged: 2 of 3 · CERT Alpha: received · CERT Matrix: fixed"
                return all(any(line in text for text in texts.values()) for texts in seen)

            await until(both, 20.0, LOOK)
            board = await _told(whole, ADA, f"advisory status {ref}", f"{number}: released")
            assert "1 received, 1 fixed, 1 silent" in board
            assert "• CERT Bravo: silent" in board
            await _listed(whole, ref, number)

    asyncio.run(play())


@pytest.mark.timeout(60)
def test_a_file_with_the_command_as_its_caption_makes_a_draft_in_matrix(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await _begin(whole)
            eve = whole.member(EVE)
            mxc = await whole.matrix.upload(eve, "patch.md", FILE, "text/markdown")
            said = {
                "msgtype": "m.file", "body": "!advisory draft", "filename": "patch.md", "url": mxc,
                "info": {"size": len(FILE), "mimetype": "text/markdown"},
            }  # fmt: skip
            await whole.matrix.send(eve, said)
            drafts = "SELECT state, document FROM advisory"
            await until(lambda: len(whole.store.rows(drafts)) == 1)
            ((state, document),) = whole.store.rows(drafts)
            assert (state, json.loads(str(document))["title"]) == ("draft", "Patch the VPN")
            assert await whole.matrix.shown_by_bot() == []  # nothing of it in the room

    asyncio.run(play())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("point", [Point.SLACK_POSTED, Point.MATRIX_SENT])
def test_killed_while_it_posts_each_room_has_it_once(
    tmp_path: Path, synapse: Synapse, point: Point
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await _begin(whole)
            ref = await _sealed(whole)
            await _told(whole, ADA, f"advisory post {ref} in 2s", "It is posted ")
            await whole.settled()
            whole.ambush.lay(point)
            await whole.ambush.struck()
            await whole.bot.start()
            await _posted(whole)
            await whole.settled()
            for room in ROOMS:
                posts = [t for t in (await _texts(whole, room)).values() if "Patch the VPN" in t]
                assert len(posts) == 1, room

    asyncio.run(play())


async def _begin(whole: Coalition) -> None:
    """Three teams: those of each workspace, and two persons in Matrix."""
    slack = {
        key: [f"slack:{key}/{room.people[name]}" for name in names]
        for key, room, names in (
            ("alpha", whole.alpha, (ADA, BEN)),
            ("bravo", whole.bravo, (CLO, DAN)),
        )
    }
    matrix = [f"matrix:{whole.member(name).user_id}" for name in (EVE, FAY)]
    for key, people in (*slack.items(), ("matrix", matrix)):
        whole.settings[f"teams.cert-{key}"] = {
            "name": f"CERT {key.title()}", "members": people, "delegates": people,
        }  # fmt: skip
    whole.settings["channels.ransomware"]["teams"] = ["cert-alpha", "cert-bravo", "cert-matrix"]
    whole.write_settings()
    await whole.bot.start()


async def _sealed(whole: Coalition) -> str:
    """A draft of Ada's that Ben has sealed; its handle."""
    alpha = whole.alpha
    alpha.workspace.upload(
        alpha.channel, alpha.people[ADA], "patch.md", FILE, comment="!advisory draft",
        mimetype="text/markdown",
    )  # fmt: skip
    drafted = await _whispered(whole, ADA, "a-")
    ref = drafted.partition(" ")[0]
    assert drafted.startswith(f"{ref} is a draft."), drafted
    await _told(whole, BEN, f"advisory seal {ref}", f"{ref}: sealed by all.")
    return ref


async def _posted(whole: Coalition) -> tuple[str, dict[str, str]]:
    """The number, and the post in each room, once all have it."""
    found, numbers = dict[str, str](), set[str]()

    async def everywhere() -> bool:
        for room in ROOMS:
            for key, text in (await _texts(whole, room)).items():
                if said := FIRST.search(text):
                    found[room] = key
                    numbers.add(said[1])
        return len(found) == len(ROOMS)

    await until(everywhere, 30.0, LOOK)
    (number,) = numbers
    return number, found


async def _texts(whole: Coalition, room: str) -> dict[str, str]:
    """What the bot shows in a room now, by its messages' ids."""
    if room == "matrix":
        return await _in_matrix(whole)
    there = whole.rooms[room]
    messages = there.workspace.world.channels[there.channel].messages.values()
    return {each.ts: json.dumps(each.blocks, ensure_ascii=False) for each in messages if each.app}


async def _in_matrix(whole: Coalition) -> dict[str, str]:
    found: dict[str, str] = {}
    for event in await whole.matrix.read():
        if event["sender"] != whole.matrix.bot or event["type"] != "m.room.message":
            continue
        content = event["content"]
        replaces = content.get("m.relates_to", {})
        if replaces.get("rel_type") == "m.replace":
            found[replaces["event_id"]] = content["m.new_content"]["body"]
        else:
            found.setdefault(event["event_id"], content["body"])
    return found


async def _told(whole: Coalition, person: str, text: str, begins: str) -> str:
    """What somebody in Slack is told who types a slash-command."""
    slack, user = whole.alpha.workspace, whole.alpha.people[person]
    slack.command(whole.alpha.channel, user, "/liaison", text)
    return await _whispered(whole, person, begins)


async def _whispered(whole: Coalition, person: str, begins: str) -> str:
    slack, user = whole.alpha.workspace, whole.alpha.people[person]
    found: list[str] = []

    async def there() -> bool:
        found[:] = [each.text for each in slack.whispers(user) if each.text.startswith(begins)]
        return bool(found)

    try:
        await until(there)
    except TimeoutError:
        said = [each.text for each in slack.whispers(user)]
        raise AssertionError(f"{begins!r} among {said}\n{whole.bot.last_lines()}") from None
    return found[-1]


async def _listed(whole: Coalition, ref: str, number: str) -> None:
    """What the terminal says of it."""
    ended = await whole.command("advisories", "list", "--json")
    (line,) = ended.out.splitlines()
    found = json.loads(line)
    assert (found["ref"], found["number"], found["state"]) == (
        ref, number, "released",
    )  # fmt: skip
    assert found["acknowledgements"] == {
        "cert-alpha": "received", "cert-bravo": "silent", "cert-matrix": "fixed",
    }  # fmt: skip
    ended = await whole.command("advisories", "list", "--as", "cert-bravo", "--json")
    assert json.loads(ended.out)["acknowledgements"] == {"cert-bravo": "silent"}
