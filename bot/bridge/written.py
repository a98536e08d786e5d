"""Files that we have made: opened like those that lie on a network."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from bot.events import File

PICTURE = "image/png"
"""The type of a file whose handle is no text: its bytes, in base64."""
_PIECE = 64 * 1024
"""Bytes at a time."""


@asynccontextmanager
async def open_written(file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """The text of a file of `bot.events.HOUSE`, as UTF-8 in pieces; of a picture what it is."""
    if file.mimetype == PICTURE:
        yield _pieces(base64.b64decode(file.handle))
    else:
        yield _pieces(file.handle.encode(errors="replace"))


async def _pieces(content: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
