"""Pictures without what is not seen of them: who made them, where, with what. Pure, as a stream.

JPEG keeps what is needed to decode it (ITU-T T.81, annex B) and the segments APP0 (JFIF) and APP14
(Adobe, how its colours are meant); Exif, XMP, IPTC, comments, colour profiles and what follows the
end go. A picture that a camera held upright by a note in its Exif is shown as it was taken. PNG
keeps the critical chunks and those that say how it looks (W3C PNG, third edition).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.errors import Refused

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_KEPT_SEGMENTS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, *range(0xC4, 0xD0), *range(0xDA, 0xE0)}) | {
    0xE0, 0xEE,
}  # fmt: skip
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a segment: restarts, and TEM."""
_KEPT_CHUNKS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
     b"pHYs", b"cICP", b"acTL", b"fcTL", b"fdAT"}
)  # fmt: skip
_NO_TEXT = (b"%PDF", b"{\\rtf", b"<", b"PK")
_HEAD = 8
METADATA = "may say who made it"
"""The reason of a `Refused` for a file that is not what it was said to be."""


@asynccontextmanager
async def opened_bare(
    opened: AbstractAsyncContextManager[AsyncIterator[bytes]],
) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """A file that was opened, without what is not seen of it."""
    async with opened as pieces:
        yield bare(pieces)


async def bare(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """A JPEG or PNG without what is not seen, or a plain text as it is. Raises `Refused` for
    everything else.
    """
    source = _Source(pieces)
    head = await source.peek(_HEAD)
    if head.startswith(_JPEG):
        rest = _jpeg(source)
    elif head == _PNG:
        rest = _png(source)
    else:
        rest = _text(source)
    async for piece in rest:
        yield piece


class _Source:
    """A stream of bytes that is read in amounts."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self.held = b""

    async def more(self) -> bool:
        """Hold one piece more; False at the end."""
        async for piece in self._pieces:
            self.held += piece
            return True
        return False

    async def peek(self, count: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self.held) < count and await self.more():
            pass
        return self.held[:count]

    async def take(self, count: int) -> bytes:
        """The next bytes; raises `Refused` where there are fewer."""
        found = await self.peek(count)
        if len(found) < count:
            raise Refused("cut short")
        self.held = self.held[count:]
        return found

    async def drain(self) -> None:
        """Read on to the end, and keep nothing of it: a stream is closed when it was read."""
        self.held = b""
        while await self.more():
            self.held = b""


async def _jpeg(source: _Source) -> AsyncGenerator[bytes, None]:
    yield await source.take(2)
    while True:
        if (await source.take(1)) != b"\xff":
            raise Refused("no such picture")
        marker = (await source.take(1))[0]
        while marker == 0xFF:
            marker = (await source.take(1))[0]
        if marker == _END_OF_IMAGE:
            yield b"\xff\xd9"
            await source.drain()
            return
        if marker in _BARE_MARKERS:
            yield bytes((0xFF, marker))
            continue
        length = await source.take(2)
        segment = await source.take(max(int.from_bytes(length), 2) - 2)
        if marker in _KEPT_SEGMENTS:
            yield bytes((0xFF, marker)) + length + _plain_jfif(marker, segment)
        if marker == _START_OF_SCAN:
            async for piece in _scan(source):
                yield piece


def _plain_jfif(marker: int, segment: bytes) -> bytes:
    """An APP0 that is no JFIF (an extension with a small picture in it) is left empty."""
    keeps = marker != 0xE0 or segment.startswith(b"JFIF\0")
    return segment if keeps else bytes(len(segment))


async def _scan(source: _Source) -> AsyncGenerator[bytes, None]:
    """What is coded, until the next marker that is none of its own."""
    while True:
        at = source.held.find(b"\xff")
        if at < 0:
            piece, source.held = source.held, b""
            yield piece
            if not await source.more():
                raise Refused("cut short")
            continue
        yield await source.take(at)
        following = await source.peek(2)
        if len(following) < 2:
            raise Refused("cut short")
        if following[1] == 0 or following[1] in _BARE_MARKERS:
            yield await source.take(2)
        elif following[1] == 0xFF:
            yield await source.take(1)
        else:
            return


async def _png(source: _Source) -> AsyncGenerator[bytes, None]:
    yield await source.take(len(_PNG))
    while True:
        head = await source.take(8)
        kind, left = head[4:], int.from_bytes(head[:4]) + 4
        kept = kind in _KEPT_CHUNKS
        if kept:
            yield head
        while left:
            if not source.held and not await source.more():
                raise Refused("cut short")
            piece = await source.take(min(left, len(source.held)))
            left -= len(piece)
            if kept:
                yield piece
        if kind == b"IEND":
            await source.drain()
            return


async def _text(source: _Source) -> AsyncGenerator[bytes, None]:
    head = (await source.peek(512)).lstrip()
    if head.startswith(_NO_TEXT):
        raise Refused(METADATA)
    while source.held or await source.more():
        piece, source.held = source.held, b""
        if b"\0" in piece:
            raise Refused(METADATA)
        yield piece
