"""Encrypted files, decrypted piece by piece: AES-CTR, and the hash at the end."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncIterator

from Crypto.Cipher import AES

from bot.errors import Refused
from bot.platforms.matrix.attachments import Key


async def unlock(chunks: AsyncIterator[bytes], key: Key) -> AsyncIterator[bytes]:
    """The file that is encrypted in these bytes (client-server API, "Extensions to m.room.message
    msgtypes": AES-CTR with 256 bits, whose counter is the last 64 bits of `iv`).

    Raises `Refused` where the key is none or the bytes are not those that were hashed. The last
    piece comes after the hash was compared, so that whoever stops there has no whole file.
    """
    secret, start, expected = _bytes(key.key, 32), _bytes(key.iv, 16), _bytes(key.sha256, 32)
    cipher = AES.new(
        secret, AES.MODE_CTR, nonce=start[:8], initial_value=int.from_bytes(start[8:], "big")
    )
    digest, held = hashlib.sha256(), b""
    async for chunk in chunks:
        digest.update(chunk)
        if held:
            yield cipher.decrypt(held)
        held = chunk
    if not hmac.compare_digest(digest.digest(), expected):
        raise Refused("file damaged")
    if held:
        yield cipher.decrypt(held)


def _bytes(text: str, length: int) -> bytes:
    """Base64 of either alphabet, with or without padding; raises `Refused` where it is none."""
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        found = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("file without a key") from error
    if len(found) != length:
        raise Refused("file without a key")
    return found
