"""What is said very often of one thing: so much of it is looked at, the newest, whoever asks.

A source may say a million things of one address, and whoever asks of it must not pay for that in
memory. Only what an audience may see is counted, so that nothing else takes its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

from bot.indicators.raw import Asking, Rows
from bot.indicators.sight import NEVER

ROOM = 20_000
"""Rows of one statement that are held at once: of more it is asked a page at a time."""
EACH = 200
"""Statements of one source about one value,"""
TIES = 1_000
"""and objects that one hangs together with."""
_PAGE = 5_000
_Row = TypeVar("_Row")


def newest(
    rows: Sequence[_Row], about: Callable[[_Row], tuple[Hashable, int]], most: int
) -> Sequence[_Row]:
    """So many about each thing; `about`: what a row is about, and its number."""
    if len(rows) <= most:
        return rows
    counted, kept = Counter[Hashable](), list[_Row]()
    for row in sorted(rows, key=lambda each: about(each)[1], reverse=True):
        thing, _ = about(row)
        counted[thing] += 1
        if counted[thing] <= most:
            kept.append(row)
    return kept


def paged(asking: Asking, statement: str, values: Sequence[Any]) -> Iterator[Rows]:
    """Rows a page at a time, the newest first: their number stands first in them, and the
    statement is asked for those below one, in their order, and so many.
    """
    before = NEVER - 1
    while rows := asking.rows(statement, (*values, before, _PAGE)):
        before = rows[-1][0]
        yield rows
