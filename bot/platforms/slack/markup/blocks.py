"""Reading blocks of every kind: https://docs.slack.dev/reference/block-kit/blocks

Anything may be given, and something is read of it: buttons and menus as their labels (nothing
acts here), pictures and videos as links with their descriptions, unknown blocks as one line
that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.events import AccountId
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import elements, markdown, mrkdwn
from bot.platforms.slack.markup.escaping import storable, unescape
from bot.platforms.slack.markup.flat import Code, Flat, Leaves, Section, nested
from bot.platforms.slack.markup.flatten import bold
from bot.platforms.slack.markup.links import link
from bot.platforms.slack.markup.mrkdwn import Reading
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.richtext import (
    Block,
    Heading,
    Inline,
    LineBreak,
    Paragraph,
    Rule,
    Style,
    Table,
    Text,
    lines,
)

MOST_BLOCKS = 100
"""Blocks that are read of one message; Slack takes 50 (100 in a view)."""


class BlockReader:
    """Reads the blocks of one message."""

    def __init__(self, account: AccountId, lookups: Lookups, phrases: Phrases = PHRASES) -> None:
        self._account = account
        self._lookups = lookups
        self._phrases = phrases
        self._marked = Reading(account, lookups)
        self._plain = Reading(account, lookups, mrkdwn.EMOJI_PARTS, {})

    def read(self, blocks: Any) -> tuple[Block, ...]:
        """What the blocks show; nothing for what is no list of blocks."""
        found: list[Block] = []
        unknown = False
        for block in (blocks if isinstance(blocks, list) else [])[:MOST_BLOCKS]:
            read = self._block(block) if isinstance(block, Mapping) else None
            unknown = unknown or read is None
            found.extend(read or ())
        if unknown:
            found.append(Paragraph((Text(self._phrases.unknown),)))
        return tuple(found)

    def text(self, text: str) -> tuple[Block, ...]:
        """A text with Slack's marks."""
        return nested(mrkdwn.run_of(storable(text), self._marked))

    def typed(self, text: str) -> Leaves:
        """A text with Slack's tokens alone: marks of style and emoji are characters."""
        return mrkdwn.inline(
            storable(text), Reading(self._account, self._lookups, mrkdwn.TOKENS, {})
        )

    def _block(self, block: Mapping[str, Any]) -> Iterable[Block] | None:
        """The blocks that one of Slack's means, None for an unknown one."""
        match block:
            case {"type": "rich_text"}:
                return nested(elements.run_of(block, self._account, self._lookups))
            case {"type": "section"}:
                return self._section(block)
            case {"type": "header", "text": text}:
                return (Heading(1, self._line(text)),)
            case {"type": "divider"}:
                return (Rule(),)
            case {"type": "context", "elements": list(parts)}:
                return _paragraph(self._beside(parts))
            case {"type": "actions" | "context_actions", "elements": list(parts)}:
                return _paragraph(self._beside(parts))
            case {"type": "table", "rows": list(rows)}:
                return self._table(rows)
            case {"type": "markdown", "text": str(text)}:
                return nested(markdown.run_of(storable(text), self._account, self._lookups))
            case {"type": "image"}:
                return _paragraph((*self._titled(block), self._image(block)))
            case {"type": "video"}:
                return self._video(block)
            case {"type": "input", "label": label}:
                return _paragraph(self._line(label))
            case {"type": "file" | "call"}:
                return ()
            case _:
                return None

    def _section(self, block: Mapping[str, Any]) -> Iterator[Block]:
        yield from self._object(block.get("text"))
        fields = block.get("fields")
        cells = [self._line(part) for part in fields] if isinstance(fields, list) else []
        if cells:
            yield Table(tuple(tuple(cells[at : at + 2]) for at in range(0, len(cells), 2)))
        if isinstance(accessory := block.get("accessory"), Mapping):
            yield from _paragraph(self._beside([accessory]))

    def _object(self, text: Any) -> tuple[Block, ...]:
        """A text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
        match text:
            case {"type": "mrkdwn", "text": str(marked)}:
                return self.text(marked)
            case {"text": str(plain), **rest}:
                return nested(
                    [Section(self._plain_text(plain, emoji=rest.get("emoji") is not False))]
                )
            case _:
                return ()

    def _line(self, text: Any) -> Leaves:
        """A text object in a place that has no blocks."""
        match text:
            case {"type": "mrkdwn", "text": str(marked)}:
                return mrkdwn.inline(storable(marked), self._marked)
            case {"text": str(plain), **rest}:
                return self._plain_text(plain, emoji=rest.get("emoji") is not False)
            case str(bare):
                return self._plain_text(bare, emoji=True)
            case _:
                return ()

    def _plain_text(self, text: str, *, emoji: bool) -> Leaves:
        text = storable(text)
        return mrkdwn.inline(text, self._plain) if emoji else tuple(lines(unescape(text)))

    def _beside(self, parts: list[Any]) -> Leaves:
        """Elements in one line."""
        found: list[Inline] = []
        for part in parts:
            content = self._element(part) if isinstance(part, Mapping) else ()
            if content:
                found.extend([Text(" "), *content] if found else content)
        return tuple(found)

    def _element(self, part: Mapping[str, Any]) -> Leaves:
        match part:
            case {"type": "mrkdwn" | "plain_text"}:
                return self._line(part)
            case {"type": "image"}:
                return (self._image(part),)
            case {"type": "button", "text": text, "url": str(url)} if url:
                label = "".join(leaf.text for leaf in self._line(text) if isinstance(leaf, Text))
                return (link(storable(url), f"[{label}]" if label else ""),)
            case {"text": text} | {"placeholder": text}:
                words = self._line(text)
                return (Text("["), *words, Text("]")) if words else ()
            case _:
                return ()

    def _image(self, part: Mapping[str, Any]) -> Inline:
        described = _plain(part.get("alt_text")) or self._phrases.image
        url = part.get("image_url")
        return link(storable(url), described) if isinstance(url, str) and url else Text(described)

    def _titled(self, block: Mapping[str, Any]) -> Leaves:
        title = self._line(block.get("title"))
        return (*bold(title), LineBreak()) if title else ()

    def _video(self, block: Mapping[str, Any]) -> Iterator[Block]:
        title = "".join(
            leaf.text for leaf in self._line(block.get("title")) if isinstance(leaf, Text)
        )
        title = title or _plain(block.get("alt_text")) or self._phrases.video
        url = block.get("title_url") or block.get("video_url")
        if isinstance(url, str) and url:
            yield Paragraph((link(storable(url), title, int(Style.BOLD)),))
        else:
            yield Paragraph((Text(title, int(Style.BOLD)),))
        yield from self._object(block.get("description"))

    def _table(self, rows: list[Any]) -> Iterator[Block]:
        read = tuple(
            tuple(self._cell(cell) for cell in row) for row in rows if isinstance(row, list)
        )
        if read:
            yield Table(read, 1 if len(read) > 1 else 0)

    def _cell(self, cell: Any) -> Leaves:
        match cell:
            case {"type": "rich_text"}:
                run = elements.run_of(cell, self._account, self._lookups)
                return _in_line(run)
            case {"text": str(raw)}:
                return tuple(lines(storable(raw)))
            case _:
                return ()


def _in_line(run: Iterable[Flat]) -> Leaves:
    """A run in a table's cell: its parts under each other."""
    found: list[Inline] = []
    for flat in run:
        content = (
            tuple(lines(flat.text, int(Style.CODE))) if isinstance(flat, Code) else flat.content
        )
        found.extend([LineBreak(), *content] if found else content)
    return tuple(found)


def _paragraph(content: Leaves) -> tuple[Block, ...]:
    return (Paragraph(content),) if content else ()


def _plain(text: Any) -> str:
    return " ".join(unescape(storable(text)).split()) if isinstance(text, str) else ""
