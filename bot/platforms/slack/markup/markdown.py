"""Reading the `markdown` block: https://docs.slack.dev/reference/block-kit/blocks/markdown-block"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.events import AccountId
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import spans
from bot.platforms.slack.markup.flat import Bullet, Code, Flat, Leaves, Section
from bot.platforms.slack.markup.flatten import RULE, bold
from bot.platforms.slack.markup.mrkdwn import MARKDOWN_PARTS, Reading, inline
from bot.richtext import LineBreak, Text, lines

LONGEST = 12_000
"""Characters of all markdown blocks of a message; a longer text is read as it is."""
_FENCE = re.compile(
    r"^(?:```|~~~)[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^(?:```|~~~)[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"#{1,6}[ \t]+(.*)")
_ITEM = re.compile(r"([ \t]*)(?:([-*+])|(\d{1,6})[.)])[ \t]+(.*)")
_QUOTE = re.compile(r"(?:>|&gt;) ?(.*)")
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")


def run_of(text: str, account: AccountId, lookups: Lookups) -> Iterator[Flat]:
    """The sections, items, quotes and code of a text; what is none of these is text as it is."""
    if len(text) > LONGEST:
        yield Section(tuple(lines(text)))
        return
    reading = Reading(account, lookups, MARKDOWN_PARTS, spans.MARKDOWN)
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _lines(text[position : fence.start()], reading)
        yield Code(fence[2].removesuffix("\n"), fence[1])
        position = fence.end()
    yield from _lines(text[position:], reading)


def _lines(text: str, reading: Reading) -> Iterator[Flat]:
    waiting: list[Leaves] = []
    for line in text.strip("\n").split("\n"):
        flat = _line(line, reading)
        if isinstance(flat, tuple):
            waiting.append(flat)
            continue
        yield from _section(waiting)
        waiting.clear()
        yield flat
    yield from _section(waiting)


def _section(waiting: list[Leaves]) -> Iterator[Section]:
    content = [leaf for line in waiting for leaf in (LineBreak(), *line)][1:]
    while content and isinstance(content[-1], LineBreak):
        content.pop()
    while content and isinstance(content[0], LineBreak):
        content.pop(0)
    if content:
        yield Section(tuple(content))


def _line(line: str, reading: Reading) -> Flat | Leaves:
    if _RULE.fullmatch(line):
        return (Text(RULE),)
    if match := _HEADING.fullmatch(line):
        return bold(inline(match[1].rstrip("# \t"), reading))
    if match := _ITEM.fullmatch(line):
        indent = len(match[1].expandtabs(4)) // 2
        return Bullet(inline(match[4], reading), indent, max(int(match[3]), 1) if match[3] else 0)
    if match := _QUOTE.fullmatch(line):
        return Section(inline(match[1], reading), border=True)
    return inline(line, reading)
