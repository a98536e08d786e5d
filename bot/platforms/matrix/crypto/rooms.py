"""Which rooms are encrypted, how, and who is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.errors import NotSent, Refused
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.olm import MEGOLM
from bot.platforms.matrix.envelope import RoomEvent, as_object, decode
from bot.platforms.matrix.wire import Page

ENCRYPTION = "m.room.encryption"
UNKNOWN = "unknown encryption"
"""The reason of a `Refused` for a room that is encrypted in a way that we cannot write."""
_WEEK = 7 * 86_400_000
_MESSAGES = 100
"""Milliseconds and messages after which a session is changed (`m.room.encryption`, defaults)."""


@dataclass(frozen=True, slots=True)
class Encryption:
    """How a room is encrypted: after how many seconds and messages its session is changed."""

    seconds: float = _WEEK / 1000
    messages: int = _MESSAGES


class EncryptedRooms:
    """Rooms as their state has them. What was encrypted once is for ever, whatever is said later.

    A room that is not known is asked for when it is needed; from then on what happens there says
    it.
    """

    def __init__(self, connection: Connection, keystore: Keystore, met: Callable[[], None]) -> None:
        """`met` is called when it is known that there is an encrypted room."""
        self._connection = connection
        self._met = met
        self._keystore = keystore
        self._encrypted: dict[str, Mapping[str, Any]] | None = None
        self._plain: set[str] = set()
        self._members: dict[str, frozenset[str]] = {}
        self._changes: Counter[str] = Counter()
        """How often members have come or gone, to know what was asked in between."""

    async def encryption(self, room: str) -> Encryption | None:
        """How a room is encrypted, None if it is not; raises `PlatformError`.

        `Refused` where it is in a way that we cannot write.
        """
        if room not in await self._all() and room not in self._plain:
            await self._ask(room)
        content = (await self._all()).get(room)
        if content is None and room not in self._plain:
            raise NotSent("in doubt whether it is encrypted")
        if content is None:
            return None
        if content.get("algorithm") != MEGOLM:
            raise Refused(UNKNOWN)
        return Encryption(
            _positive(content.get("rotation_period_ms"), _WEEK) / 1000,
            _positive(content.get("rotation_period_msgs"), _MESSAGES),
        )

    async def known(self) -> frozenset[str]:
        """Every room that is known to be encrypted."""
        return frozenset(await self._all())

    async def note(self, room: str, event: RoomEvent) -> None:
        """Take note of one event of a room, if it is about encryption or members."""
        if event.state_key is None:
            return
        if event.type == "m.room.member":
            self._changes[room] += 1
            self._members.pop(room, None)
        if event.type == ENCRYPTION and event.state_key == "":
            await self._keep(room, as_object(event.content))

    def doubt(self, room: str | None = None) -> None:
        """Something in a room (None: in any) may have happened unseen: it is asked for anew."""
        for each in [*self._members, *self._plain] if room is None else [room]:
            self._changes[each] += 1
            self._members.pop(each, None)
            self._plain.discard(each)

    async def members(self, room: str) -> frozenset[str]:
        """Who is in a room or invited to it; raises `PlatformError`."""
        while room not in self._members:
            changes = self._changes[room]
            where = path("rooms", room, "members", not_membership="leave")
            page = await self._connection.call(Page, "GET", where)
            if changes == self._changes[room]:  # else somebody may have come or gone meanwhile
                self._members[room] = frozenset(present(page))
        return self._members[room]

    async def _all(self) -> dict[str, Mapping[str, Any]]:
        if self._encrypted is None:
            kept = await self._keystore.run(lambda book: book.rooms())
            if self._encrypted is None:  # somebody else may have read it meanwhile, and added
                self._encrypted = {r: msgspec.json.decode(kept[r], type=dict) for r in kept}
            if kept:
                self._met()
        return self._encrypted

    async def _ask(self, room: str) -> None:
        where = path("rooms", room, "state", ENCRYPTION)
        try:
            await self._keep(room, await self._connection.call(dict, "GET", where))
        except Refused as error:
            if error.reason != "M_NOT_FOUND":
                raise
            self._plain.add(room)

    async def _keep(self, room: str, content: Mapping[str, Any]) -> None:
        encrypted = await self._all()
        self._plain.discard(room)
        if content == encrypted.get(room):
            return
        if room in encrypted and content.get("algorithm") != MEGOLM:
            return  # nothing turns it off
        text = msgspec.json.encode(content).decode()
        await self._keystore.run(lambda book: book.keep_room(room, text))
        encrypted[room] = content
        self._met()


def present(page: Page) -> list[str]:
    """Who is in a room or invited to it, in a page of its members."""
    events = [event for event in map(decode, page.chunk) if event is not None]
    return [
        event.state_key
        for event in events
        if isinstance(event.state_key, str)
        and as_object(event.content).get("membership") in ("join", "invite")
    ]


def _positive(value: Any, default: int) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return int(value) if good else default
