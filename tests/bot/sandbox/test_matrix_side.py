"""The Matrix room's people, against a real homeserver."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.sandbox import matrix_side
from bot.sandbox.board import Attachment, Board, Line, Reaction
from bot.sandbox.deeds import Edit, React, Say, Share, TakeBack, Unreact
from bot.sandbox.matrix_side import MatrixSide, Member
from bot.sandbox.server import NotSaid
from bot.sandbox.synapse import Person, Synapse
from bot.sandbox.world import COALITION, ROOMS

PASSWORD = "a toy"


@dataclass(frozen=True)
class Scene:
    """The people, their room, and the bot's account to act with."""

    side: MatrixSide
    board: Board
    bot: Person
    session: aiohttp.ClientSession

    async def bot_does(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.bot.access_token}"}
        url = f"/_matrix/client/v3{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            told: dict[str, Any] = await answer.json()
            return told

    async def bot_says(self, room: str, content: dict[str, Any]) -> None:
        txn = secrets.token_hex(8)
        await self.bot_does("PUT", f"/rooms/{room}/send/m.room.message/{txn}", content)

    async def until(self, holds: Callable[[list[Line]], bool]) -> list[Line]:
        async with asyncio.timeout(30):
            while not holds(self.board.lines()):
                await self.board.changed()
        return self.board.lines()


async def _sign_in(synapse: Synapse, tale: str) -> dict[str, Member]:
    """Accounts of this tale alone: nobody is in another one's rooms."""
    members = {}
    for person in COALITION.people:
        account = await synapse.register(f"{person.key}-{tale}", PASSWORD)
        members[person.key] = Member(person.key, person.name, account.user_id, account.access_token)
    return members


@asynccontextmanager
async def _scene(
    synapse: Synapse, room: str | None = None, tale: str = "", *, follow: bool = True
) -> AsyncIterator[Scene]:
    tale = tale or secrets.token_hex(4)
    board = Board(ROOMS)
    bot = await synapse.register(f"liaison-{tale}", PASSWORD, displayname="Liaison")
    side = MatrixSide(synapse.url, await _sign_in(synapse, tale), bot.user_id, board)
    async with aiohttp.ClientSession(synapse.url) as session:
        scene = Scene(side, board, bot, session)
        await side.open_room(room)
        await scene.bot_does("POST", f"/join/{side.room}", {})
        await side.until_joined()
        following = asyncio.create_task(side.follow()) if follow else None
        try:
            yield scene
        finally:
            if following:
                following.cancel()
                await asyncio.wait({following})
            await side.close()


def _play(synapse: Synapse, story: Callable[[Scene], Awaitable[None]]) -> None:
    async def play() -> None:
        async with _scene(synapse) as scene:
            await story(scene)

    asyncio.run(asyncio.wait_for(play(), 60))


def test_people_and_bot_are_seen_with_their_names(synapse: Synapse) -> None:
    async def story(scene: Scene) -> None:
        await scene.side.do("tomas", Say("The cranes stand."))
        relayed = {
            "msgtype": "m.text",
            "body": "Amélie Rousseau: a: b <c>",
            "com.beeper.per_message_profile": {
                "id": "1",
                "displayname": "Amélie Rousseau",
                "has_fallback": True,
            },
        }
        await scene.bot_says(scene.side.room, relayed)
        await scene.bot_says(scene.side.room, {"msgtype": "m.text", "body": "Own: words"})
        lines = await scene.until(lambda lines: len(lines) == 3)
        assert [(line.author, line.text, line.by_bot) for line in lines] == [
            ("Tomás Ferreira", "The cranes stand.", False),
            ("Amélie Rousseau", "a: b <c>", True),
            ("Liaison", "Own: words", True),
        ]

    _play(synapse, story)


def test_all_that_people_do_is_seen(synapse: Synapse) -> None:
    async def story(scene: Scene) -> None:
        await scene.side.do("tomas", Say("one"))
        (one,) = await scene.until(lambda lines: len(lines) == 1)
        await scene.side.do("ines", Say("below", one.key.message))
        await scene.side.do("tomas", Edit(one.key.message, "uno"))
        await scene.side.do("ines", React(one.key.message, "❤️"))
        await scene.side.do("rui", Share("a.png", b"no picture", "image/png"))
        seen = await scene.until(lambda lines: len(lines) == 3 and bool(lines[0].reactions))
        assert (seen[0].text, seen[0].edited) == ("uno", True)
        assert seen[0].reactions == (Reaction("❤️", ("Inês Carvalho",)),)
        assert seen[1].answers == one.key
        assert seen[2].files == (Attachment("a.png", 10),)
        await scene.side.do("rui", Unreact(one.key.message, "❤️"))  # not theirs: nothing happens
        await scene.side.do("ines", Unreact(one.key.message, "❤️"))
        await scene.until(lambda lines: not lines[0].reactions)
        await scene.side.do("tomas", TakeBack(one.key.message))
        await scene.until(lambda lines: lines[0].taken_back)

    _play(synapse, story)


def test_a_direct_room_is_entered_and_is_its_person_s_alone(synapse: Synapse) -> None:
    async def story(scene: Scene) -> None:
        rui = scene.side._members["rui"].user_id
        asked = {"preset": "private_chat", "is_direct": True, "invite": [rui]}
        made = await scene.bot_does("POST", "/createRoom", asked)
        await scene.bot_says(made["room_id"], {"msgtype": "m.notice", "body": "All is well."})
        (line,) = await scene.until(lambda lines: len(lines) == 1)
        assert (line.text, line.only_for, line.key.room) == ("All is well.", "rui", "coalition")

    _play(synapse, story)


def test_the_room_is_the_same_at_the_next_start_with_what_was_said(synapse: Synapse) -> None:
    async def play() -> None:
        async with _scene(synapse, tale="again") as scene:
            await scene.side.do("ines", Say("before"))
            room = scene.side.room
            await scene.until(lambda lines: len(lines) == 1)
        async with _scene(synapse, room, "again") as scene:
            assert scene.side.room == room
            (line,) = await scene.until(lambda lines: len(lines) == 1)
            assert (line.author, line.text) == ("Inês Carvalho", "before")

    asyncio.run(asyncio.wait_for(play(), 60))


def test_a_burst_that_one_sync_cannot_hold_is_seen_whole_and_in_order(
    synapse: Synapse, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = matrix_side._FILTER.replace('"limit":100', '"limit":2')
    monkeypatch.setattr(matrix_side, "_FILTER", few)

    async def play() -> None:
        async with _scene(synapse, follow=False) as scene:
            await scene.side.look()
            said = [str(number) for number in range(6)]
            for text in said:
                await scene.side.do("ines", Say(text))
            await scene.side.look()
            assert [line.text for line in scene.board.lines()] == said

    asyncio.run(asyncio.wait_for(play(), 60))


def test_a_homeserver_that_refuses_or_is_away_is_told_in_words(synapse: Synapse) -> None:
    async def play() -> None:
        nobody = {"ines": Member("ines", "Inês", "@ines:x", "unknown")}
        refused = MatrixSide(synapse.url, nobody, "@b:x", Board(ROOMS))
        away = MatrixSide("http://127.0.0.1:9", nobody, "@b:x", Board(ROOMS))
        with pytest.raises(NotSaid, match="The homeserver refused it: M_UNKNOWN_TOKEN"):
            await refused.do("ines", Say("hello"))
        with pytest.raises(NotSaid, match="The homeserver does not answer"):
            await away.do("ines", Say("hello"))
        await refused.close()
        await away.close()

    asyncio.run(asyncio.wait_for(play(), 30))
