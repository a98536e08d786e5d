"""Asking for keys that are missing, giving again what was given, and mending broken sessions."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

import structlog

from bot.platforms.matrix.crypto.devices import Devices
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.mailbox import Asked, Request
from bot.platforms.matrix.crypto.olm import MEGOLM, Myself, Peer
from bot.platforms.matrix.crypto.post import Post

log = structlog.get_logger()

ASK_AGAIN = 30.0
"""Seconds after which a key that has not come is asked for once more."""
_TIMES = 3
_MENDED = 3_600.0
"""Seconds in which a session with a device is made anew at most once (client-server API,
"Recovering from undecryptable messages")."""


class Requests:
    """Requests to other devices and theirs to us; every method raises `PlatformError`."""

    def __init__(
        self, keystore: Keystore, devices: Devices, post: Post, *, verified_only: bool
    ) -> None:
        self._keystore = keystore
        self._devices = devices
        self._post = post
        self._verified_only = verified_only
        self._asked: dict[tuple[str, str], tuple[int, float, str]] = {}
        self._mended: dict[str, float] = {}

    async def ask(self, me: Myself, wanted: Mapping[tuple[str, str], Asked]) -> None:
        """Ask for what is missing, up to three times; what is missing no more is not wanted."""
        now = time.monotonic()
        for key in [key for key in self._asked if key not in wanted]:
            _, _, user = self._asked.pop(key)
            await self._tell(me, key, user, {"action": "request_cancellation"})
        for (room, session), asked in wanted.items():
            times, last, _ = self._asked.get((room, session), (0, 0.0, ""))
            if times >= _TIMES or (times and now - last < ASK_AGAIN):
                continue
            body = {"algorithm": MEGOLM, "room_id": room, "session_id": session}
            body |= {"sender_key": asked.peer} if asked.peer else {}
            content = {"action": "request", "body": body}
            await self._tell(me, (room, session), asked.sender, content)
            self._asked[room, session] = (times + 1, now, asked.sender)

    async def _tell(
        self, me: Myself, key: tuple[str, str], user: str, content: Mapping[str, Any]
    ) -> None:
        request = hashlib.sha256(f"{me.device}\n{key[0]}\n{key[1]}".encode()).hexdigest()[:32]
        whole = {**content, "request_id": request, "requesting_device_id": me.device}
        everybody = [Peer(each, "*", "", "") for each in dict.fromkeys((user, me.user))]
        await self._post.send("m.room_key_request", [(peer, whole) for peer in everybody])

    async def answer(self, me: Myself, request: Request) -> None:
        """Give a device what it was given before; others get nothing."""
        room, session, device_id = request.room, request.session, request.device
        kept = await self._keystore.run(
            lambda book: (
                book.shared(room, session, request.user, device_id),
                book.inbound(room, session),
            )
        )
        given, inbound = kept
        if given is None or inbound is None:
            return
        owners = await self._devices.of([request.user])
        device = owners[request.user].devices.get(device_id)
        if device is None or device.curve25519 != given.peer:
            return
        exported = inbound.session.export_at(given.at)
        if exported is None or (self._verified_only and not device.verified):
            return
        content = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": session,
            "session_key": exported.to_base64(),
            "sender_key": inbound.peer,
            "sender_claimed_ed25519_key": inbound.ed25519,
            "forwarding_curve25519_key_chain": [],
        }
        sealed = await self._post.seal(me, [device], "m.forwarded_room_key", content)
        await self._post.send("m.room.encrypted", sealed)
        log.info("key.given_again")

    async def mend(self, me: Myself, user: str, peer: str) -> None:
        """Make a new session with a device whose messages we cannot open, and tell it so."""
        if time.monotonic() - self._mended.get(peer, -_MENDED) < _MENDED:
            return
        device = (await self._devices.of([user]))[user].by_key(peer)
        if device is None:
            return
        sealed = await self._post.seal(me, [device], "m.dummy", {}, anew=True)
        await self._post.send("m.room.encrypted", sealed)
        self._mended[peer] = time.monotonic()
        log.info("session.mended")
