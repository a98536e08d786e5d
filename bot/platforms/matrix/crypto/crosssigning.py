"""Signing our own device with its account's keys, so that others see it verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bot.errors import Refused
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.devices import query, self_signing_key
from bot.platforms.matrix.crypto.olm import Myself
from bot.platforms.matrix.crypto.secrets import open_secret, opens
from bot.platforms.matrix.crypto.signing import SigningKey, decoded, is_signed
from bot.platforms.matrix.envelope import as_object
from bot.platforms.matrix.recovery import read_recovery_key

log = structlog.get_logger()

SECRET = "m.cross_signing.self_signing"  # noqa: S105  a name
"""The one secret that is fetched: with it devices are signed, and nobody else's identity."""

NO_KEYS = (
    "the account has no cross-signing keys: sign in as it in a client, set up secure backup "
    "there, and give the recovery key that it shows"
)
NO_STORAGE = (
    "the account's keys are not in its secret storage: sign in as it in a client, set up secure "
    "backup there, and give the recovery key that it shows"
)
WRONG_KEY = "the recovery key is not the one of the account's secret storage: give the newest"


class Unsigned(Exception):
    """The device cannot be signed; the text says how to mend it."""


class CrossSigning:
    """Signs the account's own device with the key that its recovery key gives access to."""

    def __init__(self, connection: Connection, recovery_key: str) -> None:
        self._connection = connection
        self._recovery_key = recovery_key

    async def sign(self, me: Myself) -> None:
        """Sign our device, if it is not; raises `PlatformError`. Where it cannot be, says so."""
        told = await query(self._connection, [me.user])
        keys = as_object(as_object(as_object(told.get("device_keys")).get(me.user)).get(me.device))
        public = self_signing_key(me.user, told)
        if public and is_signed(keys, me.user, f"ed25519:{public}", public):
            return
        try:
            key = await self.key(me.user, public)
        except Unsigned as error:
            log.error("device.unsigned", mend=str(error))  # noqa: TRY400  the words say it all
            return
        signed = {
            **me.keys,
            "signatures": {me.user: {f"ed25519:{public}": key.sign(me.keys)}},
        }
        body = {me.user: {me.device: signed}}
        answer = await self._connection.call(
            dict, "POST", path("keys", "signatures", "upload"), body
        )
        if answer.get("failures"):
            log.error("device.signature_refused")
            return
        log.info("device.signed")

    async def key(self, user: str, public: str) -> SigningKey:
        """The key with which devices are signed, whose public half is `public` ("" where the
        account has none); raises `Unsigned` or `PlatformError`.
        """
        if not public:
            raise Unsigned(NO_KEYS)
        storage = (await self._data(user, "m.secret_storage.default_key")).get("key")
        if not isinstance(storage, str):
            raise Unsigned(NO_STORAGE)
        described = await self._data(user, f"m.secret_storage.key.{storage}")
        encrypted = as_object((await self._data(user, SECRET)).get("encrypted"))
        kept = as_object(encrypted.get(storage))
        if not described or not kept:
            raise Unsigned(NO_STORAGE)
        secret = read_recovery_key(self._recovery_key)
        if not opens(secret, described):
            raise Unsigned(WRONG_KEY)
        try:
            key = SigningKey(decoded(open_secret(secret, SECRET, kept)))
        except ValueError as error:
            raise Unsigned(WRONG_KEY) from error
        if key.public != public:
            raise Unsigned(NO_STORAGE)
        return key

    async def _data(self, user: str, kind: str) -> Mapping[str, Any]:
        """A piece of the account's data, an empty object if there is none."""
        try:
            where = path("user", user, "account_data", kind)
            return await self._connection.call(dict, "GET", where)
        except Refused as error:
            if error.reason != "M_NOT_FOUND":
                raise
            return {}
