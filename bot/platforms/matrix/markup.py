"""Matrix's text and the tree, both ways: plain text with mentions of the bot, for now."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

from bot.events import PersonId
from bot.richtext import Inline, Mention, Paragraph, RichText, plain, say

LONGEST_NAME = 100
"""Characters of a name that are shown."""

_PILL = re.compile(
    r"""<a\s[^>]{0,200}?href=["']https://matrix\.to/#/([^"'?/]{1,600})[^>]{0,200}>"""
)
_QUOTED = re.compile(r"> <[^>\n]{1,300}>")
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for what no UTF-8 or no database can hold: half pairs, null bytes."""
    return _UNSTORABLE.sub("\ufffd", text)


def shown_name(name: str) -> str:
    """A name on one line, short, without what would change how the rest of the line reads."""
    return " ".join(_NOT_SHOWN.sub(" ", storable(name)).split())[:LONGEST_NAME].strip()


def without_quote(body: str) -> str:
    """A reply's body without the quotation that older clients put before it.

    As the specification's section on rich replies (before 1.13) has it: lines that begin with
    `> `, the first of them naming the person, then an empty line.
    """
    if not _QUOTED.match(body):
        return body
    lines = body.split("\n")
    first = next((n for n, line in enumerate(lines) if not line.startswith(">")), len(lines))
    rest = lines[first + 1 :] if first < len(lines) and not lines[first] else lines[first:]
    return "\n".join(rest)


def has_pill(formatted: str, user_id: str) -> bool:
    """Whether HTML holds a link to a person, which is how clients write a mention."""
    return any(unquote(html.unescape(found)) == user_id for found in _PILL.findall(formatted))


def read(
    body: str, bot: PersonId, names: Iterable[str], *, mentioned: bool
) -> tuple[RichText, bool]:
    """A plain body as a tree, and whether the bot is mentioned in it.

    `names` are what the bot is called (its id, its display name); `mentioned`: the sender's
    client says that it is mentioned, so that its name counts wherever it stands. Without that it
    counts at the beginning: `@liaison …`, `Liaison: …`.
    """
    found = _search(body, list(names), anywhere=mentioned)
    tree = say(body)
    if found is None:
        return tree, False
    start, end = found
    before, after = say(body[:start]).blocks[0].content, say(body[end:]).blocks[0].content
    mention = Mention(bot, body[start:end].lstrip("@"))
    content: tuple[Inline, ...] = (*before, mention, *after)
    return RichText((Paragraph(content),)), True


def _search(body: str, names: list[str], *, anywhere: bool) -> tuple[int, int] | None:
    bare = {name.lstrip("@") for name in names} - {""}
    if not bare:
        return None
    called = "|".join(map(re.escape, sorted(bare, key=len, reverse=True)))
    if anywhere:
        pattern = rf"(?<![\w@])@?(?:{called})(?!\w)"
        found = re.search(pattern, body, re.IGNORECASE)
    else:
        pattern = rf"\s*(?P<name>@(?:{called})(?![\w:.-]*\w)|(?:{called})(?=[:,](?:\s|$)))"
        found = re.match(pattern, body, re.IGNORECASE)
        return None if found is None else found.span("name")
    return None if found is None else found.span()


def write(body: RichText) -> str:
    """A tree as the plain text of a message."""
    return storable(plain(body))


def as_html(text: str) -> str:
    """Plain text as HTML that shows the same characters and lines."""
    return html.escape(text, quote=False).replace("\n", "<br>")
