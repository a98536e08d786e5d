"""Matrix with an encrypted room, whose people use nio's own client, is a network too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import nio  # type: ignore[import-untyped]  # it brings no types
import pytest

from bot.events import MessageId, PersonId, person_id
from bot.platforms.base import Memory, Platform, Surroundings
from bot.platforms.matrix import NETWORK
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.contract import FarSide, Impossible, PlatformContract, Seen
from tests.bot.platforms.matrix.ally import Ally, ally, hidden_room
from tests.bot.platforms.matrix.house import ACCOUNT, House, eventually, house
from tests.bot.platforms.test_matrix import MatrixFarSide
from tests.synapse import synapse

__all__ = ["synapse"]


class EncryptedFarSide(MatrixFarSide):
    """The same, with everything that is said encrypted by another implementation."""

    def __init__(self, home: House, room: str, ada: Ally, folder: Path) -> None:
        super().__init__(home, room)
        self._ada = ada
        self._folder = folder
        self._latest: Platform | None = None

    def platform(self, memory: Memory) -> Platform:
        around = Surroundings(
            ACCOUNT, frozenset({self.room}), memory, timeout=5.0, folder=self._folder
        )
        self._latest = NETWORK.connect(self._home.settings(), around)
        return self._latest

    async def say(self, text: str) -> MessageId:
        if self._latest is None:
            raise Impossible("nobody can encrypt for a device that does not exist yet")

        async def knows_us() -> bool:
            known = self._ada.client.olm.device_store[self._home.bot.id]
            return self._latest is not None and self._latest.session in known

        await eventually(knows_us)
        return MessageId(await self._ada.say(self._room, text))

    async def seen(self) -> Sequence[Seen]:
        return await self._read(self._room)

    async def _read(self, room: str) -> list[Seen]:
        found: list[nio.Event] = []

        async def decrypted() -> bool:
            told = await self._ada.client.room_messages(room, direction=nio.MessageDirection.back)
            found[:] = list(reversed(told.chunk))
            return not any(isinstance(event, nio.MegolmEvent) for event in found)

        await eventually(decrypted)
        said = [event for event in found if isinstance(event, nio.RoomMessage)]
        assert all(event.decrypted for event in said)
        return [
            Seen(
                event.body,
                self._delivery(event.source),
                event.source["content"]
                .get("com.beeper.per_message_profile", {})
                .get("displayname"),
            )
            for event in said
        ]

    async def person(self) -> PersonId:
        return person_id(ACCOUNT, self._home.ada.id)

    async def told(self, name: str) -> Sequence[str]:
        if name != "ada":
            return await super().told(name)
        invited = (await self._home.ada.call("GET", "sync", timeout="0"))["rooms"].get("invite", {})
        for room in invited:
            await self._home.ada.join(room)
        others = [room for room in await self._home.ada.rooms() if room != self._room]
        return [seen.text for room in others for seen in await self._read(room)]


class TestEncryptedMatrix(PlatformContract):
    @pytest.fixture(autouse=True)
    def _homeserver(self, synapse: Synapse, tmp_path: Path) -> None:
        self.synapse = synapse
        self.folder = tmp_path

    @asynccontextmanager
    async def far_side(self) -> AsyncIterator[FarSide]:
        async with house(self.synapse) as home:
            room = await hidden_room(home)
            await home.ada.call("POST", f"rooms/{room}/invite", {"user_id": home.bob.id})
            await home.bob.join(room)
            async with ally(home, self.folder / "ada") as ada:
                yield EncryptedFarSide(home, room, ada, self.folder)
