"""Who may do what in a room: power levels, as the rooms' state has them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import PlatformError, Refused
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.envelope import RoomEvent, as_list, as_object

MOST = 1_000
"""Rooms whose levels are remembered."""
_WAIT = 5.0
"""Seconds to wait for a room's levels: a message waits for them."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A room's power levels, and those of its creators who have all power."""

    content: Mapping[str, Any]
    creators: frozenset[str] = frozenset()

    def reaches(self, user_id: str, level: int) -> bool:
        """Whether a person has this power level or a higher one."""
        return user_id in self.creators or power(self.content, user_id) >= level

    def may_ping(self, user_id: str) -> bool:
        """Whether a person may call everybody (`notifications.room`, 50 where it is not said)."""
        notifications = as_object(self.content.get("notifications"))
        return self.reaches(user_id, _level(notifications.get("room"), 50))


class Powers:
    """The levels of the rooms in which they were needed, kept up to date by what happens there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, Levels] = OrderedDict()

    def may_ping(self, room: str, user_id: str) -> bool:
        """Whether a person may call everybody in a room; no where its levels are not known."""
        known = self._known.get(room)
        return known is not None and known.may_ping(user_id)

    def note(self, room: str, event: RoomEvent) -> None:
        """Take note of one event, if it sets the levels of a room whose levels are known."""
        if event.type != "m.room.power_levels" or event.state_key != "" or room not in self._known:
            return
        self._known[room] = Levels(as_object(event.content), self._known[room].creators)

    async def learn(self, room: str) -> None:
        """Ask for a room's levels, unless they are known; failing that they stay unknown."""
        if room in self._known:
            return
        try:
            self._known[room] = await read_levels(self._connection, room, wait=_WAIT)
        except PlatformError:
            return
        while len(self._known) > MOST:
            self._known.popitem(last=False)


async def read_levels(connection: Connection, room: str, *, wait: float | None = None) -> Levels:
    """A room's levels as they are now; raises `PlatformError` where they cannot be read."""
    content = await _state(connection, path("rooms", room, "state", "m.room.power_levels"), wait)
    where = path("rooms", room, "state", "m.room.create", "", format="event")
    return Levels(content, creators(await _state(connection, where, wait)))


def creators(event: Mapping[str, Any]) -> frozenset[str]:
    """Who has all power: a room's creators, from room version 12 on (MSC4289)."""
    content = as_object(event.get("content"))
    version = str(content.get("room_version"))
    if not (version.isdecimal() and int(version) >= 12):
        return frozenset()
    named = [event.get("sender"), *as_list(content.get("additional_creators"))]
    return frozenset(creator for creator in named if isinstance(creator, str))


def power(levels: Mapping[str, Any], user_id: str) -> int:
    """The power level of a person."""
    given = as_object(levels.get("users")).get(user_id)
    return _level(given if given is not None else levels.get("users_default"), 0)


def needed(levels: Mapping[str, Any], kind: str) -> int:
    """The power level that sending an event, other than state, takes."""
    given = as_object(levels.get("events")).get(kind)
    return _level(given if given is not None else levels.get("events_default"), 0)


def _level(value: Any, default: int) -> int:
    """A level; old rooms have them as text too."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default


async def _state(connection: Connection, where: str, wait: float | None) -> Mapping[str, Any]:
    """A JSON object, an empty one if there is none or it may not be seen."""
    try:
        return await connection.call(dict, "GET", where, wait=wait)
    except Refused:
        return {}
