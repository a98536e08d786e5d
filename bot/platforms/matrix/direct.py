"""Direct rooms: one per person, with nobody else in it, made once and used again."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import msgspec

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import Answer, PersonId, RoomId, local
from bot.platforms.base import Memory
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto import AnyCrypto
from bot.platforms.matrix.envelope import decode
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.wire import Page

_ENCRYPTION = {"algorithm": "m.megolm.v1.aes-sha2"}


class _Made(msgspec.Struct):
    room_id: str


class DirectRooms:
    """Who is met in which room.

    Kept: `direct:PERSON` the room, `partner:ROOM` the person, and `alias:PERSON` the random name
    by which a room is made, so that after a crash the same room is found and not made again.
    """

    def __init__(
        self, session: Session, connection: Connection, memory: Memory, crypto: AnyCrypto
    ) -> None:
        self._session = session
        self._connection = connection
        self._memory = memory
        self._crypto = crypto
        self._partners: dict[str, PersonId | None] = {}
        self._making = asyncio.Lock()

    async def partner(self, room: str) -> PersonId | None:
        """The person of a direct room, None if it is none."""
        if room not in self._partners:
            kept = await self._memory.recall(f"partner:{room}")
            self._partners[room] = PersonId(kept) if kept else None
        return self._partners[room]

    async def note(self, room: str, person: PersonId) -> None:
        """From now on this is the person's direct room."""
        await self._memory.keep(f"partner:{room}", person)
        await self._memory.keep(f"direct:{person}", room)
        self._partners[room] = person

    async def forget(self, room: str) -> None:
        """It is no direct room any more: somebody else came in, or it was left."""
        await self._memory.keep(f"partner:{room}", "")
        self._partners[room] = None

    async def room_for(self, place: RoomId, answer: Answer, *, hidden: bool) -> str:
        """The room for an answer to a person who asked in `place`; made if there is none.

        `hidden`: they asked in an encrypted room, so that the answer's is to be encrypted too.
        Raises `NotSent` or `Refused`: the answer itself was not sent when this fails.
        """
        try:
            async with self._making:
                if answer.direct and await self.is_private(local(place), answer.person):
                    return local(place)
                return await self._theirs(answer.person, hidden=hidden)
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error

    async def existing(self, place: RoomId, answer: Answer) -> list[str]:
        """The rooms in which an answer can be, without making any."""
        known = await self._memory.recall(f"direct:{answer.person}")
        rooms = [local(place)] if answer.direct else []
        return [*rooms, known] if known and known not in rooms else rooms

    async def is_private(self, room: str, person: PersonId) -> bool:
        """Whether nobody but the bot and the person is or can come in; invites who has left."""
        try:
            members = await self._members(room)
        except Refused:
            return False
        them = local(person)
        if members.pop(self._session.me, None) != "join":
            return False
        theirs = members.pop(them, "leave")
        if theirs == "ban" or any(state in {"join", "invite"} for state in members.values()):
            return False
        if theirs not in {"join", "invite"}:
            where = path("rooms", room, "invite")
            await self._connection.call(dict, "POST", where, {"user_id": them})
        return True

    async def _members(self, room: str) -> dict[str, str]:
        where = path("rooms", room, "members", not_membership="leave")
        page = await self._connection.call(Page, "GET", where)
        found: dict[str, str] = {}
        for event in map(decode, page.chunk):
            if event is not None and isinstance(event.content, dict):
                found[str(event.state_key)] = str(event.content.get("membership"))
        return found

    async def _theirs(self, person: PersonId, *, hidden: bool) -> str:
        known = await self._memory.recall(f"direct:{person}")
        if known:
            private = await self.is_private(known, person)
            if private and (not hidden or await self._is_hidden(known)):
                return known
            await self.forget(known)
            await self._memory.keep(f"alias:{person}", secrets.token_hex(12))
            await self._memory.keep(f"direct:{person}", "")
        room = await self._make(person, hidden=hidden)
        await self.note(room, person)
        await self.list_as_direct(room, person)
        return room

    async def _is_hidden(self, room: str) -> bool:
        """Whether a room is encrypted, now if it was not before."""
        if await self._crypto.is_encrypted(room):
            return True
        where = path("rooms", room, "state", "m.room.encryption")
        try:
            await self._connection.call(dict, "PUT", where, _ENCRYPTION)
        except Refused:
            return False
        self._crypto.doubt(room)
        return True

    async def _make(self, person: PersonId, *, hidden: bool) -> str:
        name = await self._memory.recall(f"alias:{person}")
        if name is None:
            name = secrets.token_hex(12)
            await self._memory.keep(f"alias:{person}", name)
        asked = _new_room(f"liaison-{name}", local(person), hidden=hidden)
        try:
            return (await self._connection.call(_Made, "POST", path("createRoom"), asked)).room_id
        except Refused as error:
            if error.reason != "M_ROOM_IN_USE":
                raise
        server = self._session.me.partition(":")[2]
        where = path("directory", "room", f"#liaison-{name}:{server}")
        room = (await self._connection.call(_Made, "GET", where)).room_id
        private = await self.is_private(room, person)
        if not private or (hidden and not await self._is_hidden(room)):
            await self._memory.keep(f"alias:{person}", secrets.token_hex(12))
            raise NotSent("direct room lost")
        return room

    async def list_as_direct(self, room: str, person: PersonId) -> None:
        """Put the room on the account's list of direct rooms (`m.direct`), for other clients."""
        where = path("user", self._session.me, "account_data", "m.direct")
        try:
            try:
                known = await self._connection.call(dict, "GET", where)
            except Refused:
                known = {}
            rooms = known.get(local(person))
            listed = rooms if isinstance(rooms, list) else []
            if room not in listed:
                known[local(person)] = [*listed, room]
                await self._connection.call(dict, "PUT", where, known)
        except PlatformError:
            return  # nothing of ours depends on it


def _new_room(alias: str, guest: str, *, hidden: bool) -> dict[str, Any]:
    encryption = {"type": "m.room.encryption", "content": _ENCRYPTION}
    return {
        "preset": "private_chat",
        "is_direct": True,
        "room_alias_name": alias,
        "invite": [guest],
        "initial_state": [
            {
                "type": "m.room.history_visibility",
                "content": {"history_visibility": "invited"},
            },
            {"type": "m.room.guest_access", "content": {"guest_access": "forbidden"}},
            *([encryption] if hidden else []),
        ],
        # nobody else is to be brought in
        "power_level_content_override": {"invite": 100},
    }
