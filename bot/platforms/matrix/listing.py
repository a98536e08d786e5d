"""The rooms that an account can see, for `liaison rooms`."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.errors import Refused
from bot.events import AccountId, room_id
from bot.platforms.base import RoomInfo
from bot.platforms.matrix import markup
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.envelope import decode
from bot.platforms.matrix.feed import Feed


class _JoinedRooms(msgspec.Struct):
    joined_rooms: list[str]


async def list_rooms(account: AccountId, connection: Connection, feed: Feed) -> list[RoomInfo]:
    """The rooms that the bot is in, then those it is invited to. Raises `PlatformError`."""
    joined = await connection.call(_JoinedRooms, "GET", path("joined_rooms"))
    found: list[RoomInfo] = []
    for room in joined.joined_rooms:
        state = await _state(connection, room)
        found.append(_info(account, room, state, joined=True))
    for room, invited in (await feed.invitations()).items():
        if room in joined.joined_rooms:
            continue  # a homeserver may answer from what it knew some minutes ago
        events = [decode(raw) for raw in invited.invite_state.events]
        state = {event.type: event.content for event in events if event and event.type in _SHOWN}
        found.append(_info(account, room, state, joined=False))
    return found


_SHOWN = ("m.room.name", "m.room.canonical_alias", "m.room.join_rules")


async def _state(connection: Connection, room: str) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for kind in _SHOWN:
        try:
            where = path("rooms", room, "state", kind)
            state[kind] = await connection.call(dict, "GET", where)
        except Refused:
            continue  # the room has none
    return state


def _info(account: AccountId, room: str, state: dict[str, Any], *, joined: bool) -> RoomInfo:
    name = _field(state, "m.room.name", "name") or _field(state, "m.room.canonical_alias", "alias")
    rule = _field(state, "m.room.join_rules", "join_rule")
    return RoomInfo(room_id(account, room), markup.shown_name(name), joined, rule != "public")


def _field(state: dict[str, Any], kind: str, field: str) -> str:
    content = state.get(kind)
    value = content.get(field) if isinstance(content, dict) else None
    return value if isinstance(value, str) else ""
