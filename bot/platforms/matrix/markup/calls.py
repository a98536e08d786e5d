"""Whether the bot is called in a text, by a pill or by its name, and where."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

from bot.events import PersonId
from bot.richtext import Inline, Mention, Paragraph, RichText, Style, Text, say

_PILL = re.compile(
    r"""<a\s[^>]{0,200}?href=["']https://matrix\.to/#/([^"'?/]{1,600})[^>]{0,200}>"""
)


def has_pill(formatted: str, user_id: str) -> bool:
    """Whether HTML holds a link to a person, which is how clients write a mention."""
    return any(unquote(html.unescape(found)) == user_id for found in _PILL.findall(formatted))


def read(
    body: str, bot: PersonId, names: Iterable[str], *, mentioned: bool
) -> tuple[RichText, bool]:
    """A plain body as a tree, and whether the bot is mentioned in it; see `with_call`."""
    return with_call(say(body), bot, names, mentioned=mentioned)


def with_call(
    tree: RichText, bot: PersonId, names: Iterable[str], *, mentioned: bool
) -> tuple[RichText, bool]:
    """A tree in which the bot's name is a mention of it, and whether it is mentioned there.

    `names` are what the bot is called (its id, its display name); `mentioned`: the sender's
    client says that it is mentioned, so that its name counts wherever it stands in a paragraph.
    Without that it counts at the beginning: `@liaison …`, `Liaison: …`.
    """
    if any(_mentions(block.content, bot) for block in tree.blocks if isinstance(block, Paragraph)):
        return tree, True
    pattern = _pattern({name.lstrip("@") for name in names} - {""}, anywhere=mentioned)
    if pattern is None:
        return tree, False
    for number, block in enumerate(tree.blocks if mentioned else tree.blocks[:1]):
        if not isinstance(block, Paragraph):
            continue
        named = _named(block.content, bot, pattern, anywhere=mentioned)
        if named is not None:
            blocks = (*tree.blocks[:number], Paragraph(named), *tree.blocks[number + 1 :])
            return RichText(blocks), True
    return tree, False


def _mentions(content: Iterable[Inline], bot: PersonId) -> bool:
    return any(isinstance(leaf, Mention) and leaf.person == bot for leaf in content)


def _pattern(names: set[str], *, anywhere: bool) -> re.Pattern[str] | None:
    if not names:
        return None
    called = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    if anywhere:
        return re.compile(rf"(?<![\w@])(?P<name>@?(?:{called}))(?!\w)", re.IGNORECASE)
    beginning = rf"\s*(?P<name>@(?:{called})(?![\w:.-]*\w)|(?:{called})(?=[:,](?:\s|$)))"
    return re.compile(beginning, re.IGNORECASE)


def _named(
    content: tuple[Inline, ...], bot: PersonId, pattern: re.Pattern[str], *, anywhere: bool
) -> tuple[Inline, ...] | None:
    """The leaves with the first name among them as a mention, None where there is none."""
    for number, leaf in enumerate(content):
        if isinstance(leaf, Text) and not leaf.style & Style.CODE:
            found = pattern.search(leaf.text) if anywhere else pattern.match(leaf.text)
            if found is not None:
                parts = _parted(leaf, found.span("name"), bot)
                return (*content[:number], *parts, *content[number + 1 :])
            if not anywhere and leaf.text.strip():
                return None
        elif not anywhere and isinstance(leaf, Text):
            return None
    return None


def _parted(leaf: Text, span: tuple[int, int], bot: PersonId) -> Iterable[Inline]:
    before, name, after = leaf.text[: span[0]], leaf.text[slice(*span)], leaf.text[span[1] :]
    if before:
        yield Text(before, leaf.style)
    yield Mention(bot, name.lstrip("@"), leaf.style)
    if after:
        yield Text(after, leaf.style)
