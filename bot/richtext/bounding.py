"""No body has more leaves than people write: what follows is one block of code."""

from __future__ import annotations

from collections.abc import Sequence

from bot.richtext.plain import plain
from bot.richtext.tree import (
    Block,
    CodeBlock,
    Details,
    Heading,
    List,
    Paragraph,
    Quote,
    RichText,
    Rule,
    Table,
)

MOST_LEAVES = 5_000
"""Leaves, blocks, items, rows and cells of a body: some 2,500 lines of plain text.

Whatever is written, measured or cut takes time by the leaf, and an event of 64 KiB has room for
tens of thousands of them that no person typed.
"""

_Blocks = Sequence[Block]


def bounded(body: RichText, most: int = MOST_LEAVES) -> RichText:
    """The body; of one with too many leaves the first `most`, and the rest as its bare text in a
    code block, where nothing is lost or means anything. Spoilers in that rest are hidden.
    """
    if weight(body.blocks) <= most:
        return body
    head, rest = _torn(body.blocks, most)
    return RichText((*head, CodeBlock(plain(RichText(tuple(rest)), spoilers=False))))


def weight(blocks: _Blocks) -> int:
    """How many leaves, blocks, items, rows and cells there are."""
    return sum(map(_weight, blocks))


def _weight(block: Block) -> int:
    if type(block) is Paragraph:  # the common case, short
        return 1 + len(block.content)
    match block:
        case Paragraph() | Heading():
            return 1 + len(block.content)
        case CodeBlock() | Rule():
            return 1
        case Quote():
            return 1 + weight(block.blocks)
        case Details():
            return 1 + len(block.summary) + weight(block.blocks)
        case List():
            return 1 + sum(1 + weight(item.blocks) for item in block.items)
        case Table():
            return 1 + sum(1 + len(row) + sum(map(len, row)) for row in block.rows)


def _torn(blocks: _Blocks, left: int) -> tuple[_Blocks, _Blocks]:
    """The first blocks that weigh no more than what is left, and the rest."""
    for place, block in enumerate(blocks):
        price = _weight(block)
        if price > left:
            head, rest = _halves(block, left - 1)
            return (*blocks[:place], *head), (*rest, *blocks[place + 1 :])
        left -= price
    return blocks, ()


def _halves(block: Block, left: int) -> tuple[_Blocks, _Blocks]:
    """A block that weighs too much, torn where that is simple."""
    if left <= 0:
        return (), (block,)
    match block:
        case Paragraph(content):
            return (Paragraph(content[:left]),), (Paragraph(content[left:]),)
        case Quote(blocks):
            head, rest = _torn(blocks, left)
            return ((Quote(tuple(head)),) if head else ()), (Quote(tuple(rest)),)
        case List(ordered, items, start):
            whole = 0
            while (left := left - 1 - weight(items[whole].blocks)) >= 0:
                whole += 1
            head = (List(ordered, items[:whole], start),) if whole else ()
            return head, (List(ordered, items[whole:], start + whole),)
        case _:
            return (), (block,)
