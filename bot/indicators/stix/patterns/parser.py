"""A STIX pattern read: recursive descent, bounded in depth. Regular expressions are never run."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.indicators.stix.patterns.comparing import Comparing
from bot.indicators.stix.patterns.cursor import MAX_DEPTH, TooDeep
from bot.indicators.stix.patterns.lexer import Malformed
from bot.indicators.stix.patterns.tree import (
    Comparison,
    Expression,
    Joined,
    Observation,
    Path,
    Qualified,
    Word,
)

PATH = r"[a-z0-9-]++:[a-z_]++(?:\.(?:[A-Za-z0-9_]++|'[A-Za-z0-9-]++'))*+"
TEXT = r"'[^'\\]*+'"
_LEAF = re.compile(rf"({PATH})\s*+=\s*+({TEXT})", re.ASCII)
_LEAVES = re.compile(
    rf"\s*+\[\s*+{_LEAF.pattern}(?:\s++OR\s++{_LEAF.pattern})++\s*+\]\s*+", re.ASCII
)
"""One observation of values of which each is enough: the hashes of a file, as most bundles say."""


def parse(text: str) -> Expression:
    """The tree of a pattern; raises `Malformed`, or `TooDeep` of its kind."""
    return _Reader(text).whole() if _LEAVES.fullmatch(text) is None else _leaves(text)


def _leaves(text: str) -> Expression:
    found = _LEAF.findall(text)
    parts = [Comparison(_path(path), "=", (value[1:-1],)) for path, value in found]
    return Observation(Joined(Word.OR, tuple(parts)))


@lru_cache(maxsize=1024)
def _path(text: str) -> Path:
    """A path by itself."""
    read = _Reader(f"[{text} = '']").whole()
    assert isinstance(read, Observation)
    assert isinstance(read.of, Comparison)
    return read.of.path


class _Reader(Comparing):
    """Reads observations. AND binds tightest, then OR, then FOLLOWEDBY."""

    def whole(self) -> Expression:
        found = self._observations()
        if self.kind != "end":
            raise Malformed
        return found

    def _observations(self) -> Expression:
        parts = [self._either()]
        while self.takes("FOLLOWEDBY"):
            parts.append(self._either())
        return parts[0] if len(parts) == 1 else Joined(Word.FOLLOWEDBY, tuple(parts))

    def _either(self) -> Expression:
        parts = [self._all()]
        while self.takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Joined(Word.OR, tuple(parts))

    def _all(self) -> Expression:
        parts = [self._observation()]
        while self.takes("AND"):
            parts.append(self._observation())
        return parts[0] if len(parts) == 1 else Joined(Word.AND, tuple(parts))

    def _observation(self) -> Expression:
        found: Expression
        if self.takes("("):
            self.deeper()
            found = self._observations()
            self.higher()
        else:
            self.take("[")
            found = Observation(self.any_of())
            self.take("]")
        qualifiers = 0
        while self.text in {"WITHIN", "REPEATS", "START"}:
            qualifiers += 1
            if qualifiers > MAX_DEPTH:
                raise TooDeep
            found = self._qualified(found)
        return found

    def _qualified(self, of: Expression) -> Qualified:
        word = self.next()
        if word == "START":
            start = self._instant()
            self.take("STOP")
            return Qualified(of, word, (start, self._instant()))
        number = self.of_kind("number")
        if number.startswith("-") or (word == "REPEATS" and not number.lstrip("+").isdigit()):
            raise Malformed
        self.take("SECONDS" if word == "WITHIN" else "TIMES")
        return Qualified(of, word, (number,))

    def _instant(self) -> str:
        """STIX 2.1 writes `t'…'`, and 2.0 `'…'`."""
        if self.kind == "typed" and self.text[0] == "t":
            return self.next()[2:-1]
        return self.of_kind("text")[1:-1]
