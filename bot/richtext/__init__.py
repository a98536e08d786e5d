"""Message bodies as a small tree: one reader and one writer per network, none of them here."""

from bot.richtext.tree import (
    Block,
    Inline,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    RichText,
    Text,
    plain,
    say,
)

__all__ = [
    "Block",
    "Inline",
    "LineBreak",
    "Link",
    "Mention",
    "Paragraph",
    "RichText",
    "Text",
    "plain",
    "say",
]
