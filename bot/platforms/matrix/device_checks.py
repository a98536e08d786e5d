"""What `liaison check` says of devices: our own, and those of the people in encrypted rooms."""

from __future__ import annotations

from pathlib import Path

from bot.errors import PlatformError
from bot.events import RoomId
from bot.platforms.base import Finding
from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.crosssigning import CrossSigning, Unsigned
from bot.platforms.matrix.crypto.devices import query, read_devices, read_owner
from bot.platforms.matrix.crypto.rooms import present
from bot.platforms.matrix.session import Session
from bot.platforms.matrix.settings import MatrixSettings
from bot.platforms.matrix.wire import Page

_NAMED = 10
"""Devices that are named; of more it is said how many there are."""


class DeviceChecks:
    """Asks the homeserver about devices; opens no keys and changes nothing."""

    def __init__(
        self,
        account: str,
        settings: MatrixSettings,
        session: Session,
        connection: Connection,
        keys: Path | None,
    ) -> None:
        """`keys`: the file of our device's keys, None where there is no place for one."""
        self._account = account
        self._refuses = settings.unverified_devices == "refuse"
        key = settings.recovery_key
        self._signing = CrossSigning(connection, key.get_secret_value()) if key else None
        self._session = session
        self._connection = connection
        self._keys = keys

    async def own(self) -> list[Finding]:
        """Whether our device's keys are there, and whether its account has signed it."""
        me, device = self._session.me, self._session.device
        try:
            told = await query(self._connection, [me])
        except PlatformError:
            return []  # a homeserver without encryption
        owner = read_owner(me, told)
        found: list[Finding] = []
        ours = owner.devices.get(device)
        if ours is not None and self._keys is not None and not self._keys.exists():
            mend = (
                f"the keys of the device are not in {self._keys}: put them back from the backup; "
                "else the next `liaison run` signs in on a new device, or, with an access token, "
                "make a new token"
            )
            found.append(Finding(f"{self._account}: keys of the device", ok=False, mend=mend))
        if self._signing is None or ours is None:
            return found
        what = f"{self._account}: device signed by its account"
        if ours.verified:
            return [*found, Finding(what, ok=True)]
        mend = "start `liaison run`, which signs it"
        try:
            await self._signing.key(me, owner.signing)
        except Unsigned as error:
            mend = str(error)
        except PlatformError as error:
            mend = f"try again ({error.reason})"
        return [*found, Finding(what, ok=False, mend=mend)]

    async def room(self, room: RoomId, actual: str) -> Finding:
        """Whether every device of those in an encrypted room is verified by its owner."""
        what = f"{room}: every device is verified"
        where = path("rooms", actual, "members", not_membership="leave")
        try:
            people = present(await self._connection.call(Page, "GET", where))
            owners = await read_devices(self._connection, people)
        except PlatformError as error:
            return Finding(what, ok=False, mend=f"the devices cannot be read ({error.reason})")
        devices = [d for owner in owners.values() for d in owner.devices.values()]
        open_ones = [d for d in devices if not d.verified]
        if not open_ones:
            return Finding(what, ok=True)
        if not self._refuses:
            counted = f"{len(open_ones)} of {len(devices)} devices are not verified, and accepted"
            return Finding(f"{room}: {counted}", ok=True)
        named = ", ".join(f"{d.user} ({d.device})" for d in open_ones[:_NAMED])
        more = f" and {len(open_ones) - _NAMED} more" if len(open_ones) > _NAMED else ""
        mend = (
            f"not verified: {named}{more}; they are given no keys, and what they say is not passed "
            "on; their owners verify them in a client"
        )
        if any(d.user == self._session.me for d in open_ones) and self._signing is None:
            mend += f", the bot's by {self._account.replace(':', '.', 1)}.recovery_key"
        return Finding(what, ok=False, mend=mend)
