"""A pattern taken apart into the values of which it says something.

Each `=` and `IN` under OR is a match by itself; under AND, FOLLOWEDBY or REPEATS it is part of
one, and says so. `ISSUBSET` gives a network. NOT is never a match. What remains is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.hashes import OF_ONE_FILE
from bot.indicators.stix.patterns.cursor import TooDeep
from bot.indicators.stix.patterns.kinds import Kinds, Normal, kinds_of, read_value
from bot.indicators.stix.patterns.lexer import Malformed
from bot.indicators.stix.patterns.parser import parse
from bot.indicators.stix.patterns.tree import (
    Comparison,
    Expression,
    Index,
    Joined,
    Observation,
    Qualified,
    Word,
    Written,
)
from bot.indicators.stix.reasons import Opaque
from bot.indicators.things import Said

MAX_LENGTH = 1 << 18
"""Characters; the longest real ones list some hundreds of hashes."""
_SIMPLE = re.compile(
    r"\s*+\[\s*+([a-z0-9-]++):([a-z_]++(?:\.(?:[A-Za-z0-9_]++|'[A-Za-z0-9-]++'))*+)"
    r"\s*+=\s*+'([^'\\]*+)'\s*+\]\s*+",
    re.ASCII,
)
_ADDRESSES = frozenset({Kind.IPV4, Kind.IPV6})


class Apart(NamedTuple):
    """`opaque`: why nothing can be indexed, "" if something is; `partly`: some cannot."""

    said: tuple[Said, ...] = ()
    opaque: str = ""
    partly: bool = False


def take_apart(pattern: str, normal: Normal) -> Apart:
    """What a pattern speaks of. Time and memory are in proportion to its length, and bounded."""
    simple = _SIMPLE.fullmatch(pattern)
    if simple is not None:
        kinds = _simple_kinds(simple[1], simple[2])
        if not kinds:
            return Apart(opaque=Opaque.PROPERTY)
        found = read_value(kinds, simple[3], normal)
        return Apart(opaque=Opaque.VALUE) if found is None else Apart((Said(found),))
    if len(pattern) > MAX_LENGTH:
        return Apart(opaque=Opaque.TOO_LONG)
    try:
        tree = parse(pattern)
    except TooDeep:
        return Apart(opaque=Opaque.TOO_DEEP)
    except Malformed:
        return Apart(opaque=Opaque.MALFORMED)
    return _Taking(normal).whole(tree)


@lru_cache(maxsize=1024)
def _simple_kinds(type_: str, steps: str) -> Kinds:
    return kinds_of(type_, tuple(steps.replace("'", "").split(".")))


class _Taking:
    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self._said: dict[Said, None] = {}
        self._left: dict[Opaque, None] = {}
        self._files = 0

    def whole(self, tree: Expression) -> Apart:
        self._walk(tree, part=False)
        said = _plainest(self._said)
        if said:
            return Apart(said, partly=bool(self._left))
        return Apart(opaque=next(iter(self._left), Opaque.OPERATOR))

    def _walk(self, of: Expression, *, part: bool) -> None:
        match of:
            case Comparison():
                self._take(of, part=part)
            case Observation(inner):
                self._walk(inner, part=part)
            case Qualified(inner, "REPEATS", (times,)):
                self._walk(inner, part=part or times.lstrip("+0") != "1")
            case Qualified(inner):
                self._walk(inner, part=part)
            case Joined(word, parts):
                together = part or word is not Word.OR
                file = self._file(parts)
                for each in parts:
                    if isinstance(each, Comparison):
                        self._take(each, part=together, file=file)
                    else:
                        self._walk(each, part=together)

    def _file(self, parts: Sequence[Expression]) -> int:
        """The number of the file whose hashes these are, each algorithm once; 0 for none."""
        kinds = [kind for each in parts for kind in _hashes(each)]
        if len(kinds) < 2 or len(kinds) != len(set(kinds)):
            return 0
        self._files += 1
        return self._files

    def _take(self, leaf: Comparison, *, part: bool, file: int = 0) -> None:
        for found in self._read(leaf):
            if isinstance(found, Opaque):
                self._left[found] = None
            else:
                of_file = file if found.kind in OF_ONE_FILE and _is_own_hash(leaf) else 0
                self._said[Said(found, part, of_file)] = None

    def _read(self, leaf: Comparison) -> Iterator[Observable | Opaque]:
        """The values of a comparison, or why there are none."""
        if leaf.negated or leaf.operator == "!=":
            yield Opaque.NEGATED
            return
        if leaf.operator not in {"=", "IN", "ISSUBSET"}:
            yield Opaque.OPERATOR
            return
        steps = tuple(each for each in leaf.path.steps if not isinstance(each, Index))
        kinds = kinds_of(leaf.path.type, steps)
        if leaf.operator == "ISSUBSET" and not _ADDRESSES.intersection(kinds):
            kinds = ()
        if not kinds:
            yield Opaque.PROPERTY
        for value in leaf.values if kinds else ():
            text = value.text if isinstance(value, Written) else value
            yield read_value(kinds, text, self._normal) or Opaque.VALUE


def _is_own_hash(leaf: Comparison) -> bool:
    steps = leaf.path.steps
    return leaf.path.type == "file" and len(steps) == 2 and steps[0] == "hashes"


def _hashes(of: Expression) -> Iterator[Kind]:
    """The algorithm, if this compares a hash of the file itself with one value."""
    if isinstance(of, Comparison) and of.operator == "=" and not of.negated and _is_own_hash(of):
        kinds = kinds_of("file", ("hashes", str(of.path.steps[1])))
        yield from OF_ONE_FILE.intersection(kinds)


def _plainest(said: dict[Said, None]) -> tuple[Said, ...]:
    """What is said of a value both alone and as a part is said of it alone."""
    if not any(each.part for each in said):
        return tuple(said)
    alone = {each.observable for each in said if not each.part}
    return tuple(each for each in said if not each.part or each.observable not in alone)
