"""A third network, added without touching any other file, is a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.events import AccountId, MessageId, PersonId, RoomId
from bot.platforms.base import Memory, Platform, Surroundings
from bot.platforms.registry import networks
from tests.bot.platforms.contract import FarSide, Impossible, PlatformContract, Seen
from tests.tiny.server import TOKEN, TinyServer, tiny_server

pytestmark = pytest.mark.usefixtures("tiny_network")


class TinyFarSide:
    """A server of lines in this process."""

    def __init__(self, server: TinyServer) -> None:
        self.server = server
        self.room = RoomId("tiny:here/r1")
        self.unknown_room = RoomId("tiny:here/absent")

    def platform(self, memory: Memory) -> Platform:
        network = networks()["tiny"]
        settings = network.settings.model_validate({"port": self.server.port, "token": TOKEN})
        rooms = frozenset({self.room})
        return network.connect(settings, Surroundings(AccountId("tiny:here"), rooms, memory))

    async def say(self, text: str) -> MessageId:
        return MessageId(f"{self.server.say(text)['n']:08d}")

    async def seen(self) -> Sequence[Seen]:
        return [Seen(line["text"], line.get("delivery")) for line in self.server.rooms["r1"]]

    async def person(self) -> PersonId:
        return PersonId("tiny:here/ada")

    async def told(self, name: str) -> Sequence[str]:
        return [line["text"] for line in self.server.privates if line["to"] == name]

    async def press(self, message: MessageId, emoji: str) -> None:
        raise Impossible("the tiny network has neither buttons nor reactions")

    async def cut(self) -> None:
        await self.server.stop()

    async def restore(self) -> None:
        if self.server._server is None:
            await self.server.start()

    async def throttle(self, seconds: int) -> None:
        self.server.faults.append(seconds)

    async def swallow(self) -> None:
        self.server.faults.append("swallow")

    async def malformed(self) -> None:
        self.server.push({"event": "message", "room": 7})


class TestTiny(PlatformContract):
    @asynccontextmanager
    async def far_side(self) -> AsyncIterator[FarSide]:
        async with tiny_server() as server:
            yield TinyFarSide(server)
