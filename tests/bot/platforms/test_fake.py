"""The fake network is a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.events import MessageId, PersonId, RoomId, Unreadable
from bot.platforms.base import Capabilities, Memory, Platform
from tests.bot.platforms.contract import FarSide, PlatformContract, Seen
from tests.fake_platform import BARE, REMEMBERING, FakePlatform, FarEnd, Fault


class FakeFarSide:
    """A far end in memory."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.end = FarEnd()
        self.room: RoomId = self.end.room()
        self.unknown_room: RoomId = self.end.room("absent")
        self._capabilities = capabilities
        for name in ("Ada", "Ben"):
            self.end.move(name)

    def platform(self, memory: Memory) -> Platform:
        return FakePlatform(self.end, memory, self._capabilities, "device-1")

    async def say(self, text: str) -> MessageId:
        return self.end.say(text)

    async def seen(self) -> Sequence[Seen]:
        return [Seen(each.text, each.delivery) for each in self.end.rooms[self.room]]

    async def person(self) -> PersonId:
        return self.end.author("Ada").person

    async def told(self, name: str) -> Sequence[str]:
        return self.end.told(name)

    async def press(self, message: MessageId, emoji: str) -> None:
        self.end.react(message, emoji)

    async def cut(self) -> None:
        self.end.cut()

    async def restore(self) -> None:
        self.end.restore()

    async def throttle(self, seconds: int) -> None:
        self.end.pause = float(seconds)
        self.end.faults[None].append(Fault.THROTTLE)

    async def swallow(self) -> None:
        self.end.faults[None].append(Fault.HANG_UP_AFTER)

    async def malformed(self) -> None:
        self.end.hand_out(Unreadable("nonsense"))


class TestFake(PlatformContract):
    capabilities = BARE

    @asynccontextmanager
    async def far_side(self) -> AsyncIterator[FarSide]:
        yield FakeFarSide(self.capabilities)


class TestRememberingFake(TestFake):
    capabilities = REMEMBERING
