"""A STIX pattern as a tree of inert values (STIX 2.1, section 9)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Index(NamedTuple):
    """`[3]` in an object path; None is `[*]`."""

    at: int | None


class Path(NamedTuple):
    """`file:hashes.'SHA-256'`: an object type and the way to a property of it."""

    type: str
    steps: tuple[str | Index, ...]


class Written(NamedTuple):
    """A literal that is no plain text: `kind` is t (timestamp), b (base64), h (hex), or n for a
    number or truth value as it was written.
    """

    kind: str
    text: str


Literal = str | Written


class Comparison(NamedTuple):
    """`path operator value`; of IN, `values` are many, and of EXISTS none."""

    path: Path
    operator: str
    values: tuple[Literal, ...] = ()
    negated: bool = False


class Word(StrEnum):
    """What joins expressions, the tightest first."""

    AND = "AND"
    OR = "OR"
    FOLLOWEDBY = "FOLLOWEDBY"


class Joined(NamedTuple):
    """Two or more expressions: comparisons within one observation, or observations."""

    word: Word
    parts: tuple[Expression, ...]


class Observation(NamedTuple):
    """`[…]`: comparisons that one observation has to meet."""

    of: Comparison | Joined


class Qualified(NamedTuple):
    """An observation expression with WITHIN, REPEATS or START … STOP: `qualifier` is the word,
    `values` what stands beside it.
    """

    of: Expression
    qualifier: str
    values: tuple[str, ...]


Expression = Comparison | Observation | Joined | Qualified
