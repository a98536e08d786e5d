"""Matrix, by a real Synapse, is a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.events import DeliveryId, MessageId, PersonId, RoomId, person_id, room_id
from bot.platforms.base import Memory, Platform, Surroundings
from bot.platforms.matrix import NETWORK
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.contract import FarSide, Impossible, PlatformContract, Seen
from tests.bot.platforms.matrix.house import ACCOUNT, Friend, House, house
from tests.synapse import synapse

__all__ = ["synapse"]


class MatrixFarSide:
    """A room on the session's homeserver, with fresh people."""

    def __init__(self, home: House, room: str) -> None:
        self._home = home
        self._room = room
        self.room: RoomId = room_id(ACCOUNT, room)
        self.unknown_room: RoomId = room_id(ACCOUNT, "!absent:coalition.example")

    def platform(self, memory: Memory) -> Platform:
        around = Surroundings(ACCOUNT, frozenset({self.room}), memory, timeout=5.0)
        return NETWORK.connect(self._home.settings(), around)

    async def say(self, text: str) -> MessageId:
        return MessageId(await self._home.ada.say(self._room, text))

    async def seen(self) -> Sequence[Seen]:
        found = await self._home.ada.messages(self._room)
        return [
            Seen(
                each["content"].get("body", ""),
                self._delivery(each),
                each["content"].get("com.beeper.per_message_profile", {}).get("displayname"),
            )
            for each in found
            if each["type"] == "m.room.message"
        ]

    def _delivery(self, event: dict[str, object]) -> DeliveryId | None:
        content = event["content"]
        assert isinstance(content, dict)
        named = (v for k, v in content.items() if "delivery" in k)
        return next((DeliveryId(str(each)) for each in named), None)

    async def person(self) -> PersonId:
        return person_id(ACCOUNT, self._home.ada.id)

    async def told(self, name: str) -> Sequence[str]:
        friend = self._home.ada if name == "ada" else self._home.bob
        return [text for room in await self._private(friend) for text in room]

    async def _private(self, friend: Friend) -> list[list[str]]:
        invited = (await friend.call("GET", "sync", timeout="0"))["rooms"].get("invite", {})
        for room in invited:
            await friend.join(room)
        others = [room for room in await friend.rooms() if room != self._room]
        found = [await friend.messages(room) for room in others]
        return [[each["content"].get("body", "") for each in room] for room in found]

    async def press(self, message: MessageId, emoji: str) -> None:
        relation = {"rel_type": "m.annotation", "event_id": message, "key": emoji}
        await self._home.ada.send(self._room, "m.reaction", {"m.relates_to": relation})

    async def cut(self) -> None:
        raise Impossible("stopping Synapse is for the end-to-end tests")

    async def restore(self) -> None:
        raise Impossible("stopping Synapse is for the end-to-end tests")

    async def throttle(self, seconds: int) -> None:
        raise Impossible("Synapse throttles nobody here")

    async def swallow(self) -> None:
        raise Impossible("Synapse does not hang up on request")

    async def malformed(self) -> None:
        raise Impossible("Synapse lets nobody send what is malformed")


class TestMatrix(PlatformContract):
    @pytest.fixture(autouse=True)
    def _homeserver(self, synapse: Synapse) -> None:
        self.synapse = synapse

    @asynccontextmanager
    async def far_side(self) -> AsyncIterator[FarSide]:
        async with house(self.synapse) as home:
            room = await home.room()
            await home.ada.call("POST", f"rooms/{room}/invite", {"user_id": home.bob.id})
            await home.bob.join(room)
            yield MatrixFarSide(home, room)
