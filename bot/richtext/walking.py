"""Every leaf of a tree: looked at, or changed, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.richtext.tree import (
    Block,
    CodeBlock,
    Details,
    Heading,
    Inline,
    Item,
    List,
    Paragraph,
    Quote,
    RichText,
    Rule,
    Table,
)

Change = Callable[[Inline], Inline]
Expand = Callable[[Inline], Iterable[Inline]]


def leaves(body: RichText) -> Iterator[Inline]:
    """The leaves of a body, in the order of reading."""
    return _leaves(body.blocks)


def changed(body: RichText, change: Change) -> RichText:
    """The same body with each leaf as `change` makes it."""
    return RichText(_blocks(body.blocks, lambda leaf: (change(leaf),)))


def expanded(body: RichText, change: Expand) -> RichText:
    """The same body with what `change` makes of each leaf in its place."""
    return RichText(_blocks(body.blocks, change))


def _leaves(blocks: Iterable[Block]) -> Iterator[Inline]:
    for block in blocks:
        match block:
            case Paragraph(content) | Heading(_, content):
                yield from content
            case Quote(inner):
                yield from _leaves(inner)
            case List(_, items):
                for item in items:
                    yield from _leaves(item.blocks)
            case Table(rows):
                for row in rows:
                    for cell in row:
                        yield from cell
            case Details(summary, inner):
                yield from summary
                yield from _leaves(inner)
            case CodeBlock() | Rule():
                pass


def _blocks(blocks: Iterable[Block], change: Expand) -> tuple[Block, ...]:
    return tuple(_block(block, change) for block in blocks)


def _block(block: Block, change: Expand) -> Block:
    match block:
        case Paragraph(content):
            return Paragraph(_inline(content, change))
        case Heading(level, content):
            return Heading(level, _inline(content, change))
        case Quote(blocks):
            return Quote(_blocks(blocks, change))
        case List(ordered, items, start):
            return List(ordered, tuple(Item(_blocks(i.blocks, change)) for i in items), start)
        case Table(rows, header):
            cells = (tuple(_inline(cell, change) for cell in row) for row in rows)
            return Table(tuple(cells), header)
        case Details(summary, blocks):
            return Details(_inline(summary, change), _blocks(blocks, change))
        case CodeBlock() | Rule():
            return block


def _inline(content: Iterable[Inline], change: Expand) -> tuple[Inline, ...]:
    return tuple(made for leaf in content for made in change(leaf))
