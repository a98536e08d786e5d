"""Calls to everyone that the channel does not let ping: said as words."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Everyone,
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


def quiet(body: RichText) -> RichText:
    """The same body, in which nobody is pinged; the very same where nobody was."""
    return RichText(_blocks(body.blocks)) if _any(body.blocks) else body


def _any(blocks: Iterable[Block]) -> bool:
    return any(_pings(block) for block in blocks)


def _pings(block: Block) -> bool:
    match block:
        case Paragraph(content) | Heading(_, content):
            return _called(content)
        case Quote(blocks):
            return _any(blocks)
        case List(_, items):
            return any(_any(item.blocks) for item in items)
        case Table(rows):
            return any(_called(cell) for row in rows for cell in row)
        case Details(summary, blocks):
            return _called(summary) or _any(blocks)
        case CodeBlock() | Rule():
            return False


def _called(content: Iterable[Inline]) -> bool:
    return any(type(leaf) is Everyone and leaf.ping for leaf in content)


def _blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(_block(block) for block in blocks)


def _block(block: Block) -> Block:
    match block:
        case Paragraph(content):
            return Paragraph(_inline(content))
        case Heading(level, content):
            return Heading(level, _inline(content))
        case Quote(blocks):
            return Quote(_blocks(blocks))
        case List(ordered, items, start):
            return List(ordered, tuple(Item(_blocks(item.blocks)) for item in items), start)
        case Table(rows, header):
            return Table(tuple(tuple(_inline(cell) for cell in row) for row in rows), header)
        case Details(summary, blocks):
            return Details(_inline(summary), _blocks(blocks))
        case CodeBlock() | Rule():
            return block


def _inline(content: Iterable[Inline]) -> tuple[Inline, ...]:
    return tuple(
        replace(leaf, ping=False) if isinstance(leaf, Everyone) else leaf for leaf in content
    )
