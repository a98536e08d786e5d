"""Bytes streamed into a workspace, where nobody sees them yet."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from typing import IO

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import File
from bot.platforms.base import OpenFile
from bot.platforms.slack import markup
from bot.platforms.slack.outbound import LARGEST_FILE
from bot.platforms.slack.web import Web

_LONGEST_NAME = 200
"""Characters of a file's name."""
_PIECE = 64 * 1024


class Store:
    """Takes files for one workspace."""

    def __init__(self, web: Web, open_file: OpenFile) -> None:
        self._web = web
        self._open_file = open_file

    async def upload(self, file: File) -> str:
        """Upload a file; its new id. Raises `PlatformError`, its home's or ours."""
        if file.size:
            try:
                async with self._open_file(file) as source:
                    return await self._put(file, file.size, source)
            except _OtherSize:
                pass  # its home says one size and gives another
        with tempfile.TemporaryFile() as spool:
            async with self._open_file(file) as source:
                size = await _spooled(source, spool)
            spool.seek(0)
            return await self._put(file, size, _read(spool))

    async def _put(self, file: File, size: int, source: AsyncIterator[bytes]) -> str:
        """Ask for an address and put the bytes there."""
        asked = {"filename": shown_name(file), "length": size, "alt_txt": file.alt[:1000] or None}
        answer = await self._web.call("files.getUploadURLExternal", asked)
        address, made = answer.get("upload_url"), answer.get("file_id")
        if not (isinstance(address, str) and isinstance(made, str)):
            raise OutcomeUnknown("unreadable")
        if not self._web.is_slacks(address):
            raise Refused("file_elsewhere")
        measured = _Measured(source, size)
        try:
            pieces = measured.pieces()
            async with self._web.exchange("POST", address, data=pieces, length=size) as taken:
                status = taken.status
        except PlatformError:
            raise measured.problem or NotSent("upload") from None
        if measured.problem is not None:
            raise measured.problem
        if status != 200:
            raise NotSent(f"http_{status}")
        return made


class _OtherSize(NotSent):
    """A file has another size than was said."""


class _Measured:
    """A stream that is to have the length that was promised; what went wrong in it is kept, as
    those who send it do not say.
    """

    def __init__(self, source: AsyncIterator[bytes], length: int) -> None:
        self._source = source
        self._length = length
        self.problem: PlatformError | None = None

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The bytes; raises where they are more or fewer than promised."""
        size = 0
        try:
            async for piece in self._source:
                size += len(piece)
                if size > self._length:
                    raise _OtherSize("size")
                yield piece
            if size < self._length:
                raise _OtherSize("size")
        except PlatformError as error:
            self.problem = error
            raise


async def _spooled(source: AsyncIterator[bytes], spool: IO[bytes]) -> int:
    """Write a stream to disk; how many bytes it had."""
    size = 0
    async for piece in source:
        size += len(piece)
        if size > LARGEST_FILE:
            raise Refused("file_too_large")
        await asyncio.to_thread(spool.write, piece)
    if not size:
        raise Refused("file_empty")  # Slack takes none
    return size


async def _read(spool: IO[bytes]) -> AsyncGenerator[bytes, None]:
    while piece := await asyncio.to_thread(spool.read, _PIECE):
        yield piece


def shown_name(file: File) -> str:
    """A file's name, as a name and no path."""
    name = markup.storable(file.name).replace("/", "_").replace("\\", "_").strip()
    return "".join(c for c in name if c.isprintable())[-_LONGEST_NAME:] or "file"
