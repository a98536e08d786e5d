"""What is said in an encrypted room: the room's session, and who is given it.

A session lives in memory only: after a start each room gets a new one. So no message's key is
ever used twice, whatever copy of the keys is put back; what its own messages are read with is
kept like everybody's.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import vodozemac

from bot.errors import NotSent, OutcomeUnknown
from bot.platforms.matrix.crypto.book import Book, Inbound, Recipient
from bot.platforms.matrix.crypto.devices import Device, Devices
from bot.platforms.matrix.crypto.olm import MEGOLM, Myself, Peer
from bot.platforms.matrix.crypto.post import Post
from bot.platforms.matrix.crypto.rooms import EncryptedRooms, Encryption


@dataclass
class _Outbound:
    """A room's session for what we say, and the devices that have it."""

    owner: Myself
    session: vodozemac.GroupSession
    made: float = field(default_factory=time.monotonic)
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    """The devices that have it, with their Curve25519 keys."""
    withheld: set[tuple[str, str]] = field(default_factory=set)

    def is_good(self, me: Myself, encryption: Encryption) -> bool:
        """Whether it is still this device's, and not used for too long or for too much."""
        young = time.monotonic() - self.made < encryption.seconds
        return self.owner == me and young and self.session.message_index < encryption.messages


class Sharing:
    """Encrypts for rooms."""

    def __init__(
        self, rooms: EncryptedRooms, devices: Devices, post: Post, *, verified_only: bool
    ) -> None:
        """`verified_only`: devices that their owners have not verified are given nothing."""
        self._rooms = rooms
        self._devices = devices
        self._post = post
        self._verified_only = verified_only
        self._sessions: dict[str, _Outbound] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def encrypt(
        self,
        me: Myself,
        room: str,
        encryption: Encryption,
        kind: str,
        content: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The content of the `m.room.encrypted` that says this in a room; its relation stays in
        the clear (client-server API, "Encrypting events").

        Raises `NotSent` or `Refused`: nothing was said then.
        """
        said = msgspec.json.encode({"type": kind, "content": content, "room_id": room})
        async with self._locks[room]:
            try:
                session = await self._ready(me, room, encryption)
            except OutcomeUnknown as error:
                raise NotSent(error.reason) from error
            ciphertext = session.encrypt(said).to_base64()
        sealed = {
            "algorithm": MEGOLM,
            "ciphertext": ciphertext,
            "session_id": session.session_id,
            "sender_key": me.curve25519,  # deprecated, and older clients need them
            "device_id": me.device,
        }
        relation = content.get("m.relates_to")
        return sealed if relation is None else {**sealed, "m.relates_to": relation}

    async def _ready(self, me: Myself, room: str, encryption: Encryption) -> vodozemac.GroupSession:
        """The room's session, given to everybody who is to have it and to nobody else."""
        owners = await self._devices.of(await self._rooms.members(room))
        everybody = {
            (d.user, d.device): d
            for owner in owners.values()
            for d in owner.devices.values()
            if (d.user, d.device) != (me.user, me.device)
        }
        admitted = {who: d for who, d in everybody.items() if d.verified or not self._verified_only}
        current = self._sessions.get(room)
        good = current is not None and current.is_good(me, encryption)
        if current is not None and good and not _has_outsiders(current, admitted):
            await self._give(me, room, current, admitted, first=False)
        else:
            current = _Outbound(me, vodozemac.GroupSession())
            await self._give(me, room, current, admitted, first=True)
            self._sessions[room] = current
        shut_out = [d for who, d in everybody.items() if who not in admitted]
        await self._withhold(me, room, current, shut_out)
        return current.session

    async def _give(
        self,
        me: Myself,
        room: str,
        current: _Outbound,
        admitted: Mapping[tuple[str, str], Device],
        *,
        first: bool,
    ) -> None:
        """Give the session to those who have it not yet, and (`first`) keep our own copy."""
        missing = [d for who, d in admitted.items() if who not in current.given]
        if not missing and not first:
            return
        session = current.session
        content = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": session.session_id,
            "session_key": session.session_key.to_base64(),
        }

        def keep(book: Book) -> None:
            if first:
                own = vodozemac.InboundGroupSession(session.session_key)
                book.keep_inbound(room, Inbound(me.user, me.curve25519, me.ed25519, own))

        sealed = await self._post.seal(me, missing, "m.room_key", content, keep)
        await self._post.send("m.room.encrypted", sealed)
        current.given |= {(d.user, d.device): d.curve25519 for d, _ in sealed}
        await self._post.note_given(
            Recipient(
                room, session.session_id, d.user, d.device, d.curve25519, session.message_index
            )
            for d, _ in sealed
        )

    async def _withhold(
        self, me: Myself, room: str, current: _Outbound, devices: list[Device]
    ) -> None:
        """Tell devices why they are not given the session, once (`m.room_key.withheld`)."""
        untold = [d for d in devices if (d.user, d.device) not in current.withheld]
        if not untold:
            return
        content = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": current.session.session_id,
            "sender_key": me.curve25519,
            "code": "m.unverified",
            "reason": "this device is not verified",
        }
        told: list[tuple[Peer, Mapping[str, Any]]] = [(d, content) for d in untold]
        await self._post.send("m.room_key.withheld", told)
        current.withheld |= {(d.user, d.device) for d in untold}


def _has_outsiders(current: _Outbound, admitted: Mapping[tuple[str, str], Device]) -> bool:
    """Whether somebody has the session who is to have it no more: gone, signed out, changed."""
    return any(
        who not in admitted or admitted[who].curve25519 != key for who, key in current.given.items()
    )
