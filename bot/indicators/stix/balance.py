"""Where a JSON value ends: brackets counted, strings jumped over, nothing held or built."""

from __future__ import annotations

import re

_BETWEEN = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_QUOTED = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_QUOTE, _OPENING = 0x22, b"{["


class Balance:
    """Looks for the end of one object, array or string, piece by piece. Each byte is looked at
    once, or twice in a string that a piece cuts; two gigabytes of text cost time, and no memory.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def end(self, held: bytes, at: int) -> int:
        """Go on at `at`: the index behind the value, or -1 where `held` ends before it does."""
        if self._in_string or (self._depth == 0 and held[at] == _QUOTE):
            at = self._string(held, at if self._in_string else at + 1)
            if at < 0 or self._depth == 0:
                return at
        while True:
            at = _reach(_BETWEEN, held, at)
            if at >= len(held):
                return -1
            byte = held[at]
            at += 1
            if byte == _QUOTE:
                return self._string(held, at)
            self._depth += 1 if byte in _OPENING else -1
            if self._depth <= 0:
                return at

    def _string(self, held: bytes, at: int) -> int:
        """The index behind a string that is open at `at`; -1 where it does not end in `held`."""
        self._in_string = True
        if self._escaped:
            if at >= len(held):
                return -1
            self._escaped = False
            at += 1
        at = _reach(_QUOTED, held, at)
        if at >= len(held):
            return -1
        if held[at] != _QUOTE:  # a backslash, the last byte of the piece
            self._escaped = True
            return -1
        self._in_string = False
        return at + 1


def _reach(pattern: re.Pattern[bytes], held: bytes, at: int) -> int:
    found = pattern.match(held, at)
    return at if found is None else found.end()
