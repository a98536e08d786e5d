"""Whose devices there are, with which keys, and which of them their owners have verified."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.platforms.matrix.connection import Connection, path
from bot.platforms.matrix.crypto.keystore import Keystore
from bot.platforms.matrix.crypto.olm import MEGOLM, OLM, Peer
from bot.platforms.matrix.crypto.signing import is_signed
from bot.platforms.matrix.envelope import as_list, as_object

log = structlog.get_logger()

_MOST = 200
"""People who are asked for in one request."""
_UNREACHED = 60.0
"""Seconds until the devices of people whose server did not answer are asked for again."""


@dataclass(frozen=True, slots=True)
class Device(Peer):
    """A device. `verified`: signed by the keys with which its owner signs what is theirs."""

    verified: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """A person's devices, and the key with which they sign them; "" where there is none."""

    devices: Mapping[str, Device]
    signing: str = ""

    def by_key(self, curve25519: str) -> Device | None:
        """The device with this key."""
        return next((d for d in self.devices.values() if d.curve25519 == curve25519), None)


class Devices:
    """The devices of people, asked for when they are needed, and again when they change.

    What is known lives as long as this does: after a start everybody is asked for anew, so that
    no change is missed. Only the devices' signing keys are kept for good: a device whose key is
    another one than before is none.
    """

    def __init__(self, connection: Connection, keystore: Keystore) -> None:
        self._connection = connection
        self._keystore = keystore
        self._known: dict[str, Owner] = {}
        self._fresh: dict[str, float] = {}
        """Who need not be asked for, until when."""
        self._changes = 0

    def outdate(self, people: Iterable[str]) -> None:
        """Their devices have changed."""
        self._changes += 1
        for person in people:
            self._fresh.pop(person, None)

    async def of(self, people: Collection[str]) -> dict[str, Owner]:
        """The devices of these people; raises `PlatformError`."""
        while stale := [p for p in people if self._fresh.get(p, 0.0) < time.monotonic()]:
            await self._ask(stale[:_MOST])
        return {person: self._known.get(person, Owner({})) for person in people}

    async def _ask(self, people: list[str]) -> None:
        changes = self._changes
        told = await query(self._connection, people)
        found = {person: read_owner(person, told) for person in people}
        pinned = await self._pinned(found)
        for person, owner in pinned.items():
            server = person.partition(":")[2]
            unreached = person not in as_object(told.get("device_keys")) and (
                server in as_object(told.get("failures"))
            )
            if not unreached:
                self._known[person] = owner
            again = time.monotonic() + _UNREACHED if unreached else float("inf")
            # what changed while we asked may not be in the answer
            self._fresh[person] = again if changes == self._changes else time.monotonic() + 1.0

    async def _pinned(self, found: dict[str, Owner]) -> dict[str, Owner]:
        devices = [d for owner in found.values() for d in owner.devices.values()]
        bad = await self._keystore.run(
            lambda book: {
                (d.user, d.device) for d in devices if not book.pin(d.user, d.device, d.ed25519)
            }
        )
        if bad:
            log.warning("devices.keys_changed", count=len(bad))
        return {
            person: Owner(
                {d: each for d, each in owner.devices.items() if (person, d) not in bad},
                owner.signing,
            )
            for person, owner in found.items()
        }


async def query(connection: Connection, people: Collection[str]) -> dict[str, Any]:
    """The homeserver's answer about people's keys; raises `PlatformError`."""
    asked: dict[str, Any] = {"device_keys": {person: [] for person in people}}
    return await connection.call(dict, "POST", path("keys", "query"), asked)


async def read_devices(connection: Connection, people: Collection[str]) -> dict[str, Owner]:
    """The devices of people as they are now; raises `PlatformError`."""
    told: dict[str, Owner] = {}
    everybody = list(people)
    for start in range(0, len(everybody), _MOST):
        some = everybody[start : start + _MOST]
        answer = await query(connection, some)
        told |= {person: read_owner(person, answer) for person in some}
    return told


def read_owner(user: str, told: Mapping[str, Any]) -> Owner:
    """A person's devices in an answer to `/keys/query`: those that are signed as they must be."""
    signing = self_signing_key(user, told)
    devices = as_object(as_object(told.get("device_keys")).get(user))
    found = (_device(user, name, as_object(keys), signing) for name, keys in devices.items())
    return Owner({device.device: device for device in found if device is not None}, signing)


def self_signing_key(user: str, told: Mapping[str, Any]) -> str:
    """The key with which a person signs their devices, if their master key has signed it; or ""."""
    master = as_object(as_object(told.get("master_keys")).get(user))
    own = as_object(as_object(told.get("self_signing_keys")).get(user))
    root, signing = only_key(master), only_key(own)
    if master.get("user_id") != user or own.get("user_id") != user:
        return ""
    return signing if is_signed(own, user, f"ed25519:{root}", root) else ""


def only_key(keys: Mapping[str, Any]) -> str:
    """The one key that a cross-signing key's object holds, or ""."""
    found = [key for key in as_object(keys.get("keys")).values() if isinstance(key, str)]
    return found[0] if len(found) == 1 else ""


def _device(user: str, name: str, keys: Mapping[str, Any], signing: str) -> Device | None:
    owned = as_object(keys.get("keys"))
    ed25519, curve25519 = owned.get(f"ed25519:{name}"), owned.get(f"curve25519:{name}")
    if keys.get("user_id") != user or keys.get("device_id") != name:
        return None
    if not isinstance(ed25519, str) or not isinstance(curve25519, str):
        return None
    if not {OLM, MEGOLM} <= {str(each) for each in as_list(keys.get("algorithms"))}:
        return None
    if not is_signed(keys, user, f"ed25519:{name}", ed25519):
        return None
    verified = bool(signing) and is_signed(keys, user, f"ed25519:{signing}", signing)
    return Device(user, name, ed25519, curve25519, verified)
