"""Between Slack and the tree: a body as one run of sections, list items and code, as Slack has it.

Slack's lists are not inside one another but indented, its quotes have no blocks in them but a
border beside them. `nested` makes a tree of the run; `flatten` is the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from bot.richtext import (
    Block,
    CodeBlock,
    Inline,
    Item,
    LineBreak,
    List,
    Paragraph,
    Quote,
    Text,
)

DEEPEST_INDENT = 8
"""Levels of a list below the first that Slack's own composer makes."""

Leaves = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Paragraphs with two line breaks between them; `border`: beside a quote's bar."""

    content: Leaves
    border: bool = False


@dataclass(frozen=True, slots=True)
class Bullet:
    """A list's item; `number` counts from 1, 0 for a bullet."""

    content: Leaves
    indent: int = 0
    number: int = 0
    border: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code."""

    text: str
    language: str = ""
    border: bool = False


Flat = Section | Bullet | Code


def nested(run: Iterable[Flat]) -> tuple[Block, ...]:
    """The run as blocks: what has a border in quotes, items in lists by their indent."""
    return tuple(_quoted(run))


def _quoted(run: Iterable[Flat]) -> Iterator[Block]:
    for border, part in groupby(run, key=lambda flat: flat.border):
        blocks = tuple(_blocks(part))
        if border and blocks:
            yield Quote(blocks)
        elif not border:
            yield from blocks


def _blocks(run: Iterable[Flat]) -> Iterator[Block]:
    for is_list, part in groupby(run, key=lambda flat: isinstance(flat, Bullet)):
        if is_list:
            yield from _lists([flat for flat in part if isinstance(flat, Bullet)])
            continue
        for flat in part:
            if isinstance(flat, Section):
                yield from paragraphs(flat.content)
            elif isinstance(flat, Code):
                yield CodeBlock(flat.text, flat.language)


@dataclass(slots=True)
class _List:
    ordered: bool
    start: int
    items: list[list[Block | _List]] = field(default_factory=list)

    def takes(self, bullet: Bullet) -> bool:
        """Whether the item goes on with this list."""
        if not bullet.number:
            return not self.ordered
        return self.ordered and bullet.number == self.start + len(self.items)

    def built(self) -> List:
        items = (
            Item(tuple(part.built() if isinstance(part, _List) else part for part in item))
            for item in self.items
        )
        return List(self.ordered, tuple(items), self.start)


def _lists(bullets: list[Bullet]) -> Iterator[List]:
    tops: list[_List] = []
    stack: list[_List] = []
    for bullet in bullets:
        depth = min(bullet.indent, len(stack), DEEPEST_INDENT)
        del stack[depth + 1 :]
        if len(stack) > depth and not stack[depth].takes(bullet):
            del stack[depth:]
        if len(stack) == depth:
            opened = _List(bullet.number > 0, max(bullet.number, 1))
            if stack:
                stack[-1].items[-1].append(opened)
            else:
                tops.append(opened)
            stack.append(opened)
        stack[depth].items.append(list(paragraphs(bullet.content)))
    for top in tops:
        yield top.built()


def paragraphs(content: Leaves) -> Iterator[Paragraph]:
    """The leaves as paragraphs: cut where two line breaks, no more, stand between others."""
    content = tuple(joined(content))
    start = place = 0
    last = len(content)
    while place < last:
        if not isinstance(content[place], LineBreak):
            place += 1
            continue
        begin = place
        while place < last and isinstance(content[place], LineBreak):
            place += 1
        if place - begin == 2 and begin > 0 and place < last:
            yield Paragraph(content[start:begin])
            start = place
    if start < last:
        yield Paragraph(content[start:])


def joined(content: Iterable[Inline]) -> Iterator[Inline]:
    """Neighbouring texts of one style as one, none empty: the same text gives the same tree."""
    run: list[str] = []
    style = 0
    for leaf in content:
        if isinstance(leaf, Text):
            if run and leaf.style != style:
                yield Text("".join(run), style)
                run.clear()
            if leaf.text:
                style = leaf.style
                run.append(leaf.text)
            continue
        if run:
            yield Text("".join(run), style)
            run.clear()
        yield leaf
    if run:
        yield Text("".join(run), style)
