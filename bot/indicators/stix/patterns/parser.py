"""A STIX pattern read: recursive descent, bounded in depth. Regular expressions are never run."""

from __future__ import annotations

import re

from bot.indicators.stix.patterns.lexer import WORDS, Malformed, tokens
from bot.indicators.stix.patterns.tree import (
    Comparison,
    Expression,
    Index,
    Joined,
    Literal,
    Observation,
    Path,
    Qualified,
    Word,
    Written,
)

MAX_DEPTH = 64
"""Parentheses within parentheses."""
_EQUAL = {"=": "=", "==": "=", "!=": "!=", "<>": "!="}
_ORDER = frozenset({"<", "<=", ">", ">="})
_OF_TEXT = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class TooDeep(Malformed):
    """More parentheses than are followed."""


def parse(text: str) -> Expression:
    """The tree of a pattern; raises `Malformed`, or `TooDeep` of its kind."""
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self._kind, self._text = self._tokens[0]

    def whole(self) -> Expression:
        found = self._observations()
        if self._kind != "end":
            raise Malformed
        return found

    def _next(self) -> str:
        text = self._text
        self._at += 1
        self._kind, self._text = self._tokens[self._at]
        return text

    def _take(self, text: str) -> None:
        if self._text != text or self._kind == "text":
            raise Malformed
        self._next()

    def _takes(self, text: str) -> bool:
        if self._text != text:
            return False
        self._next()
        return True

    def _of_kind(self, kind: str) -> str:
        if self._kind != kind:
            raise Malformed
        return self._next()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeep

    # Observations: AND binds tightest, then OR, then FOLLOWEDBY.

    def _observations(self) -> Expression:
        parts = [self._either()]
        while self._takes("FOLLOWEDBY"):
            parts.append(self._either())
        return parts[0] if len(parts) == 1 else Joined(Word.FOLLOWEDBY, tuple(parts))

    def _either(self) -> Expression:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Joined(Word.OR, tuple(parts))

    def _all(self) -> Expression:
        parts = [self._observation()]
        while self._takes("AND"):
            parts.append(self._observation())
        return parts[0] if len(parts) == 1 else Joined(Word.AND, tuple(parts))

    def _observation(self) -> Expression:
        found: Expression
        if self._takes("("):
            self._deeper()
            found = self._observations()
            self._take(")")
            self._depth -= 1
        else:
            self._take("[")
            found = Observation(self._any_of())
            self._take("]")
        qualifiers = 0
        while self._text in {"WITHIN", "REPEATS", "START"}:
            qualifiers += 1
            if qualifiers > MAX_DEPTH:
                raise TooDeep
            found = self._qualified(found)
        return found

    def _qualified(self, of: Expression) -> Qualified:
        word = self._next()
        if word == "START":
            start = self._instant()
            self._take("STOP")
            return Qualified(of, word, (start, self._instant()))
        number = self._of_kind("number")
        if number.startswith("-") or (word == "REPEATS" and not number.lstrip("+").isdigit()):
            raise Malformed
        self._take("SECONDS" if word == "WITHIN" else "TIMES")
        return Qualified(of, word, (number,))

    def _instant(self) -> str:
        """STIX 2.1 writes `t'…'`, and 2.0 `'…'`."""
        if self._kind == "typed" and self._text[0] == "t":
            return self._next()[2:-1]
        return self._of_kind("text")[1:-1]

    # Comparisons within an observation: AND binds tighter than OR.

    def _any_of(self) -> Comparison | Joined:
        parts = [self._all_of()]
        while self._takes("OR"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Joined(Word.OR, tuple(parts))

    def _all_of(self) -> Comparison | Joined:
        parts = [self._comparison()]
        while self._takes("AND"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else Joined(Word.AND, tuple(parts))

    def _comparison(self) -> Comparison | Joined:
        if self._text == "(":
            self._next()
            self._deeper()
            found = self._any_of()
            self._take(")")
            self._depth -= 1
            return found
        if self._text in {"NOT", "EXISTS"}:
            negated = self._takes("NOT")
            self._take("EXISTS")
            return Comparison(self._path(), "EXISTS", negated=negated)
        path = self._path()
        negated = self._takes("NOT")
        operator, values = self._compared()
        return Comparison(path, operator, values, negated)

    def _compared(self) -> tuple[str, tuple[Literal, ...]]:
        if self._kind not in {"sign", "name"}:
            raise Malformed
        word = self._next()
        if word in _EQUAL:
            return _EQUAL[word], (self._literal(),)
        if word == "IN":
            return word, self._set()
        if word in _OF_TEXT and self._kind == "text":
            return word, (self._literal(),)
        if word in _ORDER and self._text not in {"true", "false"}:
            return word, (self._literal(),)
        raise Malformed

    def _set(self) -> tuple[Literal, ...]:
        self._take("(")
        if self._takes(")"):
            return ()
        found = [self._literal()]
        while self._takes(","):
            found.append(self._literal())
        self._take(")")
        return tuple(found)

    def _literal(self) -> Literal:
        kind, text = self._kind, self._text
        self._next() if kind != "end" else None
        if kind == "text":
            return _plain(text)
        if kind == "typed":
            return Written(text[0], text[2:-1])
        if kind == "number" or text in {"true", "false"}:
            return Written("n", text)
        raise Malformed

    def _path(self) -> Path:
        type_ = self._of_kind("name")
        self._take(":")
        steps: list[str | Index] = [self._step()]
        while True:
            if self._takes("."):
                steps.append(self._step())
            elif self._takes("["):
                steps.append(self._index())
                self._take("]")
            else:
                return Path(type_, tuple(steps))

    def _step(self) -> str:
        if self._kind == "text":
            return _plain(self._next())
        name = self._of_kind("name")
        if "-" in name or name in WORDS:
            raise Malformed
        return name

    def _index(self) -> Index:
        if self._takes("*"):
            return Index(None)
        number = self._of_kind("number")
        if "." in number or len(number) > 18:
            raise Malformed
        return Index(int(number))


def _plain(text: str) -> str:
    inner = text[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner
