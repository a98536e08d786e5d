"""Invitations: accepted to configured rooms, and to direct rooms by people of those."""

from __future__ import annotations

import asyncio
import random
import time

import msgspec
import structlog

from bot.errors import PlatformError, Refused
from bot.events import AccountId, person_id
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.direct import DirectRooms
from bot.platforms.matrix.envelope import as_object, decode
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.wire import Invited

log = structlog.get_logger()

JOIN_TIMEOUT = 120.0
"""Seconds: to join a room that lives on other servers takes long."""
_STRANGER = 600.0
"""Seconds before somebody who shares no room with the bot is looked for again."""
_TRIES = 5


class _Membership(msgspec.Struct):
    membership: str


class Invitations:
    """Answers invitations beside the stream of events, so that a slow one delays no message."""

    def __init__(
        self,
        account: AccountId,
        me: str,
        connection: Connection,
        feed: Feed,
        places: Places,
        direct: DirectRooms,
    ) -> None:
        self._account = account
        self._me = me
        self._connection = connection
        self._feed = feed
        self._places = places
        self._direct = direct
        self._waiting: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
        self._queued: set[str] = set()
        self._strangers: dict[str, float] = {}
        self._via: dict[str, str] = {}

    def offer(self, room: str, invited: Invited) -> str:
        """Take an invitation into account; what it is, for the counters."""
        if self._places.configured(room) or self._places.expected(room):
            self._put(room, None)
            return "invitation to a configured room"
        inviter = self._direct_inviter(invited)
        if inviter is None:
            return "invitation to a room in no channel"
        self._put(room, inviter)
        return "invitation to a direct room"

    async def settle(self, seconds: float) -> None:
        """Answer what waits already, for so long at most: `work` does the rest."""
        try:
            async with asyncio.timeout(seconds):
                await self._look()
                while not self._waiting.empty():
                    await self._next()
        except TimeoutError:
            return

    async def work(self) -> None:
        """Look for what waits already, then answer one invitation after the other, for ever."""
        await self._look()
        while True:
            await self._next()

    def enter(self, room: str, via: str = "") -> None:
        """Enter a room that replaces a configured one; `via` is a server that knows it."""
        self._via[room] = via
        self._put(room, None)

    async def _look(self) -> None:
        for room in self._places.expectations():
            self.enter(room, self._via.get(room, ""))
        try:
            for room, invited in (await self._feed.invitations()).items():
                self.offer(room, invited)
        except PlatformError as error:
            log.info("invitations.unread", account=self._account, reason=error.reason)

    async def _next(self) -> None:
        room, inviter = await self._waiting.get()
        try:
            await self._answer(room, inviter)
        except Exception:  # one that breaks us keeps no other from being answered
            log.exception("invitations.failed", account=self._account)
        finally:
            self._queued.discard(room)

    def _put(self, room: str, inviter: str | None) -> None:
        if room not in self._queued:
            self._queued.add(room)
            self._waiting.put_nowait((room, inviter))

    def _direct_inviter(self, invited: Invited) -> str | None:
        """Who invites the bot to a direct room, None if it is none."""
        for raw in invited.invite_state.events:
            event = decode(raw)
            if event is None or event.type != "m.room.member" or event.state_key != self._me:
                continue
            if isinstance(event.content, dict) and event.content.get("is_direct") is True:
                return event.sender if isinstance(event.sender, str) else None
        return None

    async def _answer(self, room: str, inviter: str | None) -> None:
        for attempt in range(_TRIES):
            try:
                await (self._join(room) if inviter is None else self._meet(room, inviter))
            except Refused as error:
                log.warning("invitation.refused", account=self._account, reason=error.reason)
                return
            except PlatformError as error:
                pause = error.retry_after or random.uniform(0.5, 1.0) * 2**attempt  # noqa: S311 - jitter
                await asyncio.sleep(pause)
            else:
                return

    async def _join(self, room: str) -> None:
        via = self._via.get(room)
        where = path("join", room, via=via, server_name=via) if via else path("join", room)
        await self._connection.call(dict, "POST", where, {}, wait=JOIN_TIMEOUT)
        log.info("room.joined", account=self._account)
        if self._places.expected(room) is not None:
            await self._arrive(room)

    async def _arrive(self, room: str) -> None:
        """Read and write on in the room that replaces a configured one, if it says so itself."""
        place = self._places.expected(room)
        where = path("rooms", room, "state", "m.room.create")
        created = await self._connection.call(dict, "GET", where)
        old = as_object(created.get("predecessor")).get("room_id")
        moved = place is not None and old == self._places.known().get(place)
        if not moved:
            await self._connection.call(dict, "POST", path("rooms", room, "leave"), {})
        await self._places.settle(room, moved=moved)
        log.warning("room.moved" if moved else "room.move_refused", room=place)

    async def _meet(self, room: str, inviter: str) -> None:
        if not await self._shares_a_room(inviter):
            return
        person = person_id(self._account, inviter)
        await self._direct.note(room, person)  # before a first message can come in
        await self._join(room)
        if await self._direct.is_private(room, person):
            await self._direct.list_as_direct(room, person)
            return
        await self._direct.forget(room)
        await self._connection.call(dict, "POST", path("rooms", room, "leave"), {})

    async def _shares_a_room(self, user: str) -> bool:
        if time.monotonic() < self._strangers.get(user, 0.0):
            return False
        for room in self._places.known().values():
            where = path("rooms", room, "state", "m.room.member", user)
            try:
                found = await self._connection.call(_Membership, "GET", where)
            except Refused:
                continue
            if found.membership == "join":
                return True
        if len(self._strangers) > 1000:
            self._strangers.clear()
        self._strangers[user] = time.monotonic() + _STRANGER
        return False
