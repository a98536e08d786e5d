"""What comes with a command, files and what it answers, fetched before it is run: few, small, held
only for that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from bot.bridge.kept import Kept
from bot.errors import PlatformError, Refused, UserError
from bot.events import File
from commands.registry import Attached

Fetch = Callable[[File], AbstractAsyncContextManager[AsyncIterator[bytes]]]
LARGEST = 2_000_000
"""Bytes of all files of one command: what is read out of them is looked through in a second."""
MOST = 5


def refused(file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    """Where no network can be asked for files."""
    raise Refused(f"no file of {file.account} can be opened here")


async def enclosed(given: Kept, fetch: Fetch) -> tuple[Attached, ...] | UserError:
    """Words as a file, files with their bytes, or what to tell the asker where they cannot be
    had.
    """
    if len(given.files) > MOST or sum(each.size or 0 for each in given.files) > LARGEST:
        return _too_large()
    words = "\n\n".join(given.texts).encode(errors="replace")
    found, size = [], len(words)
    if size > LARGEST:
        return _too_large()
    if words:
        found.append(Attached("said.txt", "text/plain", words, given.cut))
    try:
        for file in given.files:
            pieces = []
            async with fetch(file) as opened:
                async for piece in opened:
                    size += len(piece)
                    if size > LARGEST:
                        return _too_large()
                    pieces.append(piece)
            found.append(Attached(file.name, file.mimetype, b"".join(pieces)))
    except PlatformError:
        return UserError("I could not fetch the file. Attach it again, or name the values.")
    return tuple(found)


def _too_large() -> UserError:
    return UserError(
        "That is more than I read at once: {most} files, {n} MB together.",
        most=MOST, n=LARGEST // 1_000_000,
    )  # fmt: skip
