"""What a workspace's ids are called: people, channels and user groups, each remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.errors import OutcomeUnknown
from bot.events import Standing
from bot.platforms.slack import people
from bot.platforms.slack.emoji_pictures import EmojiPictures
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import storable
from bot.platforms.slack.names import Names
from bot.platforms.slack.web import Web


class Known:
    """The names of one workspace, kept up to date by its events."""

    def __init__(self, web: Web, workspace: Callable[[], str]) -> None:
        """`workspace` says its id, "" where that is not known yet."""
        self._web = web
        self._workspace = workspace
        self._people: Names[people.Person] = Names(
            self._person, enough=lambda person: person.standing is not Standing.UNKNOWN
        )
        self.emoji = EmojiPictures(web, web.account)
        self._rooms = Names(self._room)
        self._groups = Names(self._group)
        self.lookups = Lookups(
            self._name, self._rooms.get, self._groups.get,
            standing=self._standing, pictures=self._picture,
        )  # fmt: skip

    async def learn(self, payload: object) -> None:
        """Take what a payload or message tells, and look up what else it names; never fails, and
        never takes long (see `Names.learn`).
        """
        self.emoji.note(payload)
        changed = people.changed(payload, self._workspace())
        if changed is not None and self._people.get(changed[0]) is not None:
            self._people.keep(*changed)
        told = people.room_renamed(payload)
        if told is not None and self._rooms.get(told[0]) is not None:
            self._rooms.keep(*told)
        named = people.named_in(payload)
        if not (named.rooms or named.groups):
            await self._people.learn(named.people)
        else:
            await asyncio.gather(
                self._people.learn(named.people),
                self._rooms.learn(named.rooms),
                self._groups.learn(named.groups),
            )
        # What a message tells of its author is a name alone: only Slack itself says who they are.
        told = people.introduced(payload)
        if told is not None and self._people.get(told[0]) is None:
            self._people.keep(told[0], people.Person(told[1]))

    async def close(self) -> None:
        """Stop every look-up."""
        await self.emoji.close()
        for names in (self._people, self._rooms, self._groups):
            await names.close()

    def _name(self, user: str) -> str | None:
        person = self._people.get(user)
        return None if person is None else person.name

    def _standing(self, user: str) -> Standing:
        person = self._people.get(user)
        return Standing.UNKNOWN if person is None else person.standing

    def _picture(self, user: str) -> str | None:
        person = self._people.get(user)
        return None if person is None else person.picture

    async def _person(self, user: str) -> people.Person | None:
        found = (await self._web.call("users.info", {"user": user})).get("user")
        return people.person_of(found, self._workspace()) if isinstance(found, dict) else None

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
