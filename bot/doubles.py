"""Configured rooms that are one conversation: by another name, or through another account.

What is said there would be relayed into itself. One of them goes on; the others neither give nor
get anything until the configuration names the conversation once. What they are is asked whenever
something comes or goes: an alias may lead elsewhere tomorrow, and is known only after its account
has connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.events import RoomId, account_of
from bot.platforms.base import Identity

Named = Callable[[RoomId], Identity | None]
"""What conversation a room is, None while nobody knows."""


class Doubles:
    """Asks which rooms are another one; `rooms` in the configuration's order."""

    def __init__(self, rooms: Iterable[RoomId], named: Named) -> None:
        self._rooms = tuple(rooms)
        self._named = named
        self._last: tuple[Identity | None, ...] = ()
        self._found: Mapping[RoomId, RoomId] = {}

    def __call__(self, room: RoomId) -> bool:
        """Whether a room is another configured one, and stands aside for it."""
        return room in self.found()

    def found(self) -> Mapping[RoomId, RoomId]:
        """Each such room, with the one that goes on instead of it."""
        identities = tuple(self._named(room) for room in self._rooms)
        if identities != self._last:
            self._last = identities
            self._found = doubles(dict(zip(self._rooms, identities, strict=True)))
        return self._found


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
