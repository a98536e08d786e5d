"""Messages to devices: sessions with them made where there are none, and what is sent to them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import structlog
import vodozemac

from bot.errors import NotSent
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.book import Book, Recipient
from bot.platforms.matrix.crypto.devices import Device
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.olm import Myself, Peer, own_keys, seal
from bot.platforms.matrix.crypto.signing import is_signed
from bot.platforms.matrix.envelope import as_object
from bot.platforms.matrix.session import KEYS_LOST

log = structlog.get_logger()

_MOST = 100
"""Devices that are written to in one request."""
_DRY = 300.0
"""Seconds until a device that had no one-time key left is asked for one again."""


class Post:
    """Writes to devices; every method raises `PlatformError`."""

    def __init__(self, connection: Connection, keystore: Keystore) -> None:
        self._connection = connection
        self._keystore = keystore
        self._dry: dict[str, float] = {}
        """Devices (by their Curve25519 key) that had no one-time key, until when."""

    async def seal(
        self,
        me: Myself,
        devices: Collection[Device],
        kind: str,
        content: Mapping[str, Any],
        also: Callable[[Book], None] = lambda _book: None,
        *,
        anew: bool = False,
    ) -> list[tuple[Device, dict[str, Any]]]:
        """The same said to each of these devices that can be reached, encrypted for it.

        `also` is done in the same transaction. `anew`: in sessions made for it, whatever there is.
        """
        claimed = await self._claim(await self._without_session(devices, anew=anew))

        def work(book: Book) -> list[tuple[Device, dict[str, Any]]]:
            found = book.account()
            if found is None:
                raise NotSent(KEYS_LOST)
            own, sealed = own_keys(found[0], me), []
            for device in devices:
                session = _session(book, found[0], device, claimed)
                if session is None:
                    continue
                sealed.append((device, seal(session, me, own, device, kind, content)))
                book.keep_session(device.curve25519, session, heard=anew)
            also(book)
            return sealed

        return await self._keystore.run(work)

    async def send(self, kind: str, to: Sequence[tuple[Peer, Mapping[str, Any]]]) -> None:
        """Send to devices what is meant for each."""
        for start in range(0, len(to), _MOST):
            messages: dict[str, dict[str, Mapping[str, Any]]] = {}
            for peer, content in to[start : start + _MOST]:
                messages.setdefault(peer.user, {})[peer.device] = content
            where = path("sendToDevice", kind, secrets.token_hex(12))
            await self._connection.call(dict, "PUT", where, {"messages": messages})

    async def note_given(self, given: Iterable[Recipient]) -> None:
        """Remember who was given a session, so that they can be given it again."""
        rows = list(given)
        if rows:
            await self._keystore.run(lambda book: book.keep_shared(rows))

    async def _without_session(self, devices: Collection[Device], *, anew: bool) -> list[Device]:
        now = time.monotonic()
        asked = [d for d in devices if anew or self._dry.get(d.curve25519, 0.0) < now]
        if anew:
            return asked
        return await self._keystore.run(
            lambda book: [d for d in asked if not book.sessions(d.curve25519)]
        )

    async def _claim(self, devices: Collection[Device]) -> dict[tuple[str, str], str]:
        """A one-time key of each device, by person and device; those that have none are absent."""
        if not devices:
            return {}
        asked: dict[str, dict[str, str]] = {}
        for device in devices:
            asked.setdefault(device.user, {})[device.device] = "signed_curve25519"
        body = {"one_time_keys": asked}
        told = await self._connection.call(dict, "POST", path("keys", "claim"), body)
        found: dict[tuple[str, str], str] = {}
        for device in devices:
            of_user = as_object(as_object(told.get("one_time_keys")).get(device.user))
            for key in as_object(of_user.get(device.device)).values():
                signed = is_signed(
                    as_object(key), device.user, f"ed25519:{device.device}", device.ed25519
                )
                if signed and isinstance(public := as_object(key).get("key"), str):
                    found[device.user, device.device] = public
            if (device.user, device.device) not in found:
                self._dry[device.curve25519] = time.monotonic() + _DRY
        if len(found) < len(devices):
            log.info("devices.without_keys", count=len(devices) - len(found))
        return found


def _session(
    book: Book, account: vodozemac.Account, device: Device, claimed: Mapping[tuple[str, str], str]
) -> vodozemac.Session | None:
    """A session with a device: a new one where a key was claimed, else the one last used."""
    key = claimed.get((device.user, device.device))
    if key is None:
        return next(iter(book.sessions(device.curve25519)), None)
    try:
        return account.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(device.curve25519),
            vodozemac.Curve25519PublicKey.from_base64(key),
        )
    except ValueError:
        return None
