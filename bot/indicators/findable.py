"""What objects are found by: their ids and values, in two large trees at random places.

An import keeps that back for many objects, and then writes it in the order of the trees: a third
of the pages to write. Until then nobody finds them, and who begins the next import of the source
writes down what was left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from bot.indicators.keys import digest, value_key
from bot.indicators.named import read_values
from bot.indicators.raw import Asking

Identity = tuple[int, int, int]
"""The key of an id, its object, the digest of its bytes."""
Statement = tuple[int, int, int]
"""The key of a value, its object, and 1 where that is only a part."""


class Findable(NamedTuple):
    """What some objects are found by."""

    identities: list[Identity]
    statements: list[Statement]


class Window:
    """What is kept back, of one source."""

    def __init__(self) -> None:
        self.keys: set[int] = set()
        """Of the ids in it."""
        self._identities = _Sorted()
        self._statements = _Sorted()

    def keep(self, found: Findable) -> None:
        """Keep back more."""
        self.keys.update([each[0] for each in found.identities])
        self._identities.add(found.identities)
        self._statements.add(found.statements)

    def rows(self, source: int, most: int) -> Iterator[tuple[str, Sequence[tuple[int, ...]]]]:
        """All of it in order, so many rows at once, each with its statement."""
        for some in self._identities.parts(most):
            yield IDENTIFY, [(key, source, number, own) for key, number, own in some]
        for some in self._statements.parts(most):
            yield STATEMENT, some


_ROW = Struct("=qqq")


class _Sorted:
    """Rows of three numbers, to be had in the order of the first, which is a hash; those with the
    same in the order in which they came. They are held as bare numbers, a fifth of what they would
    take as rows, and made into such a few at a time.
    """

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]

    def add(self, rows: Iterable[tuple[int, int, int]]) -> None:
        parts = self._parts
        for row in rows:
            parts[(row[0] >> 56) + 128] += _ROW.pack(*row)

    def parts(self, most: int) -> Iterator[list[tuple[int, int, int]]]:
        some: list[tuple[int, int, int]] = []
        for part in self._parts:
            some += sorted(_ROW.iter_unpack(part), key=itemgetter(0))
            if len(some) >= most:
                yield some
                some = []
        if some:
            yield some


def write(asking: Asking, source: int, found: Findable) -> None:
    """Let objects be found."""
    asking.do_each(IDENTIFY, [(key, source, number, own) for key, number, own in found.identities])
    asking.do_each(STATEMENT, found.statements)


def left(asking: Asking, source: int, settled: int, salted: int) -> Iterator[Findable]:
    """What objects after `settled` are to be found by, and may not be: of their bytes those of one
    are held.
    """
    for number, key, named in asking.rows(_LEFT, (settled, source)):
        ((raw,),) = asking.rows(_BYTES, (number,))
        said = read_values(named)
        yield Findable(
            [(key, number, digest(bytes(raw)) ^ salted)],
            [(value_key(each.observable), number, int(each.part)) for each in said],
        )


STATEMENT = (
    "INSERT INTO indicator_statement (key, object, part) VALUES (?, ?, ? <> 0) "
    "ON CONFLICT (key, object) DO NOTHING"
)
IDENTIFY = (
    "INSERT INTO indicator_identity (key, source, object, digest) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (key, source) DO UPDATE SET object = excluded.object, digest = excluded.digest, "
    "version = NULL"
)
_LEFT = "SELECT id, key, named FROM indicator_object WHERE id > ? AND source = ?"
_BYTES = "SELECT raw FROM indicator_raw WHERE object = ?"
