"""People's pictures: fetched from their network once, put somewhere else once, known from then.

So no reader's client asks another network for a picture, and nobody there learns who reads. A
message never waits: it goes without until the picture is there.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import PlatformError, Refused
from bot.events import AccountId, Author, File, FileKind, account_of
from bot.platforms.base import Memory, OpenFile

log = structlog.get_logger()

T = TypeVar("T")

LARGEST = 1_000_000
"""Bytes of a picture that is taken."""
MOST = 5_000
"""Pictures that are remembered here; more are kept in the store."""
_AT_ONCE = 4
_PATIENCE = 30.0
"""Seconds for fetching one and putting it up."""
_PAUSE = 3600.0
"""Seconds until one that could not be had is asked for again."""
Put = Callable[[bytes, str], Awaitable[str]]
"""Puts a picture of some media type somewhere, and says where it is from then on."""
_SIGNS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class Pictures:
    """The addresses of people's pictures, where `put` puts them."""

    def __init__(
        self,
        put: Put,
        memory: Memory,
        open_file: OpenFile,
        is_there: Callable[[str], bool] = bool,
    ) -> None:
        """`memory` keeps the addresses, `open_file` opens a file of any account, `is_there` says
        whether an address that was kept is still good.
        """
        self._put_there = put
        self._is_there = is_there
        self._memory = memory
        self._open_file = open_file
        self._known: OrderedDict[str, str] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._asked: dict[str, asyncio.Task[None]] = {}

    def of(self, author: Author) -> str:
        """Where an author's picture lies, "" where they have none or it is not there yet: then it
        is fetched, beside.
        """
        return self.at(account_of(author.person), author.picture) if author.picture else ""

    def at(self, account: AccountId, picture: str) -> str:
        """The same of any picture, by the handle of a file of an account."""
        key = _key(account, picture)
        known = self._known.get(key)
        if known is None:
            self._ask(key, File(account, picture, "picture", FileKind.IMAGE))
            return ""
        self._known.move_to_end(key)
        return known

    async def close(self) -> None:
        """Stop fetching."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask(self, key: str, file: File) -> None:
        now = asyncio.get_running_loop().time()
        if key in self._asked or len(self._asked) >= _AT_ONCE or self._failed.get(key, 0.0) > now:
            return
        task = asyncio.create_task(self._fetch(key, file))
        self._asked[key] = task
        task.add_done_callback(lambda _task: self._asked.pop(key, None))

    async def _fetch(self, key: str, file: File) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                address = await self._memory.recall(key) or ""
                if not self._is_there(address):
                    address = await self._put(key, file)
        except (PlatformError, TimeoutError) as error:
            reason = error.reason if isinstance(error, PlatformError) else "timeout"
            log.info("picture.not_there", reason=reason)
            _keep(self._failed, key, asyncio.get_running_loop().time() + _PAUSE)
            return
        _keep(self._known, key, address)

    async def _put(self, key: str, file: File) -> str:
        async with self._open_file(file) as chunks:
            content = await _whole(chunks)
        address = await self._put_there(content, _kind(content))
        await self._memory.keep(key, address)
        return address


def _key(account: AccountId, picture: str) -> str:
    """The picture's name in the store: with another picture, another."""
    named = f"{account} {picture}"
    return f"picture:{hashlib.sha256(named.encode('utf-8', 'replace')).hexdigest()}"


async def _whole(chunks: AsyncIterator[bytes]) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > LARGEST:
            raise Refused("picture too large")
    return bytes(content)


def _kind(content: bytes) -> str:
    """What kind of picture its first bytes say, whatever anybody calls it."""
    for sign, kind in _SIGNS.items():
        if content.startswith(sign):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise Refused("no picture")


def _keep(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST:
        kept.popitem(last=False)
