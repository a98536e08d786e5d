"""Configured rooms that are one conversation: by another name, or through another account.

What is said there would be relayed into itself. One of them goes on; the others neither give nor
get anything until the configuration names the conversation once. What the room is that something
comes from or goes to is asked each time, what all are four times a second at most: an alias may
lead elsewhere tomorrow, and is known only after its account has connected.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from bot.events import RoomId, account_of
from bot.platforms.base import Identity

_FRESH = 0.25
"""Seconds for which it holds what all rooms are: asking 2,000 takes some milliseconds."""
Named = Callable[[RoomId], Identity | None]
"""What conversation a room is, None while nobody knows."""


class Doubles:
    """Asks which rooms are another one; `rooms` in the configuration's order."""

    def __init__(
        self, rooms: Iterable[RoomId], named: Named, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rooms = tuple(rooms)
        self._named = named
        self._clock = clock
        self._asked = -_FRESH
        self._last: Mapping[RoomId, Identity | None] = {}
        self._found: Mapping[RoomId, RoomId] = {}

    def __call__(self, room: RoomId) -> bool:
        """Whether a room is another configured one, and stands aside for it."""
        if room not in self._last:
            if self._last or room not in self._rooms:
                return False
        elif self._last[room] == self._named(room) and self._clock() - self._asked < _FRESH:
            return room in self._found
        self._ask()
        return room in self._found

    def one_of(self, room: RoomId) -> RoomId:
        """The room by which its conversation goes on: itself, unless it stands aside."""
        return self._found[room] if self(room) else room

    def _ask(self) -> None:
        identities = {room: self._named(room) for room in self._rooms}
        self._asked = self._clock()
        if identities != self._last:
            self._found = doubles(identities)
            self._last = identities


def doubles(identities: Mapping[RoomId, Identity | None]) -> dict[RoomId, RoomId]:
    """Of the rooms that are one conversation all but the first that its account hears as itself,
    with that one.
    """
    same: dict[tuple[str, str], list[RoomId]] = {}
    for room, identity in identities.items():
        if identity is not None:
            network = account_of(room).partition(":")[0]
            same.setdefault((network, identity.conversation), []).append(room)
    found: dict[RoomId, RoomId] = {}
    for rooms in same.values():
        heard = (room for room in rooms if (each := identities[room]) is not None and each.heard)
        first = next(heard, rooms[0])
        found.update((room, first) for room in rooms if room != first)
    return found
