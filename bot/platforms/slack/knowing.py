"""What a workspace's ids are called: people, channels and user groups, each remembered."""

from __future__ import annotations

import asyncio

from bot.errors import OutcomeUnknown
from bot.platforms.slack import people
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import storable
from bot.platforms.slack.names import Names
from bot.platforms.slack.web import Web


class Known:
    """The names of one workspace, kept up to date by its events."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._people = Names(self._person)
        self._rooms = Names(self._room)
        self._groups = Names(self._group)
        self.lookups = Lookups(self._people.get, self._rooms.get, self._groups.get)

    async def learn(self, payload: object) -> None:
        """Take what a payload or message tells, and look up what else it names; never fails, and
        never takes long (see `Names.learn`).
        """
        told = people.renamed(payload)
        if told is not None and self._people.get(told[0]) is not None:
            self._people.keep(*told)
        told = people.introduced(payload)
        if told is not None and self._people.get(told[0]) is None:
            self._people.keep(*told)
        told = people.room_renamed(payload)
        if told is not None and self._rooms.get(told[0]) is not None:
            self._rooms.keep(*told)
        named = people.named_in(payload)
        if not (named.rooms or named.groups):
            await self._people.learn(named.people)
            return
        await asyncio.gather(
            self._people.learn(named.people),
            self._rooms.learn(named.rooms),
            self._groups.learn(named.groups),
        )

    async def close(self) -> None:
        """Stop every look-up."""
        for names in (self._people, self._rooms, self._groups):
            await names.close()

    async def _person(self, user: str) -> str | None:
        found = (await self._web.call("users.info", {"user": user})).get("user")
        return people.shown_name(found) if isinstance(found, dict) else None

    async def _room(self, room: str) -> str | None:
        found = (await self._web.call("conversations.info", {"channel": room})).get("channel")
        name = found.get("name") if isinstance(found, dict) else None
        return storable(name) if isinstance(name, str) and name else None

    async def _group(self, group: str) -> str | None:
        """One list tells of every group: there is no question for one."""
        found = (await self._web.call("usergroups.list")).get("usergroups")
        if not isinstance(found, list):
            raise OutcomeUnknown("unreadable")
        for item in found:
            match item:
                case {"id": str(local), "handle": str(handle)} if handle:
                    self._groups.keep(local, storable(handle))
        return self._groups.get(group)
