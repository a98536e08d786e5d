"""Whether the bot is in its rooms and may speak there, and why not."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.errors import Barred, NotSent, PlatformError, Refused
from bot.events import AccountId, RoomId, local, room_id
from bot.platforms.base import Trouble
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.powers import needed, read_levels
from bot.platforms.matrix.session import Session

OUT, MUTED, MOVED = "not in the room", "may not speak", "moved"
"""Reasons: the bot is not in a room (a homeserver does not tell it whether it may come back), may
not say anything in it; and the room was replaced by another."""
_ABOUT_THE_ROOM = frozenset({"M_FORBIDDEN", "M_NOT_FOUND"})
"""What a homeserver says of a message that may not stand in a room, and of any message there."""


class _Joined(msgspec.Struct):
    joined_rooms: list[str]


class Standing:
    """The bot's standing in rooms; by the homeserver's ids unless said otherwise."""

    def __init__(
        self, account: AccountId, session: Session, connection: Connection, places: Places
    ) -> None:
        self._account = account
        self._session = session
        self._connection = connection
        self._places = places

    async def troubles(self, rooms: Iterable[RoomId]) -> list[Trouble]:
        """What is wrong with configured rooms; raises `PlatformError`."""
        joined = await self._joined()
        return [
            trouble
            for room in sorted(rooms)
            if (trouble := await self._trouble(room, joined)) is not None
        ]

    async def judged(self, error: Refused, room: str) -> Refused:
        """What a refusal of a message means: `Barred` where it is the room that refuses.

        Raises `NotSent` where that cannot be found out now.
        """
        if error.reason not in _ABOUT_THE_ROOM:
            return error
        try:
            if room not in await self._joined():
                return Barred(OUT)
            levels = await read_levels(self._connection, room)
        except PlatformError as unknown:
            raise NotSent(unknown.reason, retry_after=unknown.retry_after) from error
        if levels.reaches(self._session.me, needed(levels.content, "m.room.message")):
            return error
        return Barred(MUTED)

    async def _trouble(self, room: RoomId, joined: set[str]) -> Trouble | None:
        try:
            actual = await self._places.actual(room)
        except NotSent as error:  # it moves: that is awaited
            return Trouble(error.reason, room)
        except Refused as error:
            return Trouble(error.reason, room)
        if actual not in joined:
            return Trouble(OUT, room)
        if local(room).startswith("!") and actual != local(room):
            return Trouble(MOVED, room, now=room_id(self._account, actual))
        return None

    async def _joined(self) -> set[str]:
        found = await self._connection.call(_Joined, "GET", path("joined_rooms"))
        return set(found.joined_rooms)
