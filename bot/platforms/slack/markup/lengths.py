"""What Slack may count of a run: characters, escaped, and something for each element."""

from __future__ import annotations

from bot.platforms.slack.markup.escaping import escape
from bot.platforms.slack.markup.flat import Code, Flat
from bot.richtext import HIDDEN, Inline, LineBreak, Link, Text, plain_inline

ELEMENT = 12
"""What an element is taken for at least: no part has more than a thousand or so."""
_HIDDEN = len(HIDDEN) + 32
"""A spoiler's stand-in with its word, which may be longer than what it hides."""


def flat_cost(flat: Flat) -> int:
    """What a section, item or block of code is taken for."""
    if isinstance(flat, Code):
        return ELEMENT + length(flat.text)
    return ELEMENT + sum(map(leaf_cost, flat.content))


def leaf_cost(leaf: Inline) -> int:
    """What a leaf is taken for, however it will be written."""
    if isinstance(leaf, LineBreak):
        return 1
    if isinstance(leaf, Text):
        size = max(length(leaf.text), ELEMENT)
        return max(size, _HIDDEN) if leaf.style > 31 else size
    if isinstance(leaf, Link):
        return 3 * ELEMENT + length(leaf.url) + length(leaf.text)
    return _HIDDEN + length(plain_inline((leaf,)))


def length(text: str) -> int:
    """Characters of a text when it is escaped, counted as JavaScript counts them."""
    if text.isascii():
        return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
    return len(escape(text).encode("utf-16-le", "surrogatepass")) // 2


def fitting(text: str, room: int) -> int:
    """How many of the first characters of a text are taken for at most `room`; at least one."""
    taken = min(len(text), max(room, 1))
    while taken > 1 and length(text[:taken]) > room:
        over = length(text[:taken])
        taken = max(1, min(taken - 1, taken * room // over))
    return taken
