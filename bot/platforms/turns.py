"""Whose past is read next: what holds something live first, then what is behind, then the rest.

A room that nothing seems to be missing of is due once a round, and rooms are read a little apart.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import OrderedDict
from collections.abc import Iterable
from enum import Enum

from bot.events import RoomId


class Why(Enum):
    """Why it is a room's turn."""

    BEHIND = "behind"
    DUE = "due"
    """It is time to look whether anything is missing."""
    PIECE = "piece"
    """There is more of it to be compared."""


class Turns:
    """The rooms that wait for their turn. All in one event loop."""

    def __init__(self, rooms: int, reconcile: float, spacing: float) -> None:
        """`reconcile` and `spacing` as of `Gaps`, for so many rooms."""
        self._spacing = spacing
        self._round = max(reconcile, spacing * rooms)
        self._urgent: OrderedDict[RoomId, float] = OrderedDict()
        """Rooms behind that hold something live, in the order in which they began to; and the
        moments before which they are not to be read."""
        self._calm: OrderedDict[RoomId, float] = OrderedDict()
        self._due: list[tuple[float, RoomId]] = []
        self._due_at: dict[RoomId, float] = {}
        """When a room is next reconciled; what else `_due` holds of it is out of date."""
        self._unfinished: OrderedDict[RoomId, None] = OrderedDict()
        """Rooms with pieces left to compare."""
        self._piece_at = 0.0
        """When the next piece may be read."""
        self._changed = asyncio.Event()

    def put(self, room: RoomId, *, urgent: bool = False, not_before: float = 0.0) -> None:
        """A room is behind; it may be read from a moment of the loop's on."""
        (self._urgent if urgent else self._calm)[room] = not_before
        self._changed.set()

    def hurry(self, room: RoomId) -> None:
        """A room that waits does so with what is urgent."""
        if room in self._calm:
            self._urgent[room] = self._calm.pop(room)
            self._changed.set()

    def all_due(self, rooms: Iterable[RoomId]) -> None:
        """These are due one after the other, in any order, and no others."""
        now, shuffled = asyncio.get_running_loop().time(), list(rooms)
        random.shuffle(shuffled)
        self._due_at = {room: now + turn * self._spacing for turn, room in enumerate(shuffled)}
        self._due = [(due, room) for room, due in self._due_at.items()]
        heapq.heapify(self._due)
        self._changed.set()

    def was_read(self, room: RoomId) -> None:
        """A room is due again in a round's time."""
        due = asyncio.get_running_loop().time() + self._round * random.uniform(0.9, 1.1)  # noqa: S311  spread
        self._due_at[room] = due
        heapq.heappush(self._due, (due, room))

    def has_more(self, room: RoomId) -> None:
        """There are pieces of a room left to compare."""
        self._unfinished[room] = None

    def rest(self, seconds: float) -> None:
        """No piece is read for so long."""
        self._piece_at = asyncio.get_running_loop().time() + seconds

    async def next(self) -> tuple[RoomId, Why]:
        """The next room to read, as soon as there is one. It is no longer in the line."""
        while True:
            self._changed.clear()
            now = asyncio.get_running_loop().time()
            turn = self._behind(now) or self._reconciled(now) or self._compared(now)
            if turn is not None:
                return turn
            try:
                async with asyncio.timeout(max(self._soonest(now) - now, 0.001)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _behind(self, now: float) -> tuple[RoomId, Why] | None:
        for rooms in (self._urgent, self._calm):
            for room, not_before in rooms.items():
                if not_before <= now:
                    del rooms[room]
                    return room, Why.BEHIND
        return None

    def _reconciled(self, now: float) -> tuple[RoomId, Why] | None:
        while self._due and self._due[0][0] <= now:
            due, room = heapq.heappop(self._due)
            if self._due_at.get(room) == due:
                return room, Why.DUE
        return None

    def _compared(self, now: float) -> tuple[RoomId, Why] | None:
        if not self._unfinished or self._piece_at > now:
            return None
        room, _ = self._unfinished.popitem(last=False)
        self.rest(self._spacing)
        return room, Why.PIECE

    def _soonest(self, now: float) -> float:
        """When there may be something, if nothing changes."""
        moments = [now + self._round, *self._urgent.values(), *self._calm.values()]
        moments += [self._due[0][0]] if self._due else []
        moments += [self._piece_at] if self._unfinished else []
        return min(moments)
