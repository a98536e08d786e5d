"""The tree itself: inert values, stored as JSON in the outbox.

Only what the tree says can become a mention, a link or markup on a network: a `Text` is always
just its characters.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Text(msgspec.Struct, frozen=True, tag="text", omit_defaults=True):
    """Characters, exactly as they were typed."""

    text: str


class LineBreak(msgspec.Struct, frozen=True, tag="break"):
    """A new line inside a paragraph."""


class Link(msgspec.Struct, frozen=True, tag="link"):
    """A link that its author made or whose network made it; `text` is what was shown."""

    url: str
    text: str


class Mention(msgspec.Struct, frozen=True, tag="mention"):
    """A person who was mentioned: `person` as in `bot.events.PersonId`, `name` as shown."""

    person: str
    name: str


Inline = Text | LineBreak | Link | Mention


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A run of inline content."""

    content: tuple[Inline, ...]


Block = Paragraph


class RichText(msgspec.Struct, frozen=True):
    """A whole message body."""

    blocks: tuple[Block, ...] = ()


def say(text: str) -> RichText:
    """A body that is nothing but `text`; its line ends become line breaks."""
    content: list[Inline] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append(LineBreak())
        if line:
            content.append(Text(line))
    return RichText((Paragraph(tuple(content)),))


def plain(body: RichText) -> str:
    """The body as bare text: mentions as `@name`, links as their URL where it is not shown."""
    return "\n\n".join(_inline(block.content) for block in body.blocks)


def _inline(content: Sequence[Inline]) -> str:
    parts: list[str] = []
    for item in content:
        match item:
            case Text(text):
                parts.append(text)
            case LineBreak():
                parts.append("\n")
            case Link(url, text):
                parts.append(text if text == url or not text else f"{text} ({url})")
            case Mention(_, name):
                parts.append(f"@{name}")
    return "".join(parts)
