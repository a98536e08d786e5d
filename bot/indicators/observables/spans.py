"""Which parts of a text are already spoken for while it is searched."""

from __future__ import annotations

from typing import NamedTuple

from bot.indicators.observable import Observable
from bot.indicators.observables.refanging import Refanged


class Span(NamedTuple):
    """A value and where it stands in the refanged text."""

    observable: Observable
    start: int
    end: int


class Claimed:
    """What was found so far. The first to find keeps: URLs are looked for before domains."""

    def __init__(self, refanged: Refanged) -> None:
        self.spans: list[Span] = []
        self._refanged = refanged
        self._mask = bytearray(len(refanged.text))

    def take(self, span: Span) -> None:
        """Add a value, unless part of it is spoken for."""
        if self.is_free(span.start, span.end):
            self.close(span.start, span.end)
            self.spans.append(span)

    def close(self, start: int, end: int) -> None:
        """Let nothing more be found there."""
        self._mask[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing was found there yet."""
        return self._mask.find(1, start, end) < 0

    def was_disarmed(self, start: int, end: int) -> bool:
        """Whether somebody disarmed what stands there: then they mean a value of the network."""
        return self._refanged.is_rewritten(start, end)
