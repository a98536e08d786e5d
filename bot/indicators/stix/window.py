"""A window on a stream: a little of it is held, and it only goes forward."""

from __future__ import annotations

import re
from typing import IO

from bot.indicators.stix.balance import Balance
from bot.indicators.stix.reasons import Reason

WINDOW = 1 << 20
MAX_OBJECT = 8 << 20
"""Bytes of one object: more is set aside, and its bytes are not held."""
_SPACE = re.compile(rb"[\s,]*+")
_SCALAR = re.compile(rb"[^\s,\]}\[{\"]*+")
_END = -1


class Window:
    """`held[at:]` is what was read and not yet used; `kept`, where something begins that has to
    stay (or -1); `lined`, whether an object a line seems to come, and `unlined` at which read that
    proved false.
    """

    def __init__(self, stream: IO[bytes], size: int = WINDOW) -> None:
        self._stream = stream
        self._size = size
        self.held = b""
        self.at = 0
        self.kept = -1
        self.reads = 0
        self.lined = False
        self.unlined = -1

    @property
    def left(self) -> int:
        """How much is held and not yet used."""
        return len(self.held) - self.at

    def more(self) -> bool:
        """Read on; False at the end of the stream."""
        piece = self._piece()
        if not piece:
            return False
        self.reads += 1
        if self.kept >= 0 and len(self.held) - self.kept > MAX_OBJECT:
            self.kept = -1
        first = self.at if self.kept < 0 else self.kept
        self.held = self.held[first:] + piece
        self.at -= first
        self.kept = min(0, self.kept)
        return True

    def _piece(self) -> bytes:
        """A whole window's worth, however little the stream gives at a time."""
        piece = self._stream.read(self._size)
        if not piece or len(piece) >= self._size:
            return piece
        parts, missing = [piece], self._size - len(piece)
        while missing > 0 and (piece := self._stream.read(missing)):
            parts.append(piece)
            missing -= len(piece)
        return b"".join(parts)

    def fill(self, least: int = 0) -> None:
        """Have so many bytes, or half a window, if the stream has."""
        wanted = least or self._size // 2
        while self.left < wanted and self.more():
            pass

    def peek(self) -> int:
        """The next byte that is neither white space nor a comma; -1 at the end."""
        while True:
            found = _SPACE.match(self.held, self.at)
            self.at = self.at if found is None else found.end()
            if self.at < len(self.held):
                return self.held[self.at]
            if not self.more():
                return _END

    def value(self) -> bool:
        """Go behind the value that begins here; False where the stream ends first."""
        if self.held[self.at] in b'{["':
            return self._balanced(Balance())
        while True:
            found = _SCALAR.match(self.held, self.at)
            self.at = self.at if found is None else found.end()
            if self.at < len(self.held):
                return True
            if not self.more():
                return False

    def release(self) -> bytes | Reason:
        """What was kept, up to here."""
        first, self.kept = self.kept, -1
        if first < 0 or self.at - first > MAX_OBJECT:
            return Reason.TOO_LARGE
        return self.held[first : self.at]

    def _balanced(self, balance: Balance) -> bool:
        while (end := balance.end(self.held, self.at)) < 0:
            self.at = len(self.held)
            if not self.more():
                return False
        self.at = end
        return True
