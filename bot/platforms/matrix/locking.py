"""Files for encrypted rooms, encrypted piece by piece: AES-CTR, and the hash of what is sent."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator

from Crypto.Cipher import AES

from bot.platforms.matrix.attachments import Key


class Lock:
    """Encrypts one file with a key of its own (client-server API, "Sending encrypted
    attachments": AES-CTR with 256 bits, whose counter is the last 64 bits and begins at 0).
    """

    def __init__(self) -> None:
        self._secret, self._nonce = secrets.token_bytes(32), secrets.token_bytes(8)
        self._digest = hashlib.sha256()

    async def lock(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same pieces, encrypted: as many bytes as before."""
        cipher = AES.new(self._secret, AES.MODE_CTR, nonce=self._nonce, initial_value=0)
        async for chunk in chunks:
            locked = cipher.encrypt(chunk)
            self._digest.update(locked)
            yield locked

    def key(self) -> Key:
        """What the file is opened with, once all of it was encrypted."""
        secret = base64.urlsafe_b64encode(self._secret).decode().rstrip("=")
        start, digest = _unpadded(self._nonce + bytes(8)), _unpadded(self._digest.digest())
        return Key(secret, start, digest)


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
