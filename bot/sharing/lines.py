"""A body as lines in which it can be seen what its author said openly, as running text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    Paragraph,
    Quote,
    RichText,
    Rule,
    Style,
    Table,
    Text,
)
from bot.richtext.plain import plain_inline

COVERED = "\ufffc"
"""Stands for everything that is not the author's open word: code, quotes, what is hidden, struck
out, or shown as something else (Unicode's object replacement character)."""
_CLOSED = Style.CODE | Style.SPOILER | Style.STRIKE


@dataclass(frozen=True, slots=True)
class Line:
    """A line: all its text, and the same with `COVERED` for what is not openly said."""

    text: str
    open: str


def lines_of(body: RichText) -> Iterator[Line]:
    """Every line of a body, in order; what lies inside of quotes and details too."""
    for block in body.blocks:
        yield from _lines(block, True)


def _lines(block: Block, is_open: bool) -> Iterator[Line]:
    match block:
        case Paragraph(content) | Heading(_, content):
            yield from _inline(content, is_open)
        case CodeBlock(text):
            yield from (Line(each, COVERED) for each in text.split("\n"))
        case Quote(blocks):
            yield from _covered(blocks)
        case List(_, items):
            for item in items:
                for each in item.blocks:
                    yield from _lines(each, is_open)
        case Table(rows):
            for row in rows:
                yield Line(" ".join(plain_inline(cell) for cell in row), COVERED)
        case Details(summary, blocks):
            yield from _inline(summary, False)
            yield from _covered(blocks)
        case Rule():
            pass


def _covered(blocks: Iterable[Block]) -> Iterator[Line]:
    for block in blocks:
        yield from _lines(block, False)


def _inline(content: Iterable[Inline], is_open: bool) -> Iterator[Line]:
    text = shown = ""
    for leaf in content:
        if isinstance(leaf, LineBreak):
            yield Line(text, shown)
            text = shown = ""
            continue
        said = plain_inline((leaf,))
        text += said
        shown += said if is_open and _is_open(leaf) else COVERED
    yield Line(text, shown)


def _is_open(leaf: Inline) -> bool:
    if isinstance(leaf, LineBreak) or leaf.style & _CLOSED:
        return False
    return isinstance(leaf, Text) or (isinstance(leaf, Link) and leaf.made)
