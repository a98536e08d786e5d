"""All that the adapter asks of encryption, joined."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import AccountId
from bot.platforms.base import Memory
from bot.platforms.matrix.connection import Connection
from bot.platforms.matrix.crypto.crosssigning import CrossSigning
from bot.platforms.matrix.crypto.devices import Devices
from bot.platforms.matrix.crypto.identity import FEW, Identity, file_of
from bot.platforms.matrix.crypto.keystore import UNUSABLE, Keystore
from bot.platforms.matrix.crypto.mailbox import Mailbox, Taken
from bot.platforms.matrix.crypto.olm import Myself
from bot.platforms.matrix.crypto.post import Post
from bot.platforms.matrix.crypto.requests import Requests
from bot.platforms.matrix.crypto.ring import Closed, Opened, Ring
from bot.platforms.matrix.crypto.rooms import EncryptedRooms
from bot.platforms.matrix.crypto.sharing import Sharing
from bot.platforms.matrix.crypto.waiting import Late, Waiting
from bot.platforms.matrix.envelope import RoomEvent
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.settings import MatrixSettings
from bot.platforms.matrix.wire import Sync

log = structlog.get_logger()

_FULL = 100
"""Messages to a device in one answer, at which Synapse leaves the rest to the next."""
_LATER = 60.0
"""Seconds until a homeserver that takes no keys is asked again."""
_PAUSE = 5.0
_TIMES = 3
"""How often a chore is tried, and the seconds between."""
_KEYS = "signed_curve25519"

Chore = Callable[[], Awaitable[None]]


class Crypto:
    """Reads and writes encrypted rooms for one account."""

    def __init__(
        self,
        settings: MatrixSettings,
        account: AccountId,
        folder: Path,
        session: Session,
        connection: Connection,
        memory: Memory,
        feed: Feed,
        met: Callable[[], None],
    ) -> None:
        """`folder`: where the file of the keys is kept; `met` is called when it is known that
        there is an encrypted room.
        """
        self.verified_only = settings.unverified_devices == "refuse"
        only = self.verified_only
        self._keystore = store = Keystore(file_of(folder, account))
        self._identity = Identity(session, connection, memory, store)
        self._devices = devices = Devices(connection, store)
        self._post = post = Post(connection, store)
        self._rooms = rooms = EncryptedRooms(connection, store, met)
        self._ring = ring = Ring(store)
        self._waiting = Waiting(store, ring)
        self._sharing = Sharing(rooms, devices, post, verified_only=only)
        self._requests = Requests(store, devices, post, verified_only=only)
        key = settings.recovery_key
        self._signing = CrossSigning(connection, key.get_secret_value()) if key else None
        self._feed = feed
        self._chores: asyncio.Queue[Chore] = asyncio.Queue()
        self._again = 0.0
        self._published: Myself | None = None
        self._publishing = self._asking = False

    async def begin(self) -> None:
        """Be a device that others can write to; what the homeserver refuses is tried again later.

        Raises `AccountRefused`, and `NotSent` where the file of the keys cannot be used: what is
        told to this device would be lost.
        """
        self._rooms.doubt()
        if time.monotonic() < self._again:
            return
        try:
            me = await self._identity.begin()
            if me == self._published:
                return
            await self._identity.publish(None)
        except PlatformError as error:
            if isinstance(error, AccountRefused) or error.reason == UNUSABLE:
                raise
            self._again = time.monotonic() + _LATER
            log.warning("encryption.unavailable", reason=error.reason)
            return
        self._published = me
        if self._signing is not None:
            self._put(partial(self._signing.sign, me))

    # ── reading ──

    async def take(self, sync: Sync) -> None:
        """Keep what an answer of the homeserver says to this device; raises `PlatformError`.

        To be called before anything of the answer is read, and before it is acknowledged.
        """
        await self._waiting.settle()
        while True:
            self._devices.outdate([*sync.device_lists.changed, *sync.device_lists.left])
            if self._published is None or not self._identity.is_current:
                await self.begin()
            if self._identity.me is None:
                return
            await self._keep(self._identity.me, sync)
            if len(sync.to_device.events) < _FULL:
                break
            sync = await self._feed.to_device(sync.next_batch)

    async def _keep(self, me: Myself, sync: Sync) -> None:
        wanted = await self._waiting.asked()
        messages = sync.to_device.events
        if messages:
            ours: frozenset[str] = frozenset()
            if wanted:
                own = (await self._devices.of([me.user]))[me.user].devices.values()
                ours = frozenset(d.curve25519 for d in own if d.verified)
            mailbox = Mailbox(me, ours, wanted)
            self._follow(me, await self._keystore.run(lambda book: mailbox.take(book, messages)))
        if wanted:
            self._want(me)
        self._replenish(sync)

    def _replenish(self, sync: Sync) -> None:
        """Publish more keys where the homeserver has given many away."""
        there, unused = sync.device_one_time_keys_count, sync.device_unused_fallback_key_types
        count = None if there is None else there.get(_KEYS)
        used = unused is not None and _KEYS not in unused
        if self._publishing or not (used or (count is not None and count < FEW)):
            return
        self._publishing = True
        self._put(partial(self._publish, count, fallback=used))

    def _follow(self, me: Myself, taken: Taken) -> None:
        for room, session in taken.keys:
            self._ring.forget(room, session)
            self._waiting.came(room, session)
        for user, peer in dict.fromkeys(taken.broken):
            self._put(partial(self._requests.mend, me, user, peer))
        for request in taken.requests:
            self._put(partial(self._requests.answer, me, request))

    async def read(self, room: str, event: RoomEvent) -> Opened | Closed:
        """What an `m.room.encrypted` of a room holds; raises `NotSent`."""
        return await self._ring.read(room, event)

    async def trusts(self, opened: Opened) -> bool:
        """Whether the device that made an event may be heard; raises `PlatformError`."""
        if not self.verified_only:
            return True
        owners = await self._devices.of([opened.sender])
        device = owners[opened.sender].by_key(opened.peer)
        return device is not None and device.verified and device.ed25519 == opened.ed25519

    async def hold(self, room: str, event: RoomEvent, closed: Closed) -> bool:
        """Keep an event until its key comes, and ask for that; False where too many wait."""
        held = await self._waiting.hold(room, event, closed)
        if held and self._identity.me is not None:
            self._want(self._identity.me)
        return held

    async def late(self) -> list[Late]:
        """What can be read now, and what is missing for too long."""
        return await self._waiting.late()

    async def due(self) -> float:
        """Seconds until there is something to tell of what is missing."""
        return await self._waiting.due()

    async def note(self, room: str, event: RoomEvent) -> None:
        """Take note of one event of a room, if it is about encryption or members."""
        await self._rooms.note(room, event)

    def doubt(self, room: str) -> None:
        """Something may have happened in a room that we are not told of."""
        self._rooms.doubt(room)

    # ── writing ──

    async def is_encrypted(self, room: str) -> bool:
        """Whether nothing may be said in a room in the clear; raises `NotSent` or `Refused`."""
        try:
            return await self._rooms.encryption(room) is not None
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error

    def look(self, rooms: Iterable[str]) -> None:
        """Find out beside whether these rooms are encrypted."""
        for room in rooms:
            self._put(partial(self._look, room))

    async def _look(self, room: str) -> None:
        with suppress(Refused):  # the bot is not in it, or it is encrypted in an unknown way
            await self.is_encrypted(room)

    async def known(self) -> frozenset[str]:
        """The rooms that are known to be encrypted; raises `NotSent`."""
        return await self._rooms.known()

    async def encrypt(self, room: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """The content of the `m.room.encrypted` that says this; raises `NotSent` or `Refused`."""
        try:
            encryption = await self._rooms.encryption(room)
            me = await self._identity.begin()
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error
        if encryption is None:
            raise NotSent("not encrypted")
        return await self._sharing.encrypt(me, room, encryption, kind, content)

    # ── beside ──

    def _put(self, chore: Chore) -> None:
        self._chores.put_nowait(chore)

    async def _publish(self, there: int | None, *, fallback: bool) -> None:
        try:
            await self._identity.publish(there, fallback=fallback)
        finally:
            self._publishing = False

    def _want(self, me: Myself) -> None:
        """Ask for what is missing, if that is not to be done already."""
        if not self._asking:
            self._asking = True
            self._put(partial(self._ask, me))

    async def _ask(self, me: Myself) -> None:
        self._asking = False
        await self._requests.ask(me, await self._waiting.asked())

    async def work(self) -> None:
        """Publish keys, answer and ask other devices, for ever; what fails is tried again."""
        while True:
            chore = await self._chores.get()
            for attempt in range(_TIMES):
                try:
                    await chore()
                except PlatformError as error:
                    log.info("encryption.waiting", reason=error.reason)
                    if attempt < _TIMES - 1:
                        await asyncio.sleep(error.retry_after or _PAUSE)
                except Exception:  # one that breaks us keeps none of the others from being done
                    log.exception("encryption.failed")
                    break
                else:
                    break

    async def close(self) -> None:
        """Let go of the file of the keys."""
        await self._keystore.close()
