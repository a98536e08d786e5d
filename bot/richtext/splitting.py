"""Splitting a body that is too long for one message, by whatever a network's limit counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.richtext.cutting import cut_leaves, cut_text, longest
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
    Text,
)

MOST_PARTS = 10
"""More parts than this are no message any more: the body goes as a file."""

Blocks = tuple[Block, ...]
Fits = Callable[[Blocks], bool]
_Piece = TypeVar("_Piece")
_Torn = tuple[Blocks, Blocks] | None
"""The blocks before and after the cut; None where not the least piece fits before it."""


def split(
    body: RichText, cost: Callable[[RichText], int], limit: int, most: int = MOST_PARTS
) -> tuple[RichText, ...] | None:
    """The body in parts of at most `limit` each by `cost`; None where that makes more than `most`.

    `cost` must not fall when a body grows, nor be more for a whole than for its parts together.
    A block that fits in one part is never torn; what is longer is cut between its blocks, items
    or rows, then between paragraphs and lines, then between words, then between characters as
    people see them, and is opened again in the next part: a quote, a list with its numbers, a
    table with its headings, a code block with its language. What cannot be cut (a link longer
    than the limit) is a part of its own.
    """
    rest, parts = body.blocks, list[RichText]()

    def fits(blocks: Blocks) -> bool:
        return cost(RichText(blocks)) <= limit

    while (weight := cost(RichText(rest))) > limit:
        if weight > limit * (most - len(parts)):
            return None
        head, rest = _cut(rest, fits, force=True) or (rest, ())
        parts.append(RichText(head))
    return (*parts, RichText(rest)) if rest or not parts else tuple(parts)


def beginning(body: RichText, cost: Callable[[RichText], int], limit: int) -> RichText:
    """The most of a body, from its beginning, that is within the limit; at least something."""
    head = _cut(body.blocks, lambda blocks: cost(RichText(blocks)) <= limit, force=True)
    return body if head is None else RichText(head[0])


def _cut(blocks: Blocks, fits: Fits, *, force: bool) -> _Torn:
    """The most blocks that fit, and the rest. `force`: at least something, fitting or not."""
    whole = longest(len(blocks), lambda count: fits(blocks[:count]))
    head, rest = blocks[:whole], blocks[whole:]
    if not rest:
        return head, ()
    if head and fits(rest[:1]):
        return head, rest
    torn = _tear(rest[0], lambda piece: fits((*head, *piece)), force=force and not head)
    if torn is None:
        return (head, rest) if head else None
    piece, left = torn
    return (*head, *piece), (*left, *rest[1:])


def _tear(block: Block, fits: Fits, *, force: bool) -> _Torn:
    match block:
        case Paragraph(content):
            return _content(content, Paragraph, fits, force=force)
        case Heading(level, content):
            return _content(content, lambda part: Heading(level, part), fits, force=force)
        case CodeBlock(text, language):
            halves = cut_text(text, lambda part: fits((CodeBlock(part, language),)), force=force)
            return _wrapped(halves, lambda part: CodeBlock(part, language))
        case Quote(blocks):
            inner = _cut(blocks, lambda part: fits((Quote(part),)), force=force)
            return _wrapped(inner, Quote)
        case Details(summary, blocks):
            inner = _cut(blocks, lambda part: fits((Details(summary, part),)), force=force)
            return _wrapped(inner, lambda part: Details(summary, part))
        case List():
            return _items(block, fits, force=force)
        case Table():
            return _rows(block, fits, force=force)
        case Rule():
            return ((block,), ()) if force else None


def _content(
    content: tuple[Inline, ...],
    make: Callable[[tuple[Inline, ...]], Block],
    fits: Fits,
    *,
    force: bool,
) -> _Torn:
    return _wrapped(cut_leaves(content, lambda part: fits((make(part),)), force=force), make)


def _wrapped(halves: tuple[_Piece, _Piece] | None, make: Callable[[_Piece], Block]) -> _Torn:
    if halves is None:
        return None
    head, rest = halves
    return (make(head),), ((make(rest),) if rest else ())


def _items(block: List, fits: Fits, *, force: bool) -> _Torn:
    def made(items: Sequence[Item], skipped: int = 0) -> Blocks:
        return (List(block.ordered, tuple(items), block.start + skipped),) if items else ()

    items = block.items
    whole = longest(len(items), lambda count: fits(made(items[:count])))
    head, rest = items[:whole], items[whole:]
    if not rest or (head and fits(made(rest[:1]))):
        return made(head), made(rest, whole)
    torn = _cut(
        rest[0].blocks,
        lambda part: fits(made([*head, Item(part)])),
        force=force and not head,
    )
    if torn is None:
        return (made(head), made(rest, whole)) if head else None
    before, after = torn
    left = [Item(after)] if after else []
    skipped = whole + (0 if after else 1)
    return made([*head, Item(before)]), made([*left, *rest[1:]], skipped)


def _rows(block: Table, fits: Fits, *, force: bool) -> _Torn:
    headings, rows = block.rows[: block.header], block.rows[block.header :]

    def made(part: Sequence[tuple[tuple[Inline, ...], ...]]) -> Blocks:
        return (Table((*headings, *part), block.header),) if part else ()

    whole = longest(len(rows), lambda count: fits(made(rows[:count])))
    if whole:
        return made(rows[:whole]), made(rows[whole:])
    if not force and rows and fits(made(rows[:1])):
        return None
    return _cut(tuple(Paragraph(_row(row)) for row in block.rows), fits, force=force)


def _row(row: tuple[tuple[Inline, ...], ...]) -> tuple[Inline, ...]:
    """A row that is too long for a table, as a line."""
    parts: list[Inline] = []
    for number, cell in enumerate(row):
        parts.extend([Text(" | ")] if number else [])
        parts.extend(cell)
    return tuple(parts)
