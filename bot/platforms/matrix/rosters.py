"""Who can read a room, and what it is like: asked of the homeserver anew each time.

Guests need no mention: they enter only where anybody may (client-server API, "Guest Access").
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot.errors import Refused
from bot.events import AccountId, Author, Standing, person_id
from bot.platforms.base import Roster
from bot.platforms.matrix import markup
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.envelope import as_list, as_object, as_text, decode, is_id
from bot.platforms.matrix.syntax import localpart

_BY_INVITATION = frozenset({"invite", "knock", "private"})
_BY_MEMBERSHIP = frozenset({"restricted", "knock_restricted"})
"""Who is in one of some other rooms may enter as well:
https://spec.matrix.org/latest/client-server-api/#restricted-rooms"""
_TOGETHER = 500
_FROM_ENTRY = frozenset({"joined", "invited"})
_MOST_WAYS = 20
"""Rooms that are looked into for who may come through them; with more, anybody may."""


class _Profile(msgspec.Struct):
    display_name: Any = None


class _Joined(msgspec.Struct):
    joined: dict[str, _Profile]


class _Members(msgspec.Struct):
    chunk: list[msgspec.Raw]


@dataclass(slots=True)
class _Entering:
    """Who may be in a room, with their names; `world`: anybody."""

    people: dict[str, str] = field(default_factory=dict)
    world: bool = False


class Rosters:
    """The rosters of one account's rooms, by the homeserver's ids."""

    def __init__(self, account: AccountId, connection: Connection, me: Callable[[], str]) -> None:
        self._account = account
        self._connection = connection
        self._me = me
        self._ways: dict[str, frozenset[str]] = {}
        """The rooms whose members may enter a room, as of its last roster."""

    async def roster(self, room: str) -> Roster:
        """Who can read a room: who is in it, is invited, or may enter for being in another one.

        Raises `PlatformError`.
        """
        rule, visibility, encryption = await asyncio.gather(
            self._state(room, "m.room.join_rules"),
            self._state(room, "m.room.history_visibility"),
            self._state(room, "m.room.encryption"),
        )
        ways = {room}
        entering = await self._entering(room, rule, ways)
        self._ways[room] = frozenset(ways - {room})
        shown = as_text(visibility.get("history_visibility"))
        public = _rule(rule) == "public" or shown == "world_readable"
        return Roster(
            readers=tuple([each async for each in self._readers(entering.people)]),
            world=entering.world or public,
            private=not public,
            invitation_only=not public and _rule(rule) in _BY_INVITATION,
            history_from_joining=shown in _FROM_ENTRY,
            encrypted=isinstance(encryption.get("algorithm"), str),
        )

    def leading_from(self, room: str) -> Sequence[str]:
        """The rooms that people may enter for being in this one."""
        return [each for each, ways in self._ways.items() if room in ways]

    async def _entering(self, room: str, rule: Mapping[str, Any], ways: set[str]) -> _Entering:
        """Who is in a room or may enter it; the rooms through which they may go into `ways`."""
        by = _rule(rule)
        found = _Entering(await self._members(room), by not in _BY_INVITATION | _BY_MEMBERSHIP)
        for condition in as_list(rule.get("allow")) if by in _BY_MEMBERSHIP else ():
            other = as_object(condition).get("room_id")
            is_one = as_object(condition).get("type") == "m.room_membership"
            if not is_one or not is_id(other) or len(ways) > _MOST_WAYS:
                found.world = True  # a way in of which nobody here can say who takes it
            elif other not in ways:
                ways.add(other)
                through = await self._through(other, ways)
                found.people = {**through.people, **found.people}
                found.world = found.world or through.world
        return found

    async def _through(self, room: str, ways: set[str]) -> _Entering:
        """Who may be in a room that leads into another: anybody, where the bot may not look."""
        try:
            rule = await self._state(room, "m.room.join_rules")
            return await self._entering(room, rule, ways)
        except Refused:
            return _Entering(world=True)

    async def _members(self, room: str) -> dict[str, str]:
        """Who is in a room or invited, with the names that they have there.

        The invited are asked for first: who accepts meanwhile is among those who are in it.
        """
        where = path("rooms", room, "members", membership="invite")
        invited = await self._connection.call(_Members, "GET", where)
        joined = await self._connection.call(_Joined, "GET", path("rooms", room, "joined_members"))
        found: dict[str, str] = {}
        for event in map(decode, invited.chunk):
            if event is not None and is_id(event.state_key):
                found[event.state_key] = as_text(as_object(event.content).get("displayname"))
        for user, profile in joined.joined.items():
            found[user] = as_text(profile.display_name)
        return found

    async def _state(self, room: str, kind: str) -> Mapping[str, Any]:
        """A state event's content, empty where the room has none; raises `PlatformError`."""
        try:
            where = path("rooms", room, "state", kind)
            return await self._connection.call(dict, "GET", where)
        except Refused as error:
            if error.reason != "M_NOT_FOUND":
                raise
            return {}

    async def _readers(self, people: Mapping[str, str]) -> AsyncGenerator[Author, None]:
        """Each of them, with pauses: thousands of names take a while."""
        for number, (user, name) in enumerate(people.items(), 1):
            if not number % _TOGETHER:
                await asyncio.sleep(0)
            yield self._author(user, name)

    def _author(self, user: str, name: str) -> Author:
        shown = markup.shown_name(name) or markup.shown_name(localpart(user)) or user
        ours = user == self._me()
        standing = Standing.OURS if ours else Standing.MEMBER
        return Author(person_id(self._account, user), shown, bot=ours, standing=standing)


def _rule(content: Mapping[str, Any]) -> str:
    """A join rule; without one people enter by invitation (room versions, "Authorization")."""
    return as_text(content.get("join_rule", "invite"))
