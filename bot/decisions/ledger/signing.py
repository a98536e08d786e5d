"""Signing heads (Ed25519, RFC 8032), and what is signed. Pure."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def statement(series: str, entry: int, own: str) -> bytes:
    """What is signed and time-stamped of a head: a line that people can read."""
    return f"liaison: the ledger of {series} has {entry} entries, its head is {own}\n".encode()


class Signer:
    """Signs heads with one key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        """The 32 bytes by which anybody can verify."""

    def sign(self, series: str, entry: int, own: str) -> bytes:
        """The 64 bytes of a signature."""
        return self._key.sign(statement(series, entry, own))


def is_signed(public: bytes, signature: bytes, series: str, entry: int, own: str) -> bool:
    """Whether a signature is that key's, over this head."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature, statement(series, entry, own))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_pem(public: bytes) -> bytes:
    """A public key as openssl reads it."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
