"""Cutting what is longer than a message: between lines, then words, then characters as seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.platforms.slack.markup.flat import Leaves
from bot.platforms.slack.markup.lengths import fitting, leaf_cost, length
from bot.richtext import Inline, LineBreak, Text
from bot.richtext.clusters import boundary

_WORDS = re.compile(r"\s*\S+\s?|\s+")


def pieces_of_code(text: str, room: int) -> Iterator[str]:
    """Lines of code in pieces that fit; the line ends between them go."""
    waiting: list[str] = []
    left = room
    for line in text.split("\n"):
        price = length(line) + 1
        if price > left and waiting:
            yield "\n".join(waiting)
            waiting, left = [], room
        if price > room:
            *whole, line = _chopped(line, room)  # noqa: PLW2901  its end goes on as a line
            yield from whole
            price = length(line) + 1
        waiting.append(line)
        left -= price
    yield "\n".join(waiting)


def pieces_of_leaves(content: Leaves, room: int) -> Iterator[Leaves]:
    """A paragraph in pieces that fit; the line breaks between them go."""
    if sum(map(leaf_cost, content)) <= room:
        yield content
        return
    waiting: list[Inline] = []
    left = room
    for price, unit in _units(content, room):
        if price > left and waiting:
            yield _without_end(waiting)
            waiting, left = [], room
        waiting += unit if waiting or not isinstance(unit[0], LineBreak) else unit[1:]
        left -= price
    if waiting:
        yield tuple(waiting)


_Priced = tuple[int, list[Inline]]


def _units(content: Leaves, room: int) -> Iterator[_Priced]:
    """What is kept together, with its price: a line and the break before it; of one too long,
    each word.
    """
    line: list[Inline] = []
    price = 0
    for leaf in content:
        if isinstance(leaf, LineBreak) and line:
            yield from _line(price, line, room)
            line, price = [leaf], 1
            continue
        line.append(leaf)
        price += leaf_cost(leaf)
    yield from _line(price, line, room)


def _line(price: int, line: list[Inline], room: int) -> Iterable[_Priced]:
    if price <= room:
        return ((price, line),)
    return _words(line, room)


def _words(line: list[Inline], room: int) -> Iterator[_Priced]:
    for leaf in line:
        if not isinstance(leaf, Text):
            yield leaf_cost(leaf), [leaf]
            continue
        for part in _packed(leaf.text, room):
            piece = Text(part, leaf.style)
            yield leaf_cost(piece), [piece]


def _packed(text: str, room: int) -> Iterator[str]:
    """A text in pieces of whole words, each at most a quarter of a message, so that a piece still
    finds room beside what comes before it.
    """
    small = max(room // 4, 1)
    waiting: list[str] = []
    left = small
    for word in _WORDS.findall(text):
        price = length(word)
        if price > left and waiting:
            yield "".join(waiting)
            waiting, left = [], small
        if price > room:
            yield from _chopped(word, room)
            continue
        waiting.append(word)
        left -= price
    if waiting:
        yield "".join(waiting)


def _chopped(text: str, room: int) -> Iterator[str]:
    """A word in pieces, none of which ends inside what is seen as one character."""
    start = 0
    while start < len(text):
        window = text[start : start + max(room, 1) + 1]
        taken = fitting(window[:-1] if len(window) > room else window, room)
        if start + taken < len(text):
            taken = boundary(window, taken) or taken
        yield text[start : start + taken]
        start += taken


def _without_end(leaves: Iterable[Inline]) -> Leaves:
    kept = list(leaves)
    while len(kept) > 1 and isinstance(kept[-1], LineBreak):
        kept.pop()
    return tuple(kept)
