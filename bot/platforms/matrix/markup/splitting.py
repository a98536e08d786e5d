"""A body that is too long for one event, in parts."""

from __future__ import annotations

from json.encoder import encode_basestring

from bot.events import AccountId
from bot.platforms.matrix.markup.characters import as_html
from bot.platforms.matrix.markup.writing import write
from bot.richtext import RichText
from bot.richtext.splitting import MOST_PARTS
from bot.richtext.splitting import split as split_tree

LARGEST_TEXT = 58_000
"""Bytes that both bodies together may take as JSON: an event has at most 65,536 (client-server
API, "Size limits"); what the homeserver adds, the author, the relations and the marking take some
of them."""

LARGEST_ENCRYPTED = 43_000
"""The same in an encrypted room, where the whole content is written in base64 (4 for 3)."""


def split(
    body: RichText, account: AccountId, *, encrypted: bool = False, most: int = MOST_PARTS
) -> tuple[RichText, ...] | None:
    """The body in parts that fit into an event each; None where they are more than `most`, so
    that it is to be sent as a file. See `bot.richtext.splitting.split`.
    """
    limit = LARGEST_ENCRYPTED if encrypted else LARGEST_TEXT
    return split_tree(body, lambda part: size(part, account), limit, most)


def size(body: RichText, account: AccountId) -> int:
    """Bytes that a body takes as JSON, with the HTML that an author's name makes needed."""
    written = write(body, account)
    texts = (written.body, written.html or as_html(written.body), *written.mentioned)
    return sum(len(encode_basestring(text).encode("utf-8")) + 1 for text in texts)
