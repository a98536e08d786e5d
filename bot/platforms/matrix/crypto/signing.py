"""Canonical JSON, base64 without padding, and Ed25519 signatures on JSON. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import vodozemac
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from bot.platforms.matrix.envelope import as_object


def canonical(value: Any) -> bytes:
    """A value as canonical JSON (Matrix specification, appendix "Canonical JSON")."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def unpadded(data: bytes) -> str:
    """Base64 without padding, as the specification writes keys and signatures."""
    return base64.b64encode(data).decode().rstrip("=")


def decoded(text: Any) -> bytes:
    """What is written in base64, with or without padding; raises `ValueError` where it is none."""
    if not isinstance(text, str):
        raise ValueError("not base64")  # noqa: TRY004  one error for whatever it is
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def signed_bytes(value: Mapping[str, Any]) -> bytes:
    """The bytes of an object that its signatures are about."""
    return canonical({k: v for k, v in value.items() if k not in {"signatures", "unsigned"}})


def is_signed(value: Mapping[str, Any], user: str, key_id: str, public: str) -> bool:
    """Whether a user's key (`ed25519:…`, in base64) has signed an object."""
    signature = as_object(as_object(value.get("signatures")).get(user)).get(key_id)
    if not isinstance(signature, str):
        return False
    try:
        key = vodozemac.Ed25519PublicKey.from_base64(public)
        key.verify_signature(signed_bytes(value), vodozemac.Ed25519Signature.from_base64(signature))
    except (ValueError, UnicodeEncodeError):
        return False
    return True


class SigningKey:
    """An Ed25519 key that we hold the secret half of; vodozemac makes none from a seed."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: its 32 bytes; raises `ValueError` where they are none."""
        self._key = ECC.construct(curve="Ed25519", seed=seed)  # type: ignore[arg-type]  # its stubs are wrong
        raw = self._key.public_key().export_key(format="raw")
        self.public = unpadded(bytes(raw))

    def sign(self, value: Mapping[str, Any]) -> str:
        """The signature on an object."""
        return unpadded(eddsa.new(self._key, "rfc8032").sign(signed_bytes(value)))
