"""What `liaison check` tries on a Matrix account, and how to mend what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import AccountRefused, NotSent, PlatformError, Refused
from bot.events import RoomId, local
from bot.platforms.base import Finding
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.olm import MEGOLM
from bot.platforms.matrix.device_checks import DeviceChecks
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.places import MOVING, Places
from bot.platforms.matrix.powers import needed, read_levels
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
        devices: DeviceChecks,
    ) -> None:
        self._account = account
        self._homeserver = homeserver
        self._rooms = sorted(rooms)
        self._session = session
        self._connection = connection
        self._feed = feed
        self._places = places
        self._devices = devices

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
        findings = [Finding(what, ok=True), *await self._devices.own()]
        for room in self._rooms:
            findings += await self._room(room)
        return findings

    async def _room(self, room: RoomId) -> list[Finding]:
        try:
            actual = await self._places.actual(room)
        except NotSent as error:
            if error.reason != MOVING:
                return [Finding(f"{room}: alias", ok=False, mend=f"try again ({error.reason})")]
            mend = f"it was replaced by another room: invite {self._session.me} there"
            return [Finding(f"{room}: replaced", ok=False, mend=mend)]
        except PlatformError as error:
            mend = f"the alias leads to no room ({error.reason}): mend it, or write the room's id"
            return [Finding(f"{room}: alias", ok=False, mend=mend)]
        found = [await self._membership(room, actual)]
        if found[0].what == f"{room}: membership" and found[0].ok:
            found.append(await self._power(room, actual))
            found.append(await self._history(room, actual))
            found += await self._encryption(room, actual)
        if not local(room).startswith("#") and actual != local(room):
            found.append(Finding(f"{room}: replaced by {actual}, which is used instead", ok=True))
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
        levels = await read_levels(self._connection, actual)
        least = max(needed(levels.content, kind) for kind in SENT)
        ok = levels.reaches(self._session.me, least)
        mend = f"give {self._session.me} the power level {least} in the room's settings"
        return Finding(f"{room}: right to send and take back", ok=ok, mend="" if ok else mend)

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

    async def _encryption(self, room: RoomId, actual: str) -> list[Finding]:
        state = await self._state(actual, "m.room.encryption")
        if state is None:
            return [Finding(f"{room}: not encrypted", ok=True)]
        if state.get("algorithm") != MEGOLM:
            mend = "it is encrypted in a way that is not known here: make a new room"
            return [Finding(f"{room}: encrypted", ok=False, mend=mend)]
        return [Finding(f"{room}: encrypted", ok=True), await self._devices.room(room, actual)]

    async def _state(self, actual: str, kind: str, key: str = "") -> Mapping[str, Any] | None:
        return await self._get(path("rooms", actual, "state", kind, key))

    async def _get(self, where: str) -> Mapping[str, Any] | None:
        """A JSON object, None if there is none or it may not be seen."""
        try:
            return await self._connection.call(dict, "GET", where)
        except Refused:
            return None
