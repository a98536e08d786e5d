"""A homeserver's people and an account of ours, for the tests of this network."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.events import AccountId, Arrival, MessagePosted, RoomId, room_id
from bot.platforms.base import CatchUp, OpenFile, Surroundings
from bot.platforms.matrix import NETWORK
from bot.platforms.matrix.adapter import Matrix
from bot.platforms.matrix.settings import MatrixSettings
from bot.richtext import plain
from bot.sandbox.synapse import Person, Synapse

ACCOUNT = AccountId("matrix:coalition")
PASSWORD = "a password"
_numbers = itertools.count(1)


@dataclass
class Memory:
    """What a network keeps, in a dictionary; lives as long as the test wants it to."""

    marks: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    async def mark(self, scope: str) -> str | None:
        return self.marks.get(scope)

    async def set_mark(self, scope: str, position: str) -> None:
        self.marks.setdefault(scope, position)

    async def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.kept[key] = value

    async def forget(self, key: str) -> None:
        self.kept.pop(key, None)


@dataclass
class Friend:
    """A person with a client of their own."""

    person: Person
    http: aiohttp.ClientSession

    @property
    def id(self) -> str:
        return self.person.user_id

    async def call(self, method: str, where: str, body: object = None, **asked: str) -> Any:
        status, told = await self.ask(method, where, body, **asked)
        assert status == 200, told
        return told

    async def ask(
        self, method: str, where: str, body: object = None, **asked: str
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.person.access_token}"}
        async with self.http.request(
            method, f"/_matrix/client/v3/{where}", json=body, params=asked, headers=headers
        ) as answer:
            return answer.status, await answer.json()

    async def make_room(self, *guests: str, **more: object) -> str:
        body = {"preset": "private_chat", "invite": list(guests), **more}
        return str((await self.call("POST", "createRoom", body))["room_id"])

    async def join(self, room: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/join", {})

    async def say(self, room: str, text: str, **more: object) -> str:
        content = {"msgtype": "m.text", "body": text, **more}
        return await self.send(room, "m.room.message", content)

    async def send(self, room: str, kind: str, content: object) -> str:
        where = f"rooms/{quote(room)}/send/{kind}/{secrets.token_hex(8)}"
        return str((await self.call("PUT", where, content))["event_id"])

    async def messages(self, room: str) -> list[dict[str, Any]]:
        """The last hundred messages, oldest first."""
        only = json.dumps({"types": ["m.room.message", "m.reaction"]})
        where = f"rooms/{quote(room)}/messages"
        told = await self.call("GET", where, dir="b", limit="100", filter=only)
        return list(reversed(told["chunk"]))

    async def rooms(self) -> list[str]:
        return list((await self.call("GET", "joined_rooms"))["joined_rooms"])


@dataclass
class House:
    """A fresh account of the bot, and a fresh person, on the session's homeserver."""

    synapse: Synapse
    bot: Friend
    ada: Friend
    bob: Friend
    memory: Memory = field(default_factory=Memory)
    folder: Path | None = None
    catch_up: CatchUp = field(default_factory=CatchUp)

    def matrix(self, *rooms: str, open_file: OpenFile | None = None, **more: object) -> Matrix:
        """The adapter, for these rooms (by id or alias), and files from wherever they lie."""
        names = frozenset(room_id(ACCOUNT, room) for room in rooms)
        surroundings = Surroundings(
            ACCOUNT, names, self.memory, folder=self.folder,
            catch_up=dict.fromkeys(names, self.catch_up),
        )  # fmt: skip
        if open_file is not None:
            surroundings = replace(surroundings, open_file=open_file)
        platform = NETWORK.connect(self.settings(**more), surroundings)
        assert isinstance(platform, Matrix)
        return platform

    def settings(self, **more: object) -> MatrixSettings:
        values: dict[str, object] = {
            "homeserver": self.synapse.url,
            "user_id": self.bot.id,
            "password": PASSWORD,
        }
        return MatrixSettings.model_validate({**values, **more})

    async def room(self) -> str:
        """A room that Ada made and the bot is in."""
        room = await self.ada.make_room(self.bot.id)
        await self.bot.join(room)
        return room


@asynccontextmanager
async def house(synapse: Synapse) -> AsyncIterator[House]:
    number = next(_numbers)
    async with aiohttp.ClientSession(synapse.url) as http:

        async def friend(name: str, shown: str) -> Friend:
            made = await synapse.register(f"{name}{number}", PASSWORD, displayname=shown)
            return Friend(made, http)

        bot, ada, bob = (
            await friend("liaison", "Liaison"),
            await friend("ada", "Ada L."),
            await friend("bob", "Bob"),
        )
        yield House(synapse, bot, ada, bob)


@dataclass
class Inlet:
    """Reads a platform as the engine does: commits each arrival's mark before the next."""

    memory: Memory
    arrivals: list[Arrival] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, events: AsyncGenerator[Arrival, None]) -> None:
        async with aclosing(events) as stream:
            async for arrival in stream:
                self.arrivals.append(arrival)
                if arrival.mark is not None:
                    self.memory.marks[arrival.mark.scope] = arrival.mark.position
                self._more.set()

    @property
    def posted(self) -> list[MessagePosted]:
        return [a.event for a in self.arrivals if isinstance(a.event, MessagePosted)]

    @property
    def texts(self) -> list[str]:
        return [plain(event.body) for event in self.posted if event.own is None]

    @property
    def kinds(self) -> list[str]:
        return [getattr(a.event, "kind", "") for a in self.arrivals]

    async def until(self, holds: Callable[[Inlet], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds(self):
                self._more.clear()
                await self._more.wait()

    async def until_text(self, text: str) -> None:
        await self.until(lambda inlet: text in inlet.texts)


@asynccontextmanager
async def reading(matrix: Matrix, memory: Memory) -> AsyncIterator[Inlet]:
    """A platform that is being read, from its first answer on."""
    inlet = Inlet(memory)
    task = asyncio.create_task(inlet.read(matrix.events()))
    try:
        await eventually(lambda: _is_connected(matrix, task))
        yield inlet
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await matrix.close()


async def _is_connected(matrix: Matrix, task: asyncio.Task[None]) -> bool:
    if task.done():
        task.result()
    return matrix.connected


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask, each time after letting others work, until it holds."""
    async with asyncio.timeout(30):
        while not await holds():
            await asyncio.sleep(0.01)


def place(room: str) -> RoomId:
    return room_id(ACCOUNT, room)


def configured(rooms: Collection[str]) -> frozenset[RoomId]:
    return frozenset(place(room) for room in rooms)
