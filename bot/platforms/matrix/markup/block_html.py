"""Settled blocks → HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from bot.platforms.matrix.markup.inline_html import Pictures, inline_html
from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Heading,
    Inline,
    List,
    Math,
    Paragraph,
    Quote,
    Rule,
    Table,
)

_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


def blocks_html(blocks: Sequence[Block], pictures: Pictures) -> str:
    """Blocks as HTML; a paragraph that comes first needs no tag of its own."""
    return "".join(
        inline_html(block.content, pictures)
        if isinstance(block, Paragraph) and not number and not _is_formula(block)
        else _block(block, pictures)
        for number, block in enumerate(blocks)
    )


def _block(block: Block, pictures: Pictures) -> str:
    match block:
        case Paragraph(content):
            return _formula(content) or f"<p>{inline_html(content, pictures)}</p>"
        case Heading(level, content):
            tag = f"h{min(max(level, 1), 6)}"
            return f"<{tag}>{inline_html(content, pictures)}</{tag}>"
        case CodeBlock(text, language):
            known = f' class="language-{language}"' if _LANGUAGE.fullmatch(language) else ""
            return f"<pre><code{known}>{html.escape(text, quote=False)}\n</code></pre>"
        case Rule():
            return "<hr>"
        case Quote(blocks):
            return f"<blockquote>{blocks_html(blocks, pictures)}</blockquote>"
        case List():
            return _list(block, pictures)
        case Table():
            return _table(block, pictures)
        case Details(summary, blocks):
            shown = f"<summary>{inline_html(summary, pictures)}</summary>"
            return f"<details>{shown}{blocks_html(blocks, pictures)}</details>"


def _is_formula(block: Paragraph) -> bool:
    return len(block.content) == 1 and isinstance(block.content[0], Math)


def _formula(content: Sequence[Inline]) -> str:
    """A paragraph that is a formula alone, as a block; empty for any other."""
    if len(content) != 1 or not isinstance(leaf := content[0], Math) or leaf.style:
        return ""
    shown = html.escape(leaf.tex, quote=False)
    return f'<div data-mx-maths="{html.escape(leaf.tex)}"><code>{shown}</code></div>'


def _list(block: List, pictures: Pictures) -> str:
    tag = "ol" if block.ordered else "ul"
    start = f' start="{block.start}"' if block.ordered and block.start != 1 else ""
    items = "".join(f"<li>{blocks_html(item.blocks, pictures)}</li>" for item in block.items)
    return f"<{tag}{start}>{items}</{tag}>"


def _table(block: Table, pictures: Pictures) -> str:
    head, body = block.rows[: block.header], block.rows[block.header :]
    rows = "".join(_row(row, "th", pictures) for row in head)
    others = "".join(_row(row, "td", pictures) for row in body)
    heading = f"<thead>{rows}</thead>" if rows else ""
    return f"<table>{heading}<tbody>{others}</tbody></table>"


def _row(row: Sequence[Sequence[Inline]], tag: str, pictures: Pictures) -> str:
    return "<tr>" + "".join(f"<{tag}>{inline_html(c, pictures)}</{tag}>" for c in row) + "</tr>"
