"""The tree as bare text, and bare text as a tree."""

from __future__ import annotations

from collections.abc import Iterable

from bot.richtext.tree import (
    Block,
    CodeBlock,
    Details,
    Emoji,
    Everyone,
    Heading,
    Inline,
    Item,
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

HIDDEN = "█████"
"""What stands for a spoiler where it cannot be hidden: never its text."""
_SPOILER = Style.SPOILER.value


def say(text: str) -> RichText:
    """A body that is nothing but `text`; its line ends become line breaks."""
    return RichText((Paragraph(tuple(lines(text))),))


def lines(text: str, style: int = 0) -> Iterable[Inline]:
    """Leaves that show `text`, with a line break for each line end."""
    for number, line in enumerate(text.split("\n")):
        if number:
            yield LineBreak()
        if line:
            yield Text(line, style)


def plain(body: RichText, *, spoilers: bool = True) -> str:
    """The body as bare text: what a person would read aloud.

    Mentions as `@name`, links as their text, with the URL where it says something else; lists with
    bullets and numbers, quotes with `> `, tables with ` | `. Without `spoilers` these are hidden.
    """
    return _blocks(body.blocks, spoilers)


def plain_inline(content: Iterable[Inline], *, spoilers: bool = True) -> str:
    """A run of leaves as bare text."""
    return "".join(
        [
            leaf.text if type(leaf) is Text and leaf.style < _SPOILER else _leaf(leaf, spoilers)
            for leaf in content
        ]
    )


def _blocks(blocks: Iterable[Block], spoilers: bool) -> str:
    return "\n\n".join(_block(block, spoilers) for block in blocks)


def _block(block: Block, spoilers: bool) -> str:
    match block:
        case Paragraph(content) | Heading(_, content):
            return plain_inline(content, spoilers=spoilers)
        case CodeBlock(text):
            return text
        case Rule():
            return "———"
        case Quote(blocks):
            return _prefixed(_blocks(blocks, spoilers), "> ", "> ")
        case List(ordered, items, start):
            marks = (f"{start + n}. " if ordered else "• " for n in range(len(items)))
            return "\n".join(
                _item(item, mark, spoilers) for item, mark in zip(items, marks, strict=True)
            )
        case Table(rows):
            return "\n".join(
                " | ".join(plain_inline(cell, spoilers=spoilers) for cell in row) for row in rows
            )
        case Details(summary, blocks):
            return f"{plain_inline(summary, spoilers=spoilers)}\n{_blocks(blocks, spoilers)}"


def _item(item: Item, mark: str, spoilers: bool) -> str:
    text = "\n".join(_block(block, spoilers) for block in item.blocks)
    return _prefixed(text, mark, " " * len(mark))


def _prefixed(text: str, first: str, others: str) -> str:
    return first + text.replace("\n", "\n" + others)


def _leaf(leaf: Inline, spoilers: bool) -> str:
    if isinstance(leaf, LineBreak):
        return "\n"
    if leaf.style & _SPOILER and not spoilers:
        return HIDDEN
    match leaf:
        case Text(text) | Emoji(text) | Time(_, text) | Math(text):
            return text
        case Link(url, text, _, made):
            return text if made or text == url or not text else f"{text} ({url})"
        case Mention(_, name):
            return f"@{name}"
        case RoomMention(_, name):
            return f"#{name}"
        case Everyone(word):
            return f"@{word}"
