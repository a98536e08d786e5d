"""Matrix's text and the tree, both ways."""

from bot.platforms.matrix.markup.calls import has_pill, read, with_call
from bot.platforms.matrix.markup.characters import LONGEST_NAME, as_html, shown_name, storable
from bot.platforms.matrix.markup.fallbacks import without_quote, without_reply
from bot.platforms.matrix.markup.reading import (
    HTML,
    Named,
    named_in,
    read_html,
    read_message,
    read_plain,
)
from bot.platforms.matrix.markup.splitting import split
from bot.platforms.matrix.markup.writing import Written, write

__all__ = [
    "HTML",
    "LONGEST_NAME",
    "Named",
    "Written",
    "as_html",
    "has_pill",
    "named_in",
    "read",
    "read_html",
    "read_message",
    "read_plain",
    "shown_name",
    "split",
    "storable",
    "with_call",
    "without_quote",
    "without_reply",
    "write",
]
