"""Encryption where there is no place to keep keys: there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import Refused
from bot.platforms.matrix.crypto.ring import Closed, Opened
from bot.platforms.matrix.crypto.waiting import Late
from bot.platforms.matrix.envelope import RoomEvent
from bot.platforms.matrix.wire import Sync


class NoCrypto:
    """`Crypto` that reads nothing and writes nothing."""

    verified_only = False

    async def begin(self) -> None:
        """Nothing is to be begun."""

    async def take(self, sync: Sync) -> None:
        """Nothing is for us."""

    async def read(self, _room: str, _event: RoomEvent) -> Opened | Closed:
        """Nothing can be read."""
        return Closed("m.room.encrypted")

    async def trusts(self, _opened: Opened) -> bool:
        """Nobody asks."""
        return False

    async def hold(self, _room: str, _event: RoomEvent, _closed: Closed) -> bool:
        """No key will come."""
        return False

    async def late(self) -> list[Late]:
        """Nothing comes late."""
        return []

    async def due(self) -> float:
        """Never."""
        return float("inf")

    async def note(self, room: str, event: RoomEvent) -> None:
        """Nothing is noted."""

    def doubt(self, room: str) -> None:
        """Nothing is known."""

    async def is_encrypted(self, _room: str) -> bool:
        """Nobody knows."""
        return False

    def look(self, rooms: Iterable[str]) -> None:
        """Nobody knows."""

    async def known(self) -> frozenset[str]:
        """None."""
        return frozenset()

    async def encrypt(self, _room: str, _kind: str, _content: Mapping[str, Any]) -> dict[str, Any]:
        """Cannot be done."""
        raise Refused("no place for keys")

    async def work(self) -> None:
        """There is never anything to do."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is held."""
