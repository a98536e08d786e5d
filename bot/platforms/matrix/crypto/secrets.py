"""Secret storage: what an account keeps on its homeserver, opened with its recovery key.

Client-server API, "Storage" of "Secrets" (`m.secret_storage.v1.aes-hmac-sha2`). Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from Crypto.Cipher import AES
from Crypto.Cipher._mode_ctr import CtrMode
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF

from bot.platforms.matrix.crypto.signing import decoded

ALGORITHM = "m.secret_storage.v1.aes-hmac-sha2"


def opens(key: bytes, described: Mapping[str, Any]) -> bool:
    """Whether a key is the one that an account's `m.secret_storage.key.ID` describes."""
    if described.get("algorithm") != ALGORITHM:
        return False
    if "mac" not in described:
        return True  # older clients gave none: the secret's own MAC tells
    try:
        iv, expected = decoded(described.get("iv")), decoded(described.get("mac"))
    except ValueError:
        return False
    _, mac = _sealed(key, "", iv, bytes(32))
    return hmac.compare_digest(mac, expected)


def open_secret(key: bytes, name: str, encrypted: Mapping[str, Any]) -> str:
    """A secret by its name; raises `ValueError` where it does not open with this key."""
    iv, mac = decoded(encrypted.get("iv")), decoded(encrypted.get("mac"))
    ciphertext = decoded(encrypted.get("ciphertext"))
    aes, hmac_key = _keys(key, name)
    if not hmac.compare_digest(hmac.digest(hmac_key, ciphertext, "sha256"), mac):
        raise ValueError("the secret is another key's")
    return _cipher(aes, iv).decrypt(ciphertext).decode()


def seal_secret(key: bytes, name: str, secret: str, iv: bytes) -> tuple[bytes, bytes]:
    """A secret's ciphertext and MAC, as `open_secret` opens them."""
    return _sealed(key, name, iv, secret.encode())


def _sealed(key: bytes, name: str, iv: bytes, plain: bytes) -> tuple[bytes, bytes]:
    aes, hmac_key = _keys(key, name)
    ciphertext = _cipher(aes, iv).encrypt(plain)
    return ciphertext, hmac.digest(hmac_key, ciphertext, hashlib.sha256)


def _keys(key: bytes, name: str) -> tuple[bytes, bytes]:
    derived = HKDF(key, 64, bytes(32), SHA256, context=name.encode())
    if not isinstance(derived, bytes):
        raise TypeError("one key was asked for")
    return derived[:32], derived[32:]


def _cipher(aes: bytes, iv: bytes) -> CtrMode:
    if len(iv) != 16:
        raise ValueError("no initialisation vector")
    return AES.new(aes, AES.MODE_CTR, nonce=iv[:8], initial_value=int.from_bytes(iv[8:], "big"))
