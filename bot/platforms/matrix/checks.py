"""What `liaison check` tries on a Matrix account, and how to mend what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import AccountRefused, PlatformError, Refused
from bot.events import RoomId
from bot.platforms.base import Finding
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.session import Session

SENT = ("m.room.message", "m.reaction", "m.room.redaction")
"""The events that the bot sends, of which it must have the power."""


class Checks:
    """Tries one account without changing anything."""

    def __init__(
        self,
        account: str,
        homeserver: str,
        rooms: Iterable[RoomId],
        session: Session,
        connection: Connection,
        feed: Feed,
        places: Places,
    ) -> None:
        self._account = account
        self._homeserver = homeserver
        self._rooms = sorted(rooms)
        self._session = session
        self._connection = connection
        self._feed = feed
        self._places = places

    async def run(self) -> list[Finding]:
        """Every finding, good ones too."""
        table = self._account.replace(":", ".", 1)
        what = f"{self._account}: sign-in at {self._homeserver}"
        try:
            await self._session.sign_in()
            await self._connection.call(dict, "GET", path("account", "whoami"))
        except AccountRefused as error:
            return [Finding(what, ok=False, mend=error.mend)]
        except PlatformError as error:
            mend = (
                f"the homeserver does not answer ({error.reason}): see that {table}.homeserver is "
                "right and can be reached from here, with the proxy and certificates of [network]"
            )
            return [Finding(what, ok=False, mend=mend)]
        findings = [Finding(what, ok=True)]
        for room in self._rooms:
            findings += await self._room(room)
        return findings

    async def _room(self, room: RoomId) -> list[Finding]:
        try:
            actual = await self._places.actual(room)
        except PlatformError as error:
            mend = f"the alias leads to no room ({error.reason}): mend it, or write the room's id"
            return [Finding(f"{room}: alias", ok=False, mend=mend)]
        found = [await self._membership(room, actual)]
        if found[0].what == f"{room}: membership" and found[0].ok:
            found.append(await self._power(room, actual))
            found.append(await self._history(room, actual))
            found.append(await self._encryption(room, actual))
        if room in self._places.twice:
            mend = "it is another configured room under another name: take one of them out"
            found.append(Finding(f"{room}: named once", ok=False, mend=mend))
        return found

    async def _membership(self, room: RoomId, actual: str) -> Finding:
        state = await self._state(actual, "m.room.member", self._session.me)
        ok = state is not None and state.get("membership") == "join"
        if not ok and actual in await self._feed.invitations():
            return Finding(f"{room}: invited, `liaison run` will enter", ok=True)
        mend = (
            f"invite {self._session.me} to the room, or, if that is done, start `liaison run`, "
            "which accepts; if neither helps, compare the id with those of `liaison rooms`"
        )
        return Finding(f"{room}: membership", ok=ok, mend="" if ok else mend)

    async def _power(self, room: RoomId, actual: str) -> Finding:
        levels = await self._state(actual, "m.room.power_levels") or {}
        needed = max(_needed(levels, kind) for kind in SENT)
        ok = power(levels, self._session.me) >= needed or await self._is_creator(actual)
        mend = f"give {self._session.me} the power level {needed} in the room's settings"
        return Finding(f"{room}: right to send and take back", ok=ok, mend="" if ok else mend)

    async def _is_creator(self, actual: str) -> bool:
        """Creators have all power from room version 12 on (MSC4289)."""
        where = path("rooms", actual, "state", "m.room.create", "", format="event")
        event = await self._get(where) or {}
        content = event.get("content")
        if not isinstance(content, dict):
            return False
        more = content.get("additional_creators")
        creators = [event.get("sender"), *(more if isinstance(more, list) else [])]
        version = str(content.get("room_version"))
        return version.isdigit() and int(version) >= 12 and self._session.me in creators

    async def _history(self, room: RoomId, actual: str) -> Finding:
        what = f"{room}: history"
        try:
            await self._feed.page(actual, None, back=True)
        except PlatformError as error:
            mend = f"the room's past cannot be read ({error.reason}): let members read it"
            return Finding(what, ok=False, mend=mend)
        state = await self._state(actual, "m.room.history_visibility") or {}
        ok = state.get("history_visibility") != "world_readable"
        mend = "everybody can read the room without joining it: let members alone read its history"
        return Finding(what, ok=ok, mend="" if ok else mend)

    async def _encryption(self, room: RoomId, actual: str) -> Finding:
        ok = await self._state(actual, "m.room.encryption") is None
        mend = "the room is encrypted, which is not yet supported: use one that is not"
        return Finding(f"{room}: readable without encryption", ok=ok, mend="" if ok else mend)

    async def _state(self, actual: str, kind: str, key: str = "") -> Mapping[str, Any] | None:
        return await self._get(path("rooms", actual, "state", kind, key))

    async def _get(self, where: str) -> Mapping[str, Any] | None:
        """A JSON object, None if there is none or it may not be seen."""
        try:
            return await self._connection.call(dict, "GET", where)
        except Refused:
            return None


def power(levels: Mapping[str, Any], user_id: str) -> int:
    """The power level of a person."""
    users = levels.get("users")
    given = users.get(user_id) if isinstance(users, dict) else None
    return _level(given if given is not None else levels.get("users_default"), 0)


def _needed(levels: Mapping[str, Any], kind: str) -> int:
    events = levels.get("events")
    given = events.get(kind) if isinstance(events, dict) else None
    return _level(given if given is not None else levels.get("events_default"), 0)


def _level(value: Any, default: int) -> int:
    """A level; old rooms have them as text too."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default
