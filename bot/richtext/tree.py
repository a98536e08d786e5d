"""The tree itself: inert values, stored as JSON in the outbox.

A body is a list of blocks; what stands in a line is a flat run of leaves, each with its style, so
that no depth of nesting on any network makes it deep. Only what the tree says can become a
mention, a link or markup on a network: a `Text` is always just its characters.
"""

from __future__ import annotations

from enum import IntFlag

import msgspec


class Style(IntFlag):
    """How a leaf looks; any of them together."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    UNDERLINE = 8
    CODE = 16
    SPOILER = 32
    """Hidden until a reader asks; never revealed by crossing."""


class Text(msgspec.Struct, frozen=True, tag="text", omit_defaults=True):
    """Characters, exactly as they were typed; no line ends (see `LineBreak`)."""

    text: str
    style: int = 0


class LineBreak(msgspec.Struct, frozen=True, tag="break"):
    """A new line inside a block."""


class Link(msgspec.Struct, frozen=True, tag="link", omit_defaults=True):
    """A link that its author made, or whose network made it of what was typed.

    `text` is what was shown. `made`: the network made it by itself of the characters in `text`,
    so that elsewhere it is those characters.
    """

    url: str
    text: str
    style: int = 0
    made: bool = False


class Mention(msgspec.Struct, frozen=True, tag="mention", omit_defaults=True):
    """A person who was mentioned: `person` as in `bot.events.PersonId`, `name` as shown."""

    person: str
    name: str
    style: int = 0


class RoomMention(msgspec.Struct, frozen=True, tag="room", omit_defaults=True):
    """A room that was named: `room` as in `bot.events.RoomId`, or "" where it has none for us."""

    room: str
    name: str
    style: int = 0


class Everyone(msgspec.Struct, frozen=True, tag="everyone", omit_defaults=True):
    """A call to all in the room, by the word that was used: `here`, `channel`, `room` …

    It is said as a word; `ping` is set by the bridge alone, where the channel allows it and the
    author has that right at home.
    """

    word: str
    ping: bool = False
    style: int = 0


class Emoji(msgspec.Struct, frozen=True, tag="emoji", omit_defaults=True):
    """An emoji: `text` is the Unicode sequence, or `:name:` for one of a network's own.

    `picture`: where that lies, as an account, a space and the handle of a file there.
    """

    text: str
    style: int = 0
    picture: str = ""


class Time(msgspec.Struct, frozen=True, tag="time", omit_defaults=True):
    """A moment that each reader sees in their own zone: seconds since 1970, and its words."""

    seconds: int
    text: str
    style: int = 0


class Math(msgspec.Struct, frozen=True, tag="math", omit_defaults=True):
    """A formula as TeX, shown as `text` where there is no other way."""

    tex: str
    style: int = 0


Inline = Text | LineBreak | Link | Mention | RoomMention | Everyone | Emoji | Time | Math


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A run of inline content; two in a row have an empty line between them."""

    content: tuple[Inline, ...]


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """A heading, from 1 (the largest) to 6."""

    level: int
    content: tuple[Inline, ...]


class CodeBlock(msgspec.Struct, frozen=True, tag="code", omit_defaults=True):
    """Lines of code, exactly as typed; `language` may be empty."""

    text: str
    language: str = ""


class Rule(msgspec.Struct, frozen=True, tag="rule"):
    """A line across."""


class Quote(msgspec.Struct, frozen=True, tag="quote"):
    """Blocks that somebody else said."""

    blocks: tuple[Block, ...]


class Item(msgspec.Struct, frozen=True):
    """A list's item: its blocks, the first usually a paragraph, further lists among them."""

    blocks: tuple[Block, ...]


class List(msgspec.Struct, frozen=True, tag="list", omit_defaults=True):
    """A list; `start` is the first number of an ordered one."""

    ordered: bool
    items: tuple[Item, ...]
    start: int = 1


class Table(msgspec.Struct, frozen=True, tag="table", omit_defaults=True):
    """Rows of cells; the first `header` rows are headings. Rows may differ in length."""

    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    header: int = 0


class Details(msgspec.Struct, frozen=True, tag="details"):
    """Blocks behind a summary that opens them."""

    summary: tuple[Inline, ...]
    blocks: tuple[Block, ...]


Block = Paragraph | Heading | CodeBlock | Rule | Quote | List | Table | Details

DEEPEST = 16
"""Quotes, lists and details inside each other at most; readers flatten what is deeper."""


class RichText(msgspec.Struct, frozen=True):
    """A whole message body."""

    blocks: tuple[Block, ...] = ()
