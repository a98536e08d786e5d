"""Objects of a source that is new: each has to be read, and is, ahead of what is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bot.indicators.frames import Found
from bot.indicators.reader import Reader
from bot.indicators.ready import Ready, ready
from bot.indicators.things import Item, Unread

ALONE = 2
"""Batches that are read here before a process is begun for the rest: it takes half a second to be
there, and some 30 MB."""
_AHEAD = 1
"""Batches that are with it, or wait to be written."""


def read_ahead(batches: Iterable[Sequence[Item]], reader: Reader) -> Iterator[list[Ready]]:
    """What was made of them, in their order. `batches` are asked for in the same thread."""
    waiting: deque[tuple[Sequence[Item], Future[Found]]] = deque()
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        for number, items in enumerate(batches):
            raws = [each.raw for each in items if isinstance(each, Unread)]
            if number < ALONE or reader.is_over or not raws:
                yield from _given(waiting, 0)
                yield [_here(each) for each in items]
                continue
            waiting.append((items, thread.submit(reader.read, raws)))
            yield from _given(waiting, _AHEAD)
        yield from _given(waiting, 0)


def _given(
    waiting: deque[tuple[Sequence[Item], Future[Found]]], most: int
) -> Iterator[list[Ready]]:
    """What came back, until no more than so many wait."""
    while len(waiting) > most:
        items, found = waiting.popleft()
        made = iter(found.result())
        yield [_joined(each, next(made)) if isinstance(each, Unread) else ready(each)
               for each in items]  # fmt: skip


def _joined(item: Unread, made: Ready | None) -> Ready:
    if made is None:
        return ready(item.read())
    made.raw = item.raw
    return made


def _here(item: Item) -> Ready:
    return ready(item.read() if isinstance(item, Unread) else item)
