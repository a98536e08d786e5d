"""Going through the tokens of a pattern, and how deep."""

from __future__ import annotations

from bot.indicators.stix.patterns.lexer import Malformed, tokens

MAX_DEPTH = 64
"""Parentheses within parentheses."""


class TooDeep(Malformed):
    """More parentheses than are followed."""


class Cursor:
    """A place between tokens: `kind` and `text` are of the next one."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self.kind, self.text = self._tokens[0]

    def next(self) -> str:
        """Go on; what was there."""
        text = self.text
        if self.kind == "end":
            raise Malformed
        self._at += 1
        self.kind, self.text = self._tokens[self._at]
        return text

    def take(self, text: str) -> None:
        """Go behind a word or sign that has to be there."""
        if self.text != text:
            raise Malformed
        self.next()

    def takes(self, text: str) -> bool:
        """Go behind a word or sign if it is there."""
        if self.text != text:
            return False
        self.next()
        return True

    def of_kind(self, kind: str) -> str:
        """Go behind a token that has to be of a kind."""
        if self.kind != kind:
            raise Malformed
        return self.next()

    def deeper(self) -> None:
        """Into a parenthesis."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeep

    def higher(self) -> None:
        """Out of it."""
        self.take(")")
        self._depth -= 1
