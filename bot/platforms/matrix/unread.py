"""Gaps that the homeserver refused to show: kept between runs, and tried again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bot.platforms.base import Memory

AGAIN = 600.0
"""Seconds between two tries."""
_KEY = "unread gaps"


class Gap(msgspec.Struct, frozen=True):
    """What lies between two positions of a room; `noticed` in seconds of the clock."""

    since: str
    until: str
    noticed: float


@dataclass(slots=True)
class Unread:
    """The gaps of one account, at most one a room: a later one makes the first longer."""

    memory: Memory
    again: float = AGAIN
    _due: float = 0.0

    async def add(self, room: str, since: str, until: str) -> None:
        """Remember a gap."""
        gaps = await self._gaps()
        first = gaps.get(room, Gap(since, until, time.time()))
        await self._keep({**gaps, room: Gap(first.since, until, first.noticed)})

    async def remove(self, room: str) -> None:
        """It was read, or is given up."""
        gaps = await self._gaps()
        await self._keep({name: gap for name, gap in gaps.items() if name != room})

    async def due(self) -> Mapping[str, Gap]:
        """Those that are to be tried now, by the homeserver's id of the room."""
        if time.monotonic() < self._due:
            return {}
        self._due = time.monotonic() + self.again
        return await self._gaps()

    async def _gaps(self) -> dict[str, Gap]:
        kept = await self.memory.recall(_KEY)
        return {} if kept is None else msgspec.json.decode(kept, type=dict[str, Gap])

    async def _keep(self, gaps: dict[str, Gap]) -> None:
        await self.memory.keep(_KEY, msgspec.json.encode(gaps).decode())
