"""A queue in which what waits of one room goes in the order in which it happened there."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import TypeVar

T = TypeVar("T")


class RoomQueue(asyncio.Queue[T]):
    """First in, first out among rooms; of each room the earliest of what waits goes first.

    Where a network sends over several connections, a burst arrives mixed. While one is being
    stored, those behind it put themselves right; nothing is ever waited for. asyncio's own
    `PriorityQueue` is made the same way, by these three methods.
    """

    def __init__(self, maxsize: int, place_of: Callable[[T], tuple[str, str] | None]) -> None:
        """`place_of`: an item's room and moment, which sorts as text; None where it has none."""
        self._place_of = place_of
        super().__init__(maxsize)

    def put_back(self, item: T) -> None:
        """Put the item that was taken last where it was, so that an earlier one can go first."""
        self._put(item)
        self._queue.rotate(1)

    def _init(self, maxsize: int) -> None:
        del maxsize
        self._queue: deque[tuple[str, T | None]] = deque()
        """A place in the line for each item: a room's, or the item itself where it has none."""
        self._waiting: dict[str, list[tuple[str, int, T]]] = {}
        self._count = count()

    def _put(self, item: T) -> None:
        place = self._place_of(item)
        if place is None:
            self._queue.append(("", item))
            return
        room, moment = place
        heapq.heappush(self._waiting.setdefault(room, []), (moment, next(self._count), item))
        self._queue.append((room, None))

    def _get(self) -> T:
        room, item = self._queue.popleft()
        if item is not None:
            return item
        waiting = self._waiting[room]
        _, _, first = heapq.heappop(waiting)
        if not waiting:
            del self._waiting[room]
        return first
