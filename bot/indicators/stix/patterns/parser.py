"""A STIX pattern read: recursive descent, bounded in depth. Regular expressions are never run."""

from __future__ import annotations

from bot.indicators.stix.patterns.comparing import Comparing
from bot.indicators.stix.patterns.cursor import MAX_DEPTH, TooDeep
from bot.indicators.stix.patterns.lexer import Malformed
from bot.indicators.stix.patterns.tree import Expression, Joined, Observation, Qualified, Word


def parse(text: str) -> Expression:
    """The tree of a pattern; raises `Malformed`, or `TooDeep` of its kind."""
    return _Reader(text).whole()


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
