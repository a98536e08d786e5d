"""Trees written short, so that a case is one line.

Text is itself, `[bi:text]` with a style (b bold, i italic, s strike, u underline, c code, h
hidden), `⏎` a line break, `<url|text>` a link and `<url|text!>` one that was made of its text,
`@(person|name)`, `#(room|name)`, `@(room)` for everyone, `$(tex)`, `:name:` an emoji. Blocks are
joined by ` ¶ `.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Emoji,
    Everyone,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    Math,
    Mention,
    Paragraph,
    Quote,
    RichText,
    RoomMention,
    Rule,
    Table,
    Text,
    Time,
)


def short(tree: RichText) -> str:
    return _blocks(tree.blocks)


def _blocks(blocks: Iterable[Block]) -> str:
    return " ¶ ".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(content):
            return _run(content)
        case Heading(level, content):
            return f"h{level} {_run(content)}"
        case CodeBlock(text, language):
            return f"```{language}|{text}```"
        case Rule():
            return "---"
        case Quote(blocks):
            return f"quote({_blocks(blocks)})"
        case List(ordered, items, start):
            name = f"ol{start if start != 1 else ''}" if ordered else "ul"
            return f"{name}({' | '.join(_blocks(item.blocks) for item in items)})"
        case Table(rows, header):
            return f"table{header}({' / '.join(' | '.join(map(_run, row)) for row in rows)})"
        case Details(summary, blocks):
            return f"details({_run(summary)} : {_blocks(blocks)})"


def _run(content: Iterable[Inline]) -> str:
    return "".join(_leaf(leaf) for leaf in content)


def _leaf(leaf: Inline) -> str:
    match leaf:
        case LineBreak():
            return "⏎"
        case Text(text) | Emoji(text):
            shown = text
        case Link(url, text, _, made):
            shown = f"<{url}|{text}{'!' if made else ''}>"
        case Mention(person, name):
            shown = f"@({person}|{name})"
        case RoomMention(room, name):
            shown = f"#({room}|{name})"
        case Everyone(word, ping):
            shown = f"@({word}{'!' if ping else ''})"
        case Math(tex):
            shown = f"$({tex})"
        case Time(seconds, text):
            shown = f"time({seconds}|{text})"
    letters = "".join(letter for bit, letter in enumerate("bisuch") if leaf.style & 1 << bit)
    return f"[{letters}:{shown}]" if letters else shown
