"""Signing in once, and keeping the device: a homeserver knows a repeated request by it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError, Refused
from bot.platforms.base import Surroundings
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.problems import TokenRefused
from bot.platforms.matrix.settings import MatrixSettings

log = structlog.get_logger()

_KEY = "session"
_REPLACED = "device replaced"
"""Under this it is kept after which restore the device was last replaced."""
KEYS_LOST = "the keys of the device are lost"
"""The reason of a `NotSent` where the access token's device has keys that we have not."""


class _Kept(msgspec.Struct):
    """A device that we are signed in on."""

    user_id: str
    device_id: str
    access_token: str


class _Who(msgspec.Struct):
    user_id: str
    device_id: str | None = None


class _Profile(msgspec.Struct):
    displayname: str | None = None


class Session:
    """The account's sign-in: `device` and `me`, and the connection's token."""

    def __init__(
        self, settings: MatrixSettings, surroundings: Surroundings, connection: Connection
    ) -> None:
        self.me = settings.user_id
        self.device = ""
        self.display_name = ""
        self._settings = settings
        self._table = surroundings.account.replace(":", ".", 1)
        self._memory = surroundings.memory
        self._connection = connection
        self._restored = surroundings.restored
        self.stale = False
        """The keys of the device are a copy's; only who gave the token can give another device."""
        self._verified = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def signed_in(self) -> bool:
        """Whether the homeserver has accepted the token since the start."""
        return self._verified

    async def sign_in(self) -> None:
        """Sign in, on the kept device if there is one; does nothing when signed in.

        Raises `AccountRefused` with what to mend, or `NotSent` when it may work later.
        """
        async with self._one_at_a_time:
            if self._verified:
                return
            try:
                await self._enter()
            except OutcomeUnknown as error:
                raise NotSent(error.reason) from error
            self._verified = True
            self.display_name = await self._own_name()

    async def start_anew(self) -> None:
        """Sign in on a new device: what this one needs is lost. Raises `PlatformError`.

        `NotSent` where there is no password to do it with.
        """
        async with self._one_at_a_time:
            if self._settings.password is None:
                raise NotSent(KEYS_LOST)
            with suppress(PlatformError):  # else others go on writing to a device that is deaf
                await self._connection.call(dict, "POST", path("logout"), {})
            await self._log_in("")

    async def renew(self, token: str, refusal: TokenRefused) -> None:
        """After `token` was refused: sign in again, unless somebody else has done so already."""
        async with self._one_at_a_time:
            if token != self._connection.token:
                return
            self._verified = False
            if self._settings.password is not None:
                try:
                    await self._log_in(self.device if refusal.soft else "")
                except OutcomeUnknown as error:
                    raise NotSent(error.reason) from error
                self._verified = True
                return
        raise self._token_refused(refusal)

    async def _enter(self) -> None:
        if self._settings.access_token is not None:
            self._connection.token = self._settings.access_token.get_secret_value()
            try:
                await self._ask_who()
            except (TokenRefused, Refused) as error:
                raise self._token_refused(error) from error
            self.stale = await self._is_stale()
            return
        kept = await self._recall()
        if kept is not None and await self._is_stale():
            await self._replace(kept)
            return
        if kept is None:
            await self._log_in("")
            return
        self._connection.token, self.device = kept.access_token, kept.device_id
        try:
            await self._ask_who()
        except TokenRefused as refusal:
            await self._log_in(kept.device_id if refusal.soft else "")

    async def forgotten(self) -> None:
        """The stale keys are gone for good."""
        await self._memory.keep(_REPLACED, self._restored)
        self.stale = False

    async def _is_stale(self) -> bool:
        """Whether the store was put back from a copy since this device was last signed in on: it
        has used keys since then that the copy still holds.
        """
        return self._restored not in {"", await self._memory.recall(_REPLACED)}

    async def _replace(self, kept: _Kept) -> None:
        """Sign in on a new device, and sign the one of the copy out."""
        await self._log_in("")
        fresh, self._connection.token = self._connection.token, kept.access_token
        try:
            await self._connection.call(dict, "POST", path("logout"), {})
        except PlatformError as error:  # it was signed out already, or cannot be now
            log.info("device.not_signed_out", reason=error.reason)
        finally:
            self._connection.token = fresh
        await self._memory.keep(_REPLACED, self._restored)
        log.warning("device.replaced", account=self._table)

    async def _ask_who(self) -> None:
        who = await self._connection.call(_Who, "GET", path("account", "whoami"))
        if who.user_id != self.me:
            mend = f"write the account that the token belongs to as {self._table}.user_id"
            raise AccountRefused("another account's token", mend=mend)
        self.device = who.device_id or self.device

    async def _log_in(self, device: str) -> None:
        """Log in with the password; on a new device unless the old one still stands."""
        password = self._settings.password
        if password is None:
            raise self._token_refused(None)
        self._connection.token = ""
        asked: dict[str, Any] = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.me},
            "password": password.get_secret_value(),
            "initial_device_display_name": "Liaison",
        }
        if device:
            asked["device_id"] = device
        try:
            kept = await self._connection.call(_Kept, "POST", path("login"), asked)
        except Refused as error:
            raise self._password_refused(error) from error
        await self._memory.keep(_KEY, msgspec.json.encode(kept).decode())
        self._connection.token, self.device = kept.access_token, kept.device_id

    async def _recall(self) -> _Kept | None:
        text = await self._memory.recall(_KEY)
        try:
            kept = msgspec.json.decode(text or "", type=_Kept)
        except msgspec.MsgspecError:
            return None
        return kept if kept.user_id == self.me else None

    async def _own_name(self) -> str:
        """What the bot is called, "" if that cannot be found out now."""
        try:
            where = path("profile", self.me, "displayname")
            profile = await self._connection.call(_Profile, "GET", where, wait=5.0)
        except PlatformError:
            return ""
        return profile.displayname or ""

    def _password_refused(self, error: PlatformError) -> AccountRefused:
        mend = (
            f"the homeserver refused {self._table}.password for {self.me}: set it to the account's "
            "password, or reset that on the homeserver; if it has no login by password, take "
            f"{self._table}.access_token instead"
        )
        return AccountRefused(error.reason, mend=mend)

    def _token_refused(self, error: PlatformError | None) -> AccountRefused:
        mend = (
            f"the homeserver refused {self._table}.access_token for {self.me}: sign in as it in a "
            "client and copy its access token, or set "
            f"{self._table}.password instead"
        )
        return AccountRefused(error.reason if error else "M_UNKNOWN_TOKEN", mend=mend)
