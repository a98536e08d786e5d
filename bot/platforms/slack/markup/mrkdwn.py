"""Reading text with Slack's marks, where there are no blocks, and the `markdown` block.

https://docs.slack.dev/messaging/formatting-message-text. Lists are as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from bot.events import AccountId
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import emoji_names, spans
from bot.platforms.slack.markup.elements import as_typed
from bot.platforms.slack.markup.escaping import unescape
from bot.platforms.slack.markup.flat import Code, Flat, Section
from bot.platforms.slack.markup.links import link
from bot.platforms.slack.markup.tokens import TOKEN, token
from bot.richtext import (
    MOST_LEAVES,
    Emoji,
    Inline,
    LineBreak,
    Style,
    Text,
    lines,
    plain_inline,
)

_FENCE = "```"
_ALL_MARKS = re.compile(r"[&<*_~`>:\[]")
_ANY_TOKEN = re.compile("<")
_COUNTED = re.compile(r"[<*_~`:\n]")
"""What leaves are made of; a text with more than `MOST_LEAVES` is code from there on."""
_QUOTE = re.compile(r"(?:&gt;|>)(?!(?:&gt;|>){2}) ?")
_QUOTED_REST = re.compile(r"^(?:&gt;|>){3} ?", re.MULTILINE)
_MARKS = r"|\*+|_+|~+"
_PARTS = re.compile(
    r"<[^<>\n]*>"
    r"|`[^`\n]+`"
    r"|https?://[^\s<>|`]*[^\s<>|`*_~]"
    r"|:[a-z0-9_'+-]{1,100}:(?::skin-tone-[2-6]:)?" + _MARKS
)
MARKDOWN_PARTS = re.compile(
    r"\[[^\[\]\n]*\]\([^()\s]*\)"
    r"|<[^<>\n]*>"
    r"|`[^`\n]+`"
    r"|https?://[^\s<>|`]*[^\s<>|`*_~]"
    r"|:[a-z0-9_'+-]{1,100}:(?::skin-tone-[2-6]:)?" + _MARKS
)
"""What stands between the marks of a `markdown` block."""
TOKENS = re.compile(r"<[^<>\n]*>")
"""What means something in a text that is as typed: links, mentions, commands."""
EMOJI_PARTS = re.compile(r":[a-z0-9_'+-]{1,100}:(?::skin-tone-[2-6]:)?")
"""What means something in a `plain_text` object."""
_CODE = int(Style.CODE)
_MOST_MARKS = 2_000
"""Marks in a line that mean anything; a line with more is no writing."""
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text is read: `marks` are its styles, none where it is as typed."""

    account: AccountId
    lookups: Lookups = field(default_factory=Lookups)
    parts: re.Pattern[str] = _PARTS
    marks: dict[str, int] = field(default_factory=lambda: spans.MRKDWN)


def run_of(text: str, reading: Reading) -> Iterator[Flat]:
    """A text's sections, quotes and code. It is escaped as Slack gives it, and storable."""
    if not _ALL_MARKS.search(text):
        if text:
            yield Section(tuple(lines(text)))
        return
    fences = text.split(_FENCE)
    if len(fences) % 2 == 0:
        fences[-2:] = [_FENCE.join(fences[-2:])]
    left = MOST_LEAVES
    for number, part in enumerate(fences):
        left -= 1
        if number % 2:
            yield Code(_code(part.removeprefix("\n").removesuffix("\n"), reading))
            continue
        marks = [mark.start() for mark in islice(_COUNTED.finditer(part), max(left, 0) + 1)]
        left -= len(marks)
        if left < 0:
            yield from _quotes(part[: marks[-1]], reading) if marks else ()
            rest = part[marks[-1] :] if marks else part
            yield Code(unescape(_FENCE.join([rest, *fences[number + 1 :]])))
            return
        if number:
            part = part.removeprefix("\n")  # noqa: PLW2901  the line of the fence itself
        if number < len(fences) - 1:
            part = part.removesuffix("\n")  # noqa: PLW2901  as above
        yield from _quotes(part, reading)


def _quotes(text: str, reading: Reading) -> Iterator[Flat]:
    """Lines that begin with `>` are quotes; from `>>>` on everything is."""
    rest = _QUOTED_REST.search(text)
    before = text[: rest.start()].removesuffix("\n") if rest else text
    for quoted, found in groupby(before.split("\n") if before else (), key=_is_quoted):
        marked = list(found)
        if quoted:
            marked = [_QUOTE.sub("", line, count=1) for line in marked]
        yield Section(inline("\n".join(marked), reading), quoted)
    if rest:
        yield Section(inline(text[rest.end() :], reading), border=True)


def _is_quoted(line: str) -> bool:
    return line.startswith((">", "&gt;")) and _QUOTE.match(line) is not None


def inline(text: str, reading: Reading) -> tuple[Inline, ...]:
    """The leaves of lines of text; no mark reaches beyond its line."""
    if reading.parts is TOKENS and "<" not in text:
        return tuple(lines(unescape(text)))
    marked = _ANY_TOKEN if reading.parts is TOKENS else _ALL_MARKS
    leaves: list[Inline] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            leaves.append(LineBreak())
        if marked.search(line):
            leaves.extend(_line(line, reading))
        elif line:
            leaves.append(Text(unescape(line)))
    return tuple(leaves)


def _line(line: str, reading: Reading) -> Iterator[Inline]:
    """A line's leaves: first what stands between marks, then which of the marks mean anything."""
    parts: list[str] = []
    marks: list[spans.Mark] = []
    special: set[int] = set()
    position = 0
    if sum(map(line.count, "*_~`:")) > _MOST_MARKS:
        reading = replace(reading, marks={}, parts=TOKENS)
    for match in reading.parts.finditer(line):
        begin, end = match.span()
        if begin > position:
            parts.append(line[position:begin])
        if match[0] in reading.marks:
            before, after = line[begin - 1 : begin], line[end : end + 1]
            marks.append(spans.Mark(len(parts), match[0], before, after))
        special.add(len(parts))
        parts.append(match[0])
        position = end
    parts.append(line[position:])
    changes = spans.styles(marks, reading.marks) if len(marks) > 1 else {}
    style = 0
    run: list[str] = []
    for place, part in enumerate(parts):
        if place not in special:
            run.append(part)
            continue
        if place in changes:
            leaves: Iterable[Inline] = ()
        else:
            before = parts[place - 1] if place else ""
            after = parts[place + 1] if place + 1 < len(parts) else ""
            found = _leaves(part, before, after, style, reading)
            if found is None:
                run.append(part)
                continue
            leaves = found
        if run:
            yield Text(unescape("".join(run)), style)
            run.clear()
        yield from leaves
        style ^= changes.get(place, 0)
    if run:
        yield Text(unescape("".join(run)), style)


def _leaves(
    part: str, before: str, after: str, style: int, reading: Reading
) -> Iterable[Inline] | None:
    """The leaves of a part between marks, None for what is text."""
    match part[0], part[-1]:
        case "<", ">" if len(part) > 1:
            return token(part[1:-1], reading.account, reading.lookups, style)
        case "`", "`" if len(part) > 2:
            return (Text(_code(part[1:-1], reading), style | _CODE),)
        case ":", ":" if _is_emoji(part, before, after):
            return (Emoji(emoji_names.shown(part[1:-1]), style),)
        case "[", ")" if reading.marks is spans.MARKDOWN:
            label, _, url = part[1:-1].partition("](")
            return (link(unescape(url), unescape(label), style),)
        case _:
            return None


def _is_emoji(part: str, before: str, after: str) -> bool:
    """Whether `:name:` stands alone: in `fe80:100:1` and `10:30:45` nothing is an emoji."""
    return (
        len(part) > 2
        and part[-1] == ":"
        and not _WORD.match(before[-1:])
        and not _WORD.match(after[:1])
        and before[-1:] != ":"
        and after[:1] != ":"
    )


def _code(text: str, reading: Reading) -> str:
    """Code as it was typed: its links are their texts, its mentions names."""
    if "<" not in text or ">" not in text:
        return unescape(text)
    parts: list[str] = []
    position = 0
    for match in TOKEN.finditer(text):
        parts.append(unescape(text[position : match.start()]))
        found = token(match[1], reading.account, reading.lookups)
        parts.append(plain_inline(as_typed(found)))
        position = match.end()
    parts.append(unescape(text[position:]))
    return "".join(parts)
