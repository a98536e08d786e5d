"""Everybody in a workspace, and what they are there: listed once, kept fresh by its events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from bot.errors import NotSent, OutcomeUnknown, Refused
from bot.events import Standing
from bot.platforms.slack.pages import pages
from bot.platforms.slack.people import ID, shown_name, standing_of
from bot.platforms.slack.web import Web

_PAGE = 500
"""People on a page: fewer than the 1,000 that Slack would give, as a page is decoded in one go,
and enough that `users.list` (20 a minute) lists 10,000 in a minute."""
_FRESH = 3600.0
"""Seconds after which everybody is listed anew, in case an event was lost."""
_AT_ONCE = 8
"""People whom the list does not name that are asked for at a time."""
_HIDDEN = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of people of other workspaces whom it does not show."""

Facts = tuple[str, Standing] | None
"""A person's name and standing, None of one whose account is closed."""
_UNKNOWN = Standing.UNKNOWN
_NOBODY: Facts = ("", _UNKNOWN)


class Census:
    """The people of one workspace, and those of others who were met in its rooms."""

    def __init__(self, web: Web, workspace: Callable[[], str]) -> None:
        """`workspace` says its id, "" where that is not known yet."""
        self._web = web
        self._workspace = workspace
        self._people: dict[str, Facts] = {}
        self._told: dict[str, Facts] = {}
        """What events said since the list was begun: what was asked meanwhile may be older."""
        self._until = 0.0
        self._cursor: str | None = None
        """The page to go on with where the list was broken off."""
        self._doubts = 0
        self._listing = asyncio.Lock()

    def note(self, payload: object) -> str | None:
        """Take what an event tells of a person; their id, unless they are what they were."""
        match payload:
            case {"event": {"type": "user_change" | "team_join", "user": dict(user)}}:
                local, facts = user.get("id"), self._facts(user)
            case _:
                return None
        if not isinstance(local, str) or not ID.fullmatch(local):
            return None
        known, before = local in self._people, self._people.get(local)
        self._told[local] = self._people[local] = facts
        return None if known and _standing(before) is _standing(facts) else local

    def doubt(self) -> None:
        """An event may have been lost: everybody is listed anew at the next question."""
        self._until, self._cursor = 0.0, None
        self._doubts += 1

    async def of(self, members: Collection[str]) -> Mapping[str, Facts]:
        """What these people are. Raises `PlatformError`; what was learned until then is kept, so
        that the same question, asked again, goes on from there.
        """
        async with self._listing:
            await self._list()
            people = self._people
        unknown = [each for each in members if _standing(people.get(each, _NOBODY)) is _UNKNOWN]
        for start in range(0, len(unknown), _AT_ONCE):
            asking = (self._ask(each, people) for each in unknown[start : start + _AT_ONCE])
            for error in await asyncio.gather(*asking, return_exceptions=True):
                if error is not None:
                    raise error
        return {each: people[each] for each in members}

    async def _list(self) -> None:
        if self._until > time.monotonic():
            return
        if self._cursor is None:
            self._people, self._told = {}, {}
        begun, doubts = time.monotonic(), self._doubts
        try:
            async for found, after in pages(
                self._web.call, "users.list", "members", _PAGE, self._cursor
            ):
                self._people |= {each["id"]: self._facts(each) for each in found if _has_id(each)}
                self._people |= self._told
                self._cursor = after if doubts == self._doubts else None
        except Refused as error:  # a cursor that is good no more: of no room
            self._cursor = None
            raise NotSent(error.reason) from None
        if doubts == self._doubts:
            self._until = begun + _FRESH

    async def _ask(self, local: str, people: dict[str, Facts]) -> None:
        """Ask for one whom the list does not name: of another workspace, or come since."""
        try:
            user = (await self._web.call("users.info", {"user": local})).get("user")
        except Refused as error:
            if error.reason not in _HIDDEN:
                raise
            facts: Facts = (local, Standing.FOREIGN)
        else:
            if not isinstance(user, dict):
                raise OutcomeUnknown("unreadable")
            facts = self._facts({"id": local, **user})
        people[local] = self._told.get(local, facts)

    def _facts(self, user: Mapping[Any, Any]) -> Facts:
        if user.get("deleted") is True:
            return None
        name = shown_name(user) or str(user.get("id"))
        return name, standing_of(user, self._workspace())


def _has_id(user: object) -> bool:
    return isinstance(user, dict) and isinstance(user.get("id"), str)


def _standing(facts: Facts) -> Standing | None:
    return None if facts is None else facts[1]
