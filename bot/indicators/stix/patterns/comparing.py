"""What stands between the brackets of an observation: comparisons, joined by AND and OR."""

from __future__ import annotations

import re

from bot.indicators.stix.patterns.cursor import Cursor
from bot.indicators.stix.patterns.lexer import WORDS, Malformed
from bot.indicators.stix.patterns.tree import (
    Comparison,
    Index,
    Joined,
    Literal,
    Path,
    Word,
    Written,
)

_EQUAL = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_ORDER = frozenset({"<", "<=", ">", ">="})
_OF_TEXT = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_EXISTENCE = frozenset({"NOT", "EXISTS"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Comparing(Cursor):
    """Reads comparisons. AND binds tighter than OR."""

    def any_of(self) -> Comparison | Joined:
        """Everything between the brackets of an observation."""
        parts = [self._all_of()]
        while self.takes("OR"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Joined(Word.OR, tuple(parts))

    def _all_of(self) -> Comparison | Joined:
        parts = [self._comparison()]
        while self.takes("AND"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else Joined(Word.AND, tuple(parts))

    def _comparison(self) -> Comparison | Joined:
        if self.text == "(":
            self.next()
            self.deeper()
            found = self.any_of()
            self.higher()
            return found
        if self.text in _EXISTENCE:
            negated = self.takes("NOT")
            self.take("EXISTS")
            return Comparison(self._path(), "EXISTS", negated=negated)
        path = self._path()
        negated = self.takes("NOT")
        operator, values = self._compared()
        return Comparison(path, operator, values, negated)

    def _compared(self) -> tuple[str, tuple[Literal, ...]]:
        if self.kind not in {"sign", "name"}:
            raise Malformed
        word = self.next()
        if word in _EQUAL:
            return _EQUAL[word], (self._literal(),)
        if word == "IN":
            return word, self._set()
        if word in _OF_TEXT and self.kind == "text":
            return word, (self._literal(),)
        if word in _ORDER and self.text not in {"true", "false"}:
            return word, (self._literal(),)
        raise Malformed

    def _set(self) -> tuple[Literal, ...]:
        self.take("(")
        if self.takes(")"):
            return ()
        found = [self._literal()]
        while self.takes(","):
            found.append(self._literal())
        self.take(")")
        return tuple(found)

    def _literal(self) -> Literal:
        kind, text = self.kind, self.text
        self.next()
        if kind == "text":
            return _plain(text)
        if kind == "typed":
            return Written(text[0], text[2:-1])
        if kind == "number" or text in {"true", "false"}:
            return Written("n", text)
        raise Malformed

    def _path(self) -> Path:
        type_ = self.of_kind("name")
        if type_ in WORDS:
            raise Malformed
        self.take(":")
        steps: list[str | Index] = [self._step()]
        while True:
            if self.takes("."):
                steps.append(self._step())
            elif self.takes("["):
                steps.append(self._index())
                self.take("]")
            else:
                return Path(type_, tuple(steps))

    def _step(self) -> str:
        if self.kind == "text":
            return _plain(self.next())
        name = self.of_kind("name")
        if "-" in name or name in WORDS:
            raise Malformed
        return name

    def _index(self) -> Index:
        if self.takes("*"):
            return Index(None)
        number = self.of_kind("number")
        if "." in number or len(number) > 18:
            raise Malformed
        return Index(int(number))


def _plain(text: str) -> str:
    inner = text[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner
