"""A tree written as a STIX pattern: reading it again gives the same tree."""

from __future__ import annotations

import re

from bot.indicators.stix.patterns.lexer import WORDS
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
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TIGHTNESS = {Word.AND: 2, Word.OR: 1, Word.FOLLOWEDBY: 0}


def write(expression: Expression, within: int = 0) -> str:
    """A pattern; `within` is how tightly that binds which stands around."""
    match expression:
        case Comparison():
            return _comparison(expression)
        case Observation(of):
            return f"[{write(of)}]"
        case Qualified(of, qualifier, values):
            return f"{write(of, 3)} {_qualifier(qualifier, values)}"
        case Joined(word, parts):
            tightness = _TIGHTNESS[word]
            text = f" {word} ".join(write(part, tightness + 1) for part in parts)
            return f"({text})" if tightness < within else text


def quoted(text: str) -> str:
    """A text as a literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _qualifier(word: str, values: tuple[str, ...]) -> str:
    match word:
        case "WITHIN":
            return f"WITHIN {values[0]} SECONDS"
        case "REPEATS":
            return f"REPEATS {values[0]} TIMES"
        case _:
            return f"START t'{values[0]}' STOP t'{values[1]}'"


def _comparison(of: Comparison) -> str:
    path, no = _path(of.path), "NOT " if of.negated else ""
    if of.operator == "EXISTS":
        return f"{no}EXISTS {path}"
    values = [_literal(each) for each in of.values]
    value = f"({', '.join(values)})" if of.operator == "IN" else values[0]
    return f"{path} {no}{of.operator} {value}"


def _path(path: Path) -> str:
    first, *others = path.steps
    text = f"{path.type}:{_step(str(first))}"
    for step in others:
        if isinstance(step, Index):
            text += f"[{'*' if step.at is None else step.at}]"
        else:
            text += f".{_step(step)}"
    return text


def _step(name: str) -> str:
    return name if _NAME.fullmatch(name) and name not in WORDS else quoted(name)


def _literal(value: Literal) -> str:
    if isinstance(value, str):
        return quoted(value)
    return value.text if value.kind == "n" else f"{value.kind}'{value.text}'"
