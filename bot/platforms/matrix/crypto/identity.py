"""Our device among its account's: made, published, kept; and noticed when it was lost."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from pathlib import Path
from typing import Any

import structlog
import vodozemac

from bot.events import AccountId
from bot.platforms.base import Memory
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.book import Book
from bot.platforms.matrix.crypto.devices import query
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.olm import (
    Myself,
    fallback_keys,
    myself,
    one_time_keys,
    own_keys,
)
from bot.platforms.matrix.envelope import as_object
from bot.platforms.matrix.session import Session

log = structlog.get_logger()

FEW = 40
"""One-time keys that the homeserver should have: an account holds the secret halves of 50."""
_PICKLE_KEY = "keys"
"""Under this the store keeps the key that the file of keys is encrypted with: a file without its
database opens nothing, and one that belongs to another database is known by it."""


def file_of(folder: Path, account: AccountId) -> Path:
    """Where an account's keys are kept, in the database's folder."""
    return folder / f"{account.replace(':', '.', 1)}.keys"


class Identity:
    """The device's account: `me` once `begin` has succeeded."""

    def __init__(
        self, session: Session, connection: Connection, memory: Memory, keystore: Keystore
    ) -> None:
        self.me: Myself | None = None
        self._session = session
        self._connection = connection
        self._memory = memory
        self._keystore = keystore
        self._one_at_a_time = asyncio.Lock()

    @property
    def is_current(self) -> bool:
        """Whether `me` is the device that the account is signed in on."""
        return self.me is not None and self.me.device == self._session.device

    async def begin(self) -> Myself:
        """Be somebody: open what is kept for the session's device, or begin anew.

        Where the homeserver knows keys of the device that are not in the file, they are lost: the
        account signs in on a new device if it can. Raises `PlatformError`.
        """
        async with self._one_at_a_time:
            if self.me is None or not self.is_current:
                self.me = await self._begin()
            return self.me

    async def _begin(self) -> Myself:
        self._keystore.use(self._session.device, await self._pickle_key())
        if not await self._keystore.run(lambda book: book.belongs()):
            log.warning("keys.of_another_database")
            await self._keystore.set_aside()
            await self._keystore.run(lambda book: book.belongs())
        if self._session.stale:
            await self._keystore.run(lambda book: book.forget_account())
            await self._session.forgotten()
        found = await self._keystore.run(lambda book: book.account())
        account = found[0] if found else await self._make()
        return myself(account, self._session.me, self._session.device)

    async def _make(self) -> vodozemac.Account:
        if await self._is_published():
            log.error("keys.lost", mend="the keys of this device were not beside the database")
            await self._session.start_anew()
            self._keystore.use(self._session.device, await self._pickle_key())
        account = vodozemac.Account()
        await self._keystore.run(lambda book: book.keep_account(account, published=False))
        return account

    async def _is_published(self) -> bool:
        told = await query(self._connection, [self._session.me])
        devices = as_object(as_object(told.get("device_keys")).get(self._session.me))
        return self._session.device in devices

    async def publish(self, there: int | None, *, fallback: bool = False) -> None:
        """Publish what the homeserver has not: the device's keys at first, and one-time keys until
        it has `FEW`. `there`: how many it has, None where that is not known. Raises
        `PlatformError`.
        """
        user, device = self._session.me, self._session.device

        def prepare(book: Book) -> dict[str, Any]:
            account, published = _need(book)
            me, body = myself(account, user, device), dict[str, Any]()
            wanted = FEW if not published else FEW - (FEW if there is None else there)
            if wanted > 0:
                if not account.one_time_keys:  # else those that an upload lost are offered again
                    account.generate_one_time_keys(wanted)
                body["one_time_keys"] = one_time_keys(account, me)
            if not published or fallback:
                account.generate_fallback_key()  # type: ignore[attr-defined]  # absent from its stubs
                body["fallback_keys"] = fallback_keys(account, me)
            if not published:
                body["device_keys"] = own_keys(account, me)
            if body:
                book.keep_account(account, published=published)
            return body

        body = await self._keystore.run(prepare)
        if body:
            await self._connection.call(dict, "POST", path("keys", "upload"), body)
            await self._keystore.run(_note_published)

    async def _pickle_key(self) -> bytes:
        kept = await self._memory.recall(_PICKLE_KEY)
        try:
            key = base64.b64decode(kept or "", validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            key = secrets.token_bytes(32)
            await self._memory.keep(_PICKLE_KEY, base64.b64encode(key).decode())
        return key


def _need(book: Book) -> tuple[vodozemac.Account, bool]:
    found = book.account()
    if found is None:
        raise LookupError("no account")
    return found


def _note_published(book: Book) -> None:
    account, _ = _need(book)
    account.mark_keys_as_published()
    book.keep_account(account, published=True)
