"""A pattern taken apart into the values of which it says something.

Each `=` and `IN` under OR is a match by itself; under AND, FOLLOWEDBY or REPEATS it is part of
one, and says so. `ISSUBSET` gives a network. NOT is never a match. What remains is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.indicators.observable import Kind
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
    Path,
    Word,
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
_TAKEN = frozenset({"=", "IN", "ISSUBSET"})
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


class _Property(NamedTuple):
    """What a property may hold, and of which of a file's own hashes it is the place ("": none)."""

    kinds: Kinds
    own_hash: str
    is_address: bool


@lru_cache(maxsize=1024)
def _property(path: Path) -> _Property:
    steps = tuple(each for each in path.steps if not isinstance(each, Index))
    kinds = kinds_of(path.type, steps)
    own = path.type == "file" and len(path.steps) == 2 and steps[0] == "hashes"
    one = own and bool(kinds) and kinds[0] in OF_ONE_FILE
    return _Property(kinds, kinds[0].name if one else "", not _ADDRESSES.isdisjoint(kinds))


class _Taking:
    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self._said: dict[str, list[Said]] = {}
        self._left: list[Opaque] = []
        self._files = 0

    def whole(self, tree: Expression) -> Apart:
        self._walk(tree, part=False)
        said = tuple(each for those in self._said.values() for each in _plainest(those))
        if said:
            return Apart(said, partly=bool(self._left))
        return Apart(opaque=self._left[0] if self._left else Opaque.OPERATOR)

    def _walk(self, of: Expression, *, part: bool) -> None:
        if isinstance(of, Comparison):
            self._take(of, part, 0)
        elif isinstance(of, Joined):
            together = part or of.word is not Word.OR
            file = self._file(of.parts)
            for each in of.parts:
                if isinstance(each, Comparison):
                    self._take(each, together, file)
                else:
                    self._walk(each, part=together)
        elif isinstance(of, Observation):
            self._walk(of.of, part=part)
        else:
            often = of.qualifier == "REPEATS" and of.values[0].lstrip("+0") != "1"
            self._walk(of.of, part=part or often)

    def _file(self, parts: Sequence[Expression]) -> int:
        """The number of the file whose hashes these are, each algorithm once; 0 for none."""
        hashes = [
            hash_
            for each in parts
            if isinstance(each, Comparison)
            and each.operator == "="
            and not each.negated
            and (hash_ := _property(each.path).own_hash)
        ]
        if len(hashes) < 2 or len(hashes) != len(set(hashes)):
            return 0
        self._files += 1
        return self._files

    def _take(self, leaf: Comparison, part: bool, file: int) -> None:
        """The values of a comparison, or why there are none."""
        place = _property(leaf.path)
        if leaf.negated or leaf.operator == "!=":
            self._left.append(Opaque.NEGATED)
        elif leaf.operator not in _TAKEN:
            self._left.append(Opaque.OPERATOR)
        elif not place.kinds or (leaf.operator == "ISSUBSET" and not place.is_address):
            self._left.append(Opaque.PROPERTY)
        else:
            for value in leaf.values:
                text = value if isinstance(value, str) else value.text
                found = read_value(place.kinds, text, self._normal)
                if found is None:
                    self._left.append(Opaque.VALUE)
                else:
                    self._say(Said(found, part, file if place.own_hash else 0))

    def _say(self, said: Said) -> None:
        those = self._said.setdefault(said.observable.value, [])
        if said not in those:
            those.append(said)


def _plainest(said: list[Said]) -> list[Said]:
    """What is said of a value both alone and as a part is said of it alone."""
    if len(said) == 1:
        return said
    alone = [each.observable for each in said if not each.part]
    return [each for each in said if not each.part or each.observable not in alone]
