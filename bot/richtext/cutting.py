"""Where a run of leaves or lines of code may be cut, and the best such place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from bot.richtext.clusters import boundary
from bot.richtext.tree import Inline, LineBreak, Link, Text

_COARSE = 64
"""A cut is sought to one part in so many of what fits: every try measures a whole part, and the
place is moved back to the end of a line or word anyway."""

_PARAGRAPH, _LINE, _WORD = (
    re.compile(r"\n\n(?!\n)"),
    re.compile(r"\n"),
    re.compile(r"[ \t]"),
)
_ENDS = (_PARAGRAPH, _LINE, _WORD)


def longest(count: int, fits: Callable[[int], bool], coarse: int = 0) -> int:
    """The largest number up to `count` that fits (0 always does).

    With `coarse`, to one part in so many of it. Tries no number of more than twice the answer,
    so that the time grows with the part and not with all that follows it.
    """
    low, high = 0, 1
    while high < count and fits(high):
        low, high = high, high * 2
    if high >= count:
        if fits(count):
            return count
        high = count
    while high - low > max(1, low // coarse if coarse else 1):
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def cut_text(text: str, fits: Callable[[str], bool], *, force: bool) -> tuple[str, str] | None:
    """Lines of code cut in two: at a line's end, which goes; else at a word's, else anywhere.

    `force`: the first part holds something even if it does not fit.
    """
    place = longest(len(text), lambda end: fits(text[:end]), _COARSE)
    if place == len(text):
        return text, ""
    place = _best(text, place) or (boundary(text, 1, forward=True) if force else 0)
    if not place:
        return None
    head, rest = text[:place], text[place:]
    if head.endswith("\n"):
        return head[:-1] or head, rest
    return head, rest.removeprefix("\n")


def cut_leaves(
    content: tuple[Inline, ...], fits: Callable[[tuple[Inline, ...]], bool], *, force: bool
) -> tuple[tuple[Inline, ...], tuple[Inline, ...]] | None:
    """A run of leaves cut in two, as `cut_text`; line breaks at the cut go, only texts are cut."""
    text, starts = _shadow(content)

    def measured(place: int) -> bool:
        return fits(_before(content, starts, place))

    place = longest(len(text), measured, _COARSE)
    if place == len(text):
        return content, ()
    place = _best(text, place) or (boundary(text, 1, forward=True) if force else 0)
    if not place:
        return None
    head, rest = _divided(content, starts, place)
    if not head:
        return (rest[:1], rest[1:]) if force else None
    return _without_ends(head), _without_beginning(rest)


def _best(text: str, place: int) -> int:
    """The best place at or before `place`: none so early that most of the room is wasted."""
    early = place // 4
    for pattern in _ENDS:
        if pattern is not _WORD and pattern.match(text, place):
            return place
        found = max((match.end() for match in pattern.finditer(text, early, place)), default=0)
        if found:
            return found
    return boundary(text, place)


def _shadow(content: tuple[Inline, ...]) -> tuple[str, list[int]]:
    """The run as a string in which texts are themselves and all else is one character, and where
    each leaf begins in it.
    """
    shown = [_stand_in(leaf) for leaf in content]
    return "".join(shown), list(accumulate((len(part) for part in shown), initial=0))


def _stand_in(leaf: Inline) -> str:
    match leaf:
        case Text(text):
            return text.replace("\n", " ")
        case LineBreak():
            return "\n"
        case Link(_, text, _, True):
            return "\ufffc" if text else ""
        case _:
            return "\ufffc"


def _before(content: tuple[Inline, ...], starts: list[int], place: int) -> tuple[Inline, ...]:
    index = bisect_right(starts, place) - 1
    inside = place - starts[index]
    if inside and isinstance(leaf := content[index], Text):
        return (*content[:index], Text(leaf.text[:inside], leaf.style))
    return content[:index]


def _divided(
    content: tuple[Inline, ...], starts: list[int], place: int
) -> tuple[tuple[Inline, ...], tuple[Inline, ...]]:
    index = bisect_right(starts, place) - 1
    inside = place - starts[index]
    head = _before(content, starts, place)
    if inside and isinstance(leaf := content[index], Text):
        return head, (Text(leaf.text[inside:], leaf.style), *content[index + 1 :])
    return head, content[index:]


def _without_ends(leaves: tuple[Inline, ...]) -> tuple[Inline, ...]:
    last = len(leaves)
    while last > 1 and isinstance(leaves[last - 1], LineBreak):
        last -= 1
    return leaves[:last]


def _without_beginning(leaves: tuple[Inline, ...]) -> tuple[Inline, ...]:
    return tuple(_breaks_gone(leaves))


def _breaks_gone(leaves: tuple[Inline, ...]) -> Iterator[Inline]:
    started = False
    for leaf in leaves:
        started = started or not isinstance(leaf, LineBreak)
        if started:
            yield leaf
