"""The configured rooms and the homeserver's: aliases resolved, both ways."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from bot.errors import NotSent, OutcomeUnknown, PlatformError
from bot.events import RoomId, local
from bot.platforms.base import Memory
from bot.platforms.matrix.connection import Connection, path

MOVING = "room moves"
"""The reason of a `NotSent` while a room was replaced and the bot is not yet in the other."""


class _Directory(msgspec.Struct):
    room_id: str


class Places:
    """Which of the homeserver's rooms is which configured one.

    Inside, a room keeps the name it is configured by: `RoomId`s that come out of here hold the
    alias where one was written.
    """

    def __init__(self, rooms: Collection[RoomId], connection: Connection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self._recalled = False
        self._rooms = tuple(rooms)
        self._expected: dict[str, RoomId] = {}
        """Rooms that are to replace a configured one, once the bot is in them."""
        self._actual: dict[RoomId, str] = {}
        self._configured: dict[str, RoomId] = {}
        self._aliases = [room for room in rooms if local(room).startswith("#")]
        for room in rooms:
            if not local(room).startswith("#"):
                self._put(room, local(room))

    def configured(self, actual: str) -> RoomId | None:
        """The configured room that a room of the homeserver is, None if it is none."""
        return self._configured.get(actual)

    def expected(self, actual: str) -> RoomId | None:
        """The configured room that a room is to replace, None if it is to replace none."""
        return self._expected.get(actual)

    def expectations(self) -> list[str]:
        """The rooms that are to replace a configured one."""
        return list(self._expected)

    async def expect(self, room: RoomId, successor: str) -> None:
        """A configured room moves: nothing is sent there until the bot is in its successor."""
        await self._memory.keep(f"moving:{room}", successor)
        self._expected[successor] = room

    async def settle(self, successor: str, *, moved: bool) -> None:
        """What was expected has happened, or will not."""
        room = self._expected[successor]
        if moved:
            await self._memory.keep(f"moved:{room}", successor)
            self._move(room, successor)
        await self._memory.keep(f"moving:{room}", "")
        self._expected.pop(successor, None)

    def known(self) -> dict[RoomId, str]:
        """Every configured room whose id is known, with it."""
        return dict(self._actual)

    async def actual(self, room: RoomId) -> str:
        """The homeserver's id of a room.

        Raises `Refused` where an alias leads nowhere, and `NotSent` while the room moves.
        """
        await self._recall()
        if room in self._expected.values():
            raise NotSent(MOVING)
        known = self._actual.get(room)
        if known is not None:
            return known
        if not local(room).startswith("#"):
            return local(room)
        try:
            return await self._resolve(room)
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error

    async def resolve(self) -> None:
        """Ask the directory for every alias: where one leads may have changed.

        One that fails keeps what is known of it.
        """
        await self._recall()
        for room in self._aliases:
            try:
                await self._resolve(room)
            except PlatformError:
                continue

    async def _recall(self) -> None:
        """Which rooms have moved, or were moving, when we last ran."""
        if self._recalled:
            return
        for room in self._rooms:
            moved = await self._memory.recall(f"moved:{room}")
            moving = await self._memory.recall(f"moving:{room}")
            if moved:
                self._move(room, moved)
            if moving:
                self._expected[moving] = room
        self._recalled = True

    def _move(self, room: RoomId, successor: str) -> None:
        before = self._actual.pop(room, None)
        if before is not None and self._configured.get(before) == room:
            del self._configured[before]
        self._put(room, successor)

    async def _resolve(self, room: RoomId) -> str:
        where = path("directory", "room", local(room))
        found = await self._connection.call(_Directory, "GET", where)
        self._move(room, found.room_id)
        return found.room_id

    def _put(self, room: RoomId, actual: str) -> None:
        self._actual[room] = actual
        self._configured.setdefault(actual, room)
