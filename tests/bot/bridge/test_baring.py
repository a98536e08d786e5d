"""Pictures pass without what is not seen of them, however the bytes are cut."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

import pytest

from bot.bridge.baring import bare
from bot.errors import Refused


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content).to_bytes(4)
    return len(content).to_bytes(4) + kind + content + crc


JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
TABLES = segment(0xDB, bytes(65)) + segment(0xC2, bytes(9)) + segment(0xC4, bytes(20))
SCAN = segment(0xDA, bytes(6)) + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\x00\x78"
SECRET = b"Ada, CERT Alpha"
JPEG = (
    b"\xff\xd8" + JFIF + segment(0xE1, b"Exif\0\0" + SECRET) + segment(0xED, b"IPTC" + SECRET)
    + segment(0xE2, b"ICC" + SECRET) + segment(0xFE, SECRET) + TABLES + SCAN
    + segment(0xE1, SECRET) + SCAN + b"\xff\xd9" + SECRET
)  # fmt: skip
BARE_JPEG = b"\xff\xd8" + JFIF + TABLES + SCAN + SCAN + b"\xff\xd9"
SIGN = b"\x89PNG\r\n\x1a\n"
PNG = (
    SIGN + chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b"Author\0" + SECRET)
    + chunk(b"eXIf", SECRET) + chunk(b"tIME", bytes(7)) + chunk(b"iTXt", SECRET)
    + chunk(b"pHYs", bytes(9)) + chunk(b"IDAT", b"x" * 3000) + chunk(b"IEND", b"") + SECRET
)  # fmt: skip
BARE_PNG = (
    SIGN + chunk(b"IHDR", bytes(13)) + chunk(b"pHYs", bytes(9)) + chunk(b"IDAT", b"x" * 3000)
    + chunk(b"IEND", b"")
)  # fmt: skip


def bared(content: bytes, size: int) -> bytes:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]

    async def read() -> bytes:
        return b"".join([piece async for piece in bare(pieces())])

    return asyncio.run(read())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
@pytest.mark.parametrize(("whole", "left"), [(JPEG, BARE_JPEG), (PNG, BARE_PNG)])
def test_what_is_seen_is_left_and_nothing_else(whole: bytes, left: bytes, size: int) -> None:
    assert SECRET not in left
    assert bared(whole, size) == left


def test_a_plain_text_passes_as_it_is() -> None:
    assert bared("Möwe, 1;2\n".encode() * 500, 100) == "Möwe, 1;2\n".encode() * 500
    assert bared(b"", 100) == b""


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"PK\x03\x04", b"{\\rtf1", b"\n<?xml", b"plain\0", JPEG[:-40], PNG[:-40],
     b"\xff\xd8\xff", b"GIF89a\0"],
)  # fmt: skip
def test_what_it_was_not_said_to_be_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        bared(content, 5)
