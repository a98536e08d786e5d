"""A tree in which the calls to all in the room are pings."""

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


def with_pings(body: RichText) -> RichText:
    """The same body, its author having the right to call everybody and doing so.

    What is quoted calls nobody.
    """
    return RichText(_blocks(body.blocks))


def _blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(_block(block) for block in blocks)


def _block(block: Block) -> Block:
    match block:
        case Paragraph(content) | Heading(_, content):
            return replace(block, content=_leaves(content))
        case List(items=items):
            return replace(block, items=tuple(Item(_blocks(item.blocks)) for item in items))
        case Table(rows):
            return replace(block, rows=tuple(tuple(_leaves(cell) for cell in row) for row in rows))
        case Details(summary, blocks):
            return Details(_leaves(summary), _blocks(blocks))
        case Quote() | CodeBlock() | Rule():
            return block


def _leaves(content: Iterable[Inline]) -> tuple[Inline, ...]:
    return tuple(
        replace(leaf, ping=True) if isinstance(leaf, Everyone) else leaf for leaf in content
    )
