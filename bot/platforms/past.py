"""What a network tells of its rooms' past: what is read of it when something may be missing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from bot.events import Arrival, RoomId
from bot.platforms.base import CatchUp


def start_of(room: RoomId) -> str:
    """The key under which it is kept where a room began for the bot."""
    return f"start of {room}"


class Past(Protocol):
    """What a network tells of its rooms' past; positions are its own, as in `bot.events.Mark`."""

    def read(self, room: RoomId, since: str, limit: CatchUp) -> AsyncGenerator[Arrival, None]:
        """What was said after a position, oldest first, within the limit; or `PlatformError`."""

    async def newest(self, room: RoomId) -> str:
        """The position of the newest message there is now; or `PlatformError`."""

    def earlier(self, position: str) -> str:
        """A position some minutes before: networks deliver late, so that much is read again."""

    def is_later(self, position: str, than: str) -> bool:
        """Whether a position lies after another."""


class Comparison(Protocol):
    """What a network tells of messages that were handed out long ago: edits, deletions, reactions
    and answers in old threads that nobody has told us of. Piece by piece, a room held for each.
    """

    async def plan(self, room: RoomId, since: str, *, missed: bool) -> None:
        """Begin a room anew: its newest messages, at least those after `since`, and its threads;
        where something may have been `missed`, all within the room's limit.
        """

    def is_unfinished(self, room: RoomId) -> bool:
        """Whether there are pieces left."""

    def piece(self, room: RoomId) -> AsyncGenerator[Arrival, None]:
        """The next piece, nothing where none is left; after a `PlatformError` it is still the
        next.
        """
