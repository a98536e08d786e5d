"""Files on the homeserver: streamed from it and to it, never whole in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import IO, Any

import msgspec

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import Delivery, File
from bot.platforms.base import Memory, OpenFile, of_delivery
from bot.platforms.matrix.attachments import (
    Handle,
    file_name,
    mimetype,
    mxc_parts,
    read_handle,
)
from bot.platforms.matrix.connection import PIECE, Connection, path, read
from bot.platforms.matrix.envelope import number
from bot.platforms.matrix.locking import Lock
from bot.platforms.matrix.unlocking import unlock

TOO_LARGE = "too large"
"""The reason of a `Refused` for a file that is larger than the homeserver allows."""
_ANY = "application/octet-stream"
_NO_SUCH_ADDRESS = frozenset({"M_UNRECOGNIZED", "HTTP 404"})
"""What a homeserver says that is older than authenticated media (client-server API 1.11)."""


class _Uploaded(msgspec.Struct):
    content_uri: str


class _WrongSize(Refused):
    """A file has more or fewer bytes than was said."""


class Media:
    """The homeserver's media repository, and the files that our deliveries have put there."""

    def __init__(self, connection: Connection, memory: Memory, open_elsewhere: OpenFile) -> None:
        self.largest: int | None = None
        """Bytes of a file at most, None where the homeserver has not said so."""
        self._connection = connection
        self._memory = memory
        self._open_elsewhere = open_elsewhere

    async def learn_limit(self) -> None:
        """Ask how large a file may be; raises `PlatformError`."""
        try:
            told = await self._ask("client/v1/media")
        except PlatformError as error:
            if error.reason not in _NO_SUCH_ADDRESS:
                raise
            told = await self._ask("media/v3")
        self.largest = number(told.get("m.upload.size"))

    async def _ask(self, prefix: str) -> dict[str, Any]:
        return await self._connection.call(dict, "GET", path("config", prefix=prefix))

    @asynccontextmanager
    async def open(self, file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        """A file that lies on a homeserver, decrypted if it is encrypted there."""
        handle = read_handle(file.handle)
        parts = mxc_parts(handle.mxc) if handle else None
        if handle is None or parts is None:
            raise Refused("no such file")
        async with self._download(*parts) as chunks:
            yield chunks if handle.key is None else unlock(chunks, handle.key)

    @asynccontextmanager
    async def _download(self, server: str, media: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async with AsyncExitStack() as stack:
            try:
                where = path("download", server, media, prefix="client/v1/media")
                chunks = await stack.enter_async_context(self._connection.download(where))
            except PlatformError as error:
                if error.reason not in _NO_SUCH_ADDRESS:
                    raise
                where = path("download", server, media, prefix="media/v3")
                chunks = await stack.enter_async_context(self._connection.download(where))
            yield chunks

    async def place(self, delivery: Delivery, file: File, *, hidden: bool = False) -> Handle:
        """Put a delivery's file on the homeserver, once: where it lies, encrypted if `hidden`.

        Raises `Refused` where it is too large or cannot be read at home, `NotSent` where it may
        be tried again: an upload that was cut short shows nowhere.
        """
        key = of_delivery(delivery.id)
        kept = await self._memory.recall(key)
        known = read_handle(kept or "")
        if known is not None and (known.key is not None or not hidden):
            return known
        if self._exceeds(file.size or 0):
            raise Refused(TOO_LARGE)
        try:
            placed = await self._upload(file, hidden=hidden)
        except OutcomeUnknown as error:
            raise NotSent(error.reason) from error
        await self._memory.keep(key, msgspec.json.encode(placed).decode())
        return placed

    async def forget(self, delivery: Delivery) -> None:
        """A delivery's file has landed: should it be sent again, it is the same event."""
        await self._memory.forget(of_delivery(delivery.id))

    async def put(self, content: bytes, kind: str) -> str:
        """Put a picture on the homeserver; its address. Raises `PlatformError`."""
        fetched = await self._connection.upload(
            path("upload", prefix="media/v3"), _once(content), len(content), kind
        )
        return read(fetched, _Uploaded).content_uri

    async def _upload(self, file: File, *, hidden: bool) -> Handle:
        if file.size is not None:
            try:
                async with _at_home(self._open_elsewhere, file) as chunks:
                    exact = _exactly(chunks, file.size)
                    return await self._send(file, exact, file.size, hidden=hidden)
            except _WrongSize:
                pass  # its home was wrong about it: it is measured
        with tempfile.TemporaryFile() as spool:
            async with _at_home(self._open_elsewhere, file) as chunks:
                size = await self._measure(chunks, spool)
            return await self._send(file, _reread(spool), size, hidden=hidden)

    async def _send(
        self, file: File, chunks: AsyncIterator[bytes], size: int, *, hidden: bool
    ) -> Handle:
        lock = Lock() if hidden else None
        if lock is None:
            asked = path("upload", prefix="media/v3", filename=file_name(file.name) or "file")
            kind = mimetype(file.mimetype) or _ANY
        else:
            asked, kind, chunks = path("upload", prefix="media/v3"), _ANY, lock.lock(chunks)
        try:
            fetched = await self._connection.upload(asked, chunks, size, kind)
        except Refused as error:
            if error.reason == "too long":
                raise Refused(TOO_LARGE) from error
            raise
        address = read(fetched, _Uploaded).content_uri
        if mxc_parts(address) is None:
            raise OutcomeUnknown("unreadable answer")
        return Handle(address, lock.key() if lock else None)

    async def _measure(self, chunks: AsyncIterator[bytes], spool: IO[bytes]) -> int:
        """Write a file to the disk, to know its size: homeservers take none without."""
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            if self._exceeds(size):
                raise Refused(TOO_LARGE)
            await asyncio.to_thread(spool.write, chunk)
        spool.seek(0)
        return size

    def _exceeds(self, size: int) -> bool:
        return self.largest is not None and size > self.largest


@asynccontextmanager
async def _at_home(open_file: OpenFile, file: File) -> AsyncIterator[AsyncIterator[bytes]]:
    """A file of whatever account it lies with; that account's troubles are no refusal of ours."""
    async with AsyncExitStack() as stack:
        with _elsewhere():
            chunks = await stack.enter_async_context(open_file(file))
        yield _pieces(chunks)


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with _elsewhere():
        async for chunk in chunks:
            yield chunk


@contextmanager
def _elsewhere() -> Iterator[None]:
    try:
        yield
    except Refused:
        raise
    except PlatformError as error:
        raise NotSent(error.reason, retry_after=error.retry_after) from error


async def _exactly(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The same pieces; raises `_WrongSize` before the last where they are not `size` bytes."""
    left, held = size, b""
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise _WrongSize("size")
        if held:
            yield held
        held = chunk
    if left:
        raise _WrongSize("size")
    if held:
        yield held


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _reread(spool: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(spool.read, PIECE):
        yield chunk
