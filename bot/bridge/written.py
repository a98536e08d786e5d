"""Files that hold a text of ours: opened like those that lie on a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from bot.events import File

_PIECE = 64 * 1024
"""Bytes at a time."""


@asynccontextmanager
async def open_written(file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """The text of a file of `bot.events.HOUSE`, as UTF-8 in pieces."""
    yield _pieces(file.handle.encode(errors="replace"))


async def _pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
