"""A tree on one line, so that a case is one line too."""

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
    Style,
    Table,
    Text,
    Time,
)

_LETTERS = {
    Style.BOLD: "b", Style.ITALIC: "i", Style.STRIKE: "s", Style.UNDERLINE: "u", Style.CODE: "c",
    Style.SPOILER: "h",
}  # fmt: skip


def sketch(body: RichText) -> str:
    """Blocks with ` / ` between them; `b{bold}`, `a{address|text}`, `@{U1|Ada}`, `⏎` …"""
    return _blocks(body.blocks)


def _blocks(blocks: Iterable[Block]) -> str:
    return " / ".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Paragraph(content):
            return line(content)
        case Heading(level, content):
            return f"h{level}({line(content)})"
        case CodeBlock(text, language):
            return f"code{language and ':' + language}({text})".replace("\n", "⏎")
        case Rule():
            return "———"
        case Quote(blocks):
            return f"quote({_blocks(blocks)})"
        case List(ordered, items, start):
            kind = f"ol{start}" if ordered else "ul"
            return f"{kind}({'; '.join(_blocks(item.blocks) for item in items)})"
        case Table(rows, header):
            cells = "; ".join(" | ".join(map(line, row)) for row in rows)
            return f"table{header}({cells})"
        case Details(summary, blocks):
            return f"details({line(summary)}: {_blocks(blocks)})"


def line(content: Iterable[Inline]) -> str:
    """Leaves without anything between them."""
    return "".join(map(_leaf, content))


def _leaf(leaf: Inline) -> str:
    if isinstance(leaf, LineBreak):
        return "⏎"
    letters = "".join(letter for flag, letter in _LETTERS.items() if leaf.style & flag)
    shown = _shown(leaf)
    return f"{letters}{{{shown}}}" if letters else shown


def _shown(leaf: Inline) -> str:
    match leaf:
        case Text(text):
            return text
        case Link(url, text, _, made):
            return f"{'made' if made else 'a'}{{{url}|{text}}}"
        case Mention(person, name):
            return f"@{{{person.removeprefix('slack:alpha/')}|{name}}}"
        case RoomMention(room, name):
            return f"#{{{room.removeprefix('slack:alpha/')}|{name}}}"
        case Everyone(word, ping):
            return f"!{{{word}{' ping' if ping else ''}}}"
        case Emoji(text):
            return f"e{{{text}}}"
        case Time(seconds, text):
            return f"t{{{seconds}|{text}}}"
        case Math(tex):
            return f"m{{{tex}}}"
        case LineBreak():
            return "⏎"
