"""What a source sends, on its way: in a file without a name, of bounded size, never in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.feeds.unpacking import Unpacker

_GZIP = b"\x1f\x8b"


class Spool:
    """Collects one answer. The file is nobody else's: it has no name, and is gone with us."""

    def __init__(self, folder: Path | None, most: int, *, packed: bool = False) -> None:
        """`most`: bytes, packed and unpacked alike; `packed`: it was packed for the way."""
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  handed on
        self._most = most
        self._layers = [Unpacker()] if packed else []
        self._first = b""
        self._looked = False
        self._size = self._came = 0

    def add(self, piece: bytes) -> None:
        """Raises FeedError when it becomes too large, or cannot be unpacked."""
        self._came += len(piece)
        if self._came > self._most:
            raise FeedError(Problem.TOO_LARGE)
        if not self._layers:
            self._write(piece)
            return
        for unpacked in self._layers[0].feed(piece):
            self._write(unpacked)

    def finish(self) -> IO[bytes]:
        """The whole, to be read from its beginning. Raises FeedError where it broke off."""
        for layer in self._layers:
            layer.finish()
        self._flush()
        if self._inner is not None:
            self._inner.finish()
        self.file.seek(0)
        return self.file

    def close(self) -> None:
        """Let go of it."""
        self.file.close()

    _inner: Unpacker | None = None
    """Unpacks a file that is itself a gzip file, however it was sent."""

    def _write(self, piece: bytes) -> None:
        if not self._looked:
            self._first += piece
            if len(self._first) < len(_GZIP):
                return
            piece = self._look()
        self._put(piece)

    def _flush(self) -> None:
        if not self._looked:
            self._put(self._look())

    def _look(self) -> bytes:
        self._looked = True
        if self._first.startswith(_GZIP):
            self._inner = Unpacker()
        return self._first

    def _put(self, piece: bytes) -> None:
        for each in [piece] if self._inner is None else self._inner.feed(piece):
            self._size += len(each)
            if self._size > self._most:
                raise FeedError(Problem.TOO_LARGE)
            self.file.write(each)
