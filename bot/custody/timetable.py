"""When each room's roster is to be read again: nothing here waits, the time is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.events import RoomId

EVERY = timedelta(minutes=10)
"""How often a room is read though nothing was heard of it."""
STALE = timedelta(minutes=30)
"""A room that could not be read for this long is worth a word."""
_LOOK, _SOON = 1.0, 0.1
"""Seconds between two looks at what is due, at most and at least."""


class Timetable:
    """What is due, what is being read, what could not be read."""

    def __init__(self) -> None:
        self._due: dict[RoomId, datetime] = {}
        self._rests: dict[RoomId, datetime] = {}
        """Until when a room is not read again: as long as it took, so that a storm in a large one
        is not all that we do."""
        self._reading: set[RoomId] = set()
        self._failures: Counter[RoomId] = Counter()
        self._reasons: dict[RoomId, str] = {}
        self._fresh: dict[RoomId, datetime] = {}
        """When each room was read last, or was first to be."""

    def want(self, rooms: Iterable[RoomId], at: datetime) -> None:
        """These are to be read at a time, or as soon as they have rested."""
        for room in rooms:
            rested = max(at, self._rests.get(room, at))
            self._due[room] = min(rested, self._due.get(room, rested))

    def take(
        self, rooms: Sequence[RoomId], can_be: Callable[[RoomId], bool], now: datetime
    ) -> list[RoomId]:
        """Of all rooms that there are, those to begin with now; each is ended by `succeeded` or
        `failed`, and not read twice at once.
        """
        self._due = {room: self._due[room] for room in rooms if room in self._due}
        for room in rooms:
            self._fresh.setdefault(room, now)
            if room not in self._due and room not in self._reading:
                self._due[room] = now
        idle = (room for room in self._due if room not in self._reading)
        taken = [room for room in idle if self._due[room] <= now and can_be(room)]
        for room in taken:
            del self._due[room]
        self._reading.update(taken)
        return taken

    def pause(self, now: datetime) -> float:
        """Seconds until the next look. What is due already waits for its network, and is to be
        begun with as soon as that is there.
        """
        waits = ((at - now).total_seconds() for at in self._due.values())
        return min([_LOOK, *(max(each, _SOON) for each in waits)])

    def succeeded(self, room: RoomId, begun: datetime, now: datetime) -> None:
        """A room was read."""
        self._reading.discard(room)
        self._failures.pop(room, None)
        self._reasons.pop(room, None)
        self._fresh[room] = now
        self._rests[room] = rested = now + (now - begun)
        again = now + EVERY
        self._due[room] = min(again, max(self._due.get(room, again), rested))

    def failed(self, room: RoomId, reason: str, wait: Callable[[int], float], now: datetime) -> int:
        """A room could not be read; `wait`: seconds after so many failures. How many there were."""
        self._reading.discard(room)
        self._failures[room] += 1
        self._reasons[room] = reason
        self._due[room] = now + timedelta(seconds=wait(self._failures[room]))
        return self._failures[room]

    def stale(self, rooms: Iterable[RoomId], now: datetime) -> frozenset[RoomId]:
        """Which of these could not be read for long. One word for all: those that will be at
        their next turn are among them, if any is.
        """
        ages = {room: now - self._fresh.get(room, now) for room in rooms}
        late = any(age >= STALE for age in ages.values())
        return frozenset(room for room, age in ages.items() if late and age > STALE - EVERY)

    def since(self, rooms: Iterable[RoomId]) -> datetime:
        """Since when the first of these has not been read."""
        return min(self._fresh[room] for room in rooms)

    def reason(self, rooms: Iterable[RoomId], otherwise: str) -> str:
        """Why one of these could not be read, as a code of `PlatformError`."""
        return next((self._reasons[room] for room in rooms if room in self._reasons), otherwise)
