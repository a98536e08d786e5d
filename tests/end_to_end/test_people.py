"""Who people are on the other side: linked by commands, mentioned there, with team and picture."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, EVE, FAY, Coalition, coalition, until
from tests.end_to_end.looks import shown, written
from tests.end_to_end.seen import Json

_PROFILE = "com.beeper.per_message_profile"
_PUBLIC = "https://liaison.example.org"
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.mark.timeout(90)
def test_who_has_linked_their_accounts_is_mentioned_where_they_are(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            whole.settings["teams.cert-alpha"] = {"name": "CERT Alpha", "members": ["slack:alpha"]}
            port = free_port()
            whole.settings["web"] = {"listen": f"127.0.0.1:{port}", "public_url": _PUBLIC}
            whole.write_settings()
            await _give_pictures(whole)
            await whole.bot.start()
            await _link(whole)
            await _from_slack(whole)
            await _from_matrix(whole)
            await _no_more_after_unlinking(whole)
            await _served(whole, f"http://127.0.0.1:{port}")

    asyncio.run(play())


async def _give_pictures(whole: Coalition) -> None:
    world, ben = whole.alpha.workspace.world, whole.alpha.people[BEN]
    world.users[ben].image = f"{world.address}/pictures/{ben}"
    world.users[ben].picture = _PNG
    fay = whole.member(FAY)
    mxc = await whole.matrix.upload(fay, "fay.png", _PNG, "image/png")
    await whole.matrix.call(fay, "PUT", f"/profile/{fay.user_id}/avatar_url", {"avatar_url": mxc})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def _link(whole: Coalition) -> None:
    """Ada in Slack asks, Eve in Matrix types the code, both say yes; none of it is relayed."""
    slack, eve = whole.alpha.workspace, whole.member(EVE)
    ada = whole.alpha.people[ADA]
    slack.command(whole.alpha.channel, ada, "/liaison", "link")
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", await _whispered(whole, 1))
    assert code is not None
    await whole.say(EVE, f"!link {code[0]}")

    async def invited() -> bool:
        return bool(await whole.matrix.invitations(eve))

    await until(invited)
    (direct,) = await whole.matrix.invitations(eve)
    await whole.matrix.join(eve, direct)
    await _told(whole, direct, 1)
    await whole.matrix.say(eve, "link confirm", room=direct)
    assert eve.user_id in await _whispered(whole, 2)
    slack.command(whole.alpha.channel, ada, "/liaison", "link confirm")
    assert (await _whispered(whole, 3)).startswith("Your accounts are linked.")
    await _told(whole, direct, 3)
    assert ada in (await whole.matrix.bot_said(eve, direct))[-1]
    assert await whole.matrix.shown_by_bot() == []


async def _told(whole: Coalition, direct: str, count: int) -> None:
    eve = whole.member(EVE)

    async def told() -> bool:
        return len(await whole.matrix.bot_said(eve, direct)) == count

    await until(told)


async def _whispered(whole: Coalition, count: int) -> str:
    slack = whole.alpha.workspace
    await slack.until(lambda: len(slack.whispers()) >= count)
    return slack.whispers()[count - 1].text


async def _from_slack(whole: Coalition) -> None:
    """Ben, who has a team and a picture, mentions Ada: in Matrix that is Eve."""
    slack, eve = whole.alpha.workspace, whole.member(EVE)
    people = whole.alpha.people
    slack.say(whole.alpha.channel, people[BEN], f"<@{people[ADA]}> look at 1", raw=True)
    there = await shown(whole, "matrix", f"@{ADA} look at 1")
    assert there.author == f"{BEN} (CERT Alpha)"
    assert (await _content(whole, there.id))["m.mentions"] == {"user_ids": [eve.user_id]}
    await shown(whole, "bravo", f"@{ADA} look at 1", lambda seen: '"user"' not in seen.written)
    number = 0

    async def pictured() -> bool:
        nonlocal number
        number += 1
        whole.alpha.say(BEN, f"picture {number}")
        seen = await shown(whole, "matrix", f"picture {number}")
        return "avatar_url" in (await _content(whole, seen.id))[_PROFILE]

    await until(pictured, every=0.2)
    seen = await shown(whole, "matrix", f"picture {number}")
    address = (await _content(whole, seen.id))[_PROFILE]["avatar_url"]
    assert await whole.matrix.fetch(address) == _PNG


async def _from_matrix(whole: Coalition) -> None:
    """Fay mentions Eve: in the first workspace that is Ada, in the second a name."""
    await _mention_eve(whole, "look at 2")
    element = f'"user_id": "{whole.alpha.people[ADA]}"'
    await written(whole, "alpha", lambda seen: "look at 2" in seen.text and element in seen.written)
    await written(whole, "bravo", lambda seen: "look at 2" in seen.text and EVE in seen.text)


async def _no_more_after_unlinking(whole: Coalition) -> None:
    slack, ada = whole.alpha.workspace, whole.alpha.people[ADA]
    slack.command(whole.alpha.channel, ada, "/liaison", "unlink")
    assert EVE in await _whispered(whole, 4)
    await _mention_eve(whole, "look at 3")
    seen = await written(whole, "alpha", lambda seen: "look at 3" in seen.text)
    assert ada not in seen.written


async def _served(whole: Coalition, address: str) -> None:
    """Fay's picture is where Slack was told that it is; and the bot says that it is well."""
    stage = whole.alpha.workspace.world.channels[whole.alpha.channel]
    icons: list[Json] = []
    number = 0

    async def pictured() -> bool:  # it is fetched beside what is said first
        nonlocal number
        number += 1
        await _mention_eve(whole, f"pictured {number}")
        await written(whole, "alpha", lambda seen: f"pictured {number}" in seen.text)
        icons[:] = [dict(each.icons) for each in stage.messages.values() if each.icons]
        return bool(icons)

    await until(pictured, every=0.2)
    shown_at = str(icons[-1]["image_72"])
    assert shown_at.startswith(f"{_PUBLIC}/pictures/")
    async with aiohttp.ClientSession() as http:
        for path, held in (
            (shown_at.removeprefix(_PUBLIC), _PNG),
            ("/readyz", b"ok"),
            ("/metrics", b'liaison_connected{account="matrix:coalition"} 1'),
        ):
            async with http.get(address + path) as answer:
                assert answer.status == 200
                assert held in await answer.read()


async def _mention_eve(whole: Coalition, text: str) -> None:
    eve = whole.member(EVE).user_id
    content: Json = {
        "msgtype": "m.text",
        "body": f"{EVE} {text}",
        "format": "org.matrix.custom.html",
        "formatted_body": f'<a href="https://matrix.to/#/{eve}">{EVE}</a> {text}',
        "m.mentions": {"user_ids": [eve]},
    }
    await whole.matrix.send(whole.member(FAY), content)


async def _content(whole: Coalition, event: str) -> Json:
    (found,) = [each for each in await whole.matrix.read() if each["event_id"] == event]
    content: Json = found["content"]
    return content
