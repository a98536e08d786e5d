"""The tree as Slack can hold it: what Slack has no form for gets a sensible stand-in.

Headings are bold lines, details their summary and content, formulas code, rules a line of dashes;
spoilers are hidden, tables aligned or lists (`tables`), quotes in quotes have `> ` before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from bot.platforms.slack.markup.flat import (
    DEEPEST_INDENT,
    Bullet,
    Code,
    Flat,
    Leaves,
    Section,
    joined,
)
from bot.platforms.slack.markup.tables import aligned, as_items
from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Heading,
    Inline,
    Item,
    LineBreak,
    List,
    Paragraph,
    Quote,
    Rule,
    Style,
    Table,
    Text,
)

RULE = "———"
_BREAK = LineBreak()
_BOLD = int(Style.BOLD)

Held = Callable[[Iterable[Inline]], Leaves]
"""Leaves as those that Slack can hold."""


def flatten(blocks: Iterable[Block], held: Held) -> list[Flat]:
    """The blocks as a run that `flat.nested` makes the same blocks of, as far as Slack has them."""
    flattening = _Flattening(held)
    flattening.blocks(blocks, quotes=0, indent=0)
    return [
        Section(tuple(joined(flat.content)), flat.border) if isinstance(flat, _Open) else flat
        for flat in flattening.run
    ]


class _Open:
    """A section that further paragraphs are added to."""

    def __init__(self, content: list[Inline], border: bool) -> None:
        self.content = content
        self.border = border


class _Flattening:
    def __init__(self, held: Held) -> None:
        self.run: list[_Open | Flat] = []
        self._held = held

    def blocks(self, blocks: Iterable[Block], *, quotes: int, indent: int) -> None:
        for block in blocks:
            self._block(block, quotes, indent)

    def _block(self, block: Block, quotes: int, indent: int) -> None:
        match block:
            case Paragraph(content):
                self._paragraph(self._held(content), quotes)
            case Heading(_, content):
                self._paragraph(bold(self._held(content)), quotes)
            case CodeBlock(text, language):
                self.run.append(Code(text, language, quotes > 0))
            case Rule():
                self._paragraph((Text(RULE),), quotes)
            case Quote(inner):
                self.blocks(inner, quotes=quotes + 1, indent=0)
            case Details(summary, inner):
                self._paragraph(bold(self._held(summary)), quotes)
                self.blocks(inner, quotes=quotes, indent=indent)
            case List():
                self._list(block, quotes, indent)
            case Table(rows, header):
                self._table(Table(tuple(self._cells(row) for row in rows), header), quotes, indent)

    def _cells(self, row: tuple[Leaves, ...]) -> tuple[Leaves, ...]:
        return tuple(self._held(cell) for cell in row)

    def _paragraph(self, content: Leaves, quotes: int) -> None:
        if not content:
            return
        content = _marked(content, quotes)
        last = self.run[-1] if self.run else None
        if isinstance(last, _Open) and last.border == (quotes > 0):
            last.content += [_BREAK, _BREAK, *content]
        else:
            self.run.append(_Open(list(content), quotes > 0))

    def _list(self, block: List, quotes: int, indent: int) -> None:
        for place, item in enumerate(block.items):
            number = max(block.start, 1) + place if block.ordered else 0
            self._item(item, quotes, indent, number)

    def _item(self, item: Item, quotes: int, indent: int, number: int) -> None:
        content: list[Inline] = []
        rest = list(item.blocks)
        while rest and isinstance(block := rest[0], Paragraph | Heading):
            del rest[0]
            more = self._held(block.content)
            more = bold(more) if isinstance(block, Heading) else more
            content += [_BREAK, _BREAK, *more] if content and more else more
        leaves = tuple(joined(_marked(tuple(content), quotes)))
        self.run.append(Bullet(leaves, min(indent, DEEPEST_INDENT), number, quotes > 0))
        self.blocks(rest, quotes=quotes, indent=indent + 1)

    def _table(self, table: Table, quotes: int, indent: int) -> None:
        code = aligned(table.rows, table.header)
        if code is not None:
            self.run.append(Code(code.text, "", quotes > 0))
            return
        for content in as_items(table, bold):
            if content:
                leaves = tuple(joined(_marked(content, quotes)))
                self.run.append(Bullet(leaves, min(indent, DEEPEST_INDENT), 0, quotes > 0))


def bold(content: Leaves) -> Leaves:
    """The leaves in bold."""
    return tuple(
        leaf
        if isinstance(leaf, LineBreak)
        else msgspec.structs.replace(leaf, style=leaf.style | _BOLD)
        for leaf in content
    )


def _marked(content: Leaves, quotes: int) -> Leaves:
    """The lines of a quote in a quote, with a mark for each quote that Slack cannot show."""
    if quotes < 2:
        return content
    mark = Text("> " * (quotes - 1))
    marked: list[Inline] = [mark]
    for leaf in content:
        marked += [leaf, mark] if isinstance(leaf, LineBreak) else [leaf]
    return tuple(marked)
