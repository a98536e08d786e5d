"""Tables for a network that is read on telephones: aligned where narrow, else lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from bot.richtext import CodeBlock, Inline, LineBreak, Style, Table, Text, plain_inline

NARROW = 40
"""Columns of characters that a telephone shows in one line of code without scrolling."""
BETWEEN = "  "
_LOST = ~int(Style.CODE | Style.BOLD)

Leaves = tuple[Inline, ...]
Row = tuple[Leaves, ...]


def aligned(rows: Sequence[Row], header: int) -> CodeBlock | None:
    """The table as code with its columns under each other; None where it is too wide for that, or
    holds what code cannot: lines, styles, links, mentions.
    """
    if not all(_is_plain(leaf) for row in rows for cell in row for leaf in cell):
        return None
    texts = [[plain_inline(cell) for cell in row] for row in rows]
    widths = [
        max((width(row[column]) for row in texts if column < len(row)), default=0)
        for column in range(max(map(len, texts), default=0))
    ]
    total = sum(widths) + len(BETWEEN) * (len(widths) - 1)
    if not 0 < total <= NARROW:
        return None
    written = [
        BETWEEN.join(
            text + " " * (widths[at] - width(text)) for at, text in enumerate(row)
        ).rstrip()
        for row in texts
    ]
    if 0 < header < len(written):
        written.insert(header, BETWEEN.join("─" * size for size in widths))
    return CodeBlock("\n".join(written))


def width(text: str) -> int:
    """The columns that a text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Cf"}
        else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})
        for character in text
    )  # fmt: skip


def as_items(table: Table, bold: Callable[[Leaves], Leaves]) -> list[Leaves]:
    """One run of leaves a row: with headings, a line for each cell that has something in it, its
    heading before it; without, the cells beside each other. Of several rows of headings the last
    stands before the cells, the others (and one that no cell follows) above them.
    """
    headed = 0 < table.header < len(table.rows)
    heads, body = (
        (table.rows[: table.header], table.rows[table.header :]) if headed else ((), table.rows)
    )
    labels = heads[-1] if heads else ()
    told = all(
        not label or any(column < len(row) and row[column] for row in body)
        for column, label in enumerate(labels)
    )
    above = heads[:-1] if told else heads
    return [_row(tuple(map(bold, row)), (), bold) for row in above] + [
        _row(row, labels, bold) for row in body
    ]


def _row(row: Row, labels: Row, bold: Callable[[Leaves], Leaves]) -> Leaves:
    parts: list[Inline] = []
    for column, cell in enumerate(row):
        label = labels[column] if column < len(labels) else ()
        if labels and not cell:
            continue
        if parts:
            parts.append(LineBreak() if labels else Text(" | "))
        if label:
            parts.extend((*bold(label), Text(": ")))
        parts.extend(cell)
    return tuple(parts)


def _is_plain(leaf: Inline) -> bool:
    return isinstance(leaf, Text) and not leaf.style & _LOST
