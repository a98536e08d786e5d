"""Unpacking what is sent in gzip, bounded: by size, and by how much larger it gets."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from bot.errors import FeedError
from bot.feeds.problems import Problem

_PIECE = 256 * 1024
_FREE = 16 * 1024 * 1024
"""Bytes that may come of anything: only what is larger is measured by its ratio."""
_RATIO = 200
"""How many times larger than its packed form a list may be. The best of real ones is near 60."""
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Unpacker:
    """Takes packed bytes piece by piece. Raises FeedError for a bomb and for what is none."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._read = self._given = 0

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """What comes of it, in pieces of bounded size."""
        self._read += len(packed)
        while packed:
            if self._inflate.eof:  # gzip files may stand one behind the other
                self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                piece = self._inflate.decompress(packed, _PIECE)
            except zlib.error:
                raise FeedError(Problem.UNREADABLE) from None
            self._given += len(piece)
            if self._given > max(_FREE, self._read * _RATIO):
                raise FeedError(Problem.BOMB)
            yield piece
            packed = self._inflate.unconsumed_tail or self._inflate.unused_data

    def finish(self) -> None:
        """Raises FeedError where it broke off."""
        if self._read and not self._inflate.eof:
            raise FeedError(Problem.CUT)
