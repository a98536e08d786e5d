"""Cross-signing keys and secret storage for an account, as a client sets them up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.platforms.matrix.crypto.secrets import ALGORITHM, seal_secret
from bot.platforms.matrix.crypto.signing import SigningKey, unpadded
from tests.bot.platforms.matrix.house import PASSWORD, Friend

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
WRONG = "EsTj 3yST y93F SLpB jJsz eAXc 2XzA ygD3 w69H fGaN TKBj jXEd"


@dataclass
class Keys:
    """An account's key for its devices, and the seed that it was made from."""

    own: bytes

    async def sign(self, owner: Friend, device: str) -> None:
        """Verify a device of the owner's."""
        told = await owner.call("POST", "keys/query", {"device_keys": {owner.id: []}})
        keys = told["device_keys"][owner.id][device]
        key = SigningKey(self.own)
        bare = {k: v for k, v in keys.items() if k not in {"signatures", "unsigned"}}
        signed = _signed(bare, owner.id, key)
        body = {owner.id: {device: signed}}
        assert (await owner.call("POST", "keys/signatures/upload", body))["failures"] == {}


async def cross_sign(owner: Friend) -> Keys:
    """Give an account a master key, and one for its devices that the master has signed."""
    master, own = SigningKey(secrets.token_bytes(32)), secrets.token_bytes(32)
    signing = SigningKey(own)
    name = owner.id
    body: dict[str, Any] = {
        "master_key": _key(name, "master", master),
        "self_signing_key": _signed(_key(name, "self_signing", signing), name, master),
        "auth": {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": PASSWORD,
        },
    }
    status, told = await owner.ask("POST", "keys/device_signing/upload", body)
    if status == 401:
        body["auth"]["session"] = told["session"]
        status, told = await owner.ask("POST", "keys/device_signing/upload", body)
    assert status == 200, told
    return Keys(own)


async def store_secret(owner: Friend, seed: bytes) -> str:
    """Put a key for devices into an account's secret storage; the recovery key, as shown."""
    key, iv = secrets.token_bytes(32), bytes(8) + secrets.token_bytes(8)
    _, mac = seal_secret(key, "", "\0" * 32, iv)
    described = {"algorithm": ALGORITHM, "iv": unpadded(iv), "mac": unpadded(mac)}
    await _put(owner, "m.secret_storage.key.K1", described)
    await _put(owner, "m.secret_storage.default_key", {"key": "K1"})
    name = "m.cross_signing.self_signing"
    ciphertext, mac = seal_secret(key, name, unpadded(seed), iv)
    kept = {"iv": unpadded(iv), "ciphertext": unpadded(ciphertext), "mac": unpadded(mac)}
    await _put(owner, name, {"encrypted": {"K1": kept}})
    return _shown(key)


async def _put(owner: Friend, kind: str, content: object) -> None:
    await owner.call("PUT", f"user/{owner.id}/account_data/{kind}", content)


def _key(user: str, usage: str, key: SigningKey) -> dict[str, Any]:
    return {"user_id": user, "usage": [usage], "keys": {f"ed25519:{key.public}": key.public}}


def _signed(value: dict[str, Any], user: str, key: SigningKey) -> dict[str, Any]:
    return {**value, "signatures": {user: {f"ed25519:{key.public}": key.sign(value)}}}


def _shown(key: bytes) -> str:
    whole = b"\x8b\x01" + key
    parity = 0
    for byte in whole:
        parity ^= byte
    number, text = int.from_bytes(whole + bytes([parity]), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return text
