"""Markdown as people write advisories in it, as a tree: a small reader of our own.

It reads headings, emphasis, code, lists, quotes, tables, rules and links, and nothing that can act:
no HTML, no pictures, no mentions, and of addresses only those of the web and of mail. What it does
not know is text, exactly as it was typed. The libraries for this bring HTML, extensions and a tree
of their own that would have to be made safe again; this has a page of rules, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.richtext import (
    Block,
    CodeBlock,
    Heading,
    Inline,
    Item,
    LineBreak,
    Link,
    List,
    Paragraph,
    Quote,
    RichText,
    Rule,
    Style,
    Table,
    Text,
    bounded,
)

_DEEPEST = 8
"""Lists and quotes inside each other; what is deeper is text."""
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_FENCE = re.compile(r"(`{3,}|~{3,})\s*([\w+-]*)[^`]*")
_RULE = re.compile(r"(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}")
_ITEM = re.compile(r"(\s*)([-*+]|[0-9]{1,9}[.)])\s+(?=\S)")
_DIVIDER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)"
    r"|\[(?P<text>[^\[\]\n]{1,500})\]\((?P<url>(?:https?://|mailto:)[^\s()<>]{1,2000})\)"
    r"|<(?P<address>(?:https?://|mailto:)[^\s<>]{1,2000})>"
    r"|(?P<mark>\*\*|__|~~|\*|_)"
)
_MARKS = {
    "**": Style.BOLD, "__": Style.BOLD, "~~": Style.STRIKE, "*": Style.ITALIC, "_": Style.ITALIC,
}  # fmt: skip


def read_markdown(text: str) -> RichText:
    """A body, from what somebody wrote."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return bounded(RichText(tuple(_blocks(lines, 0))))


def _blocks(lines: Sequence[str], depth: int) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        found = _special(lines, at, depth)
        if found is None:
            end = at + 1
            while end < len(lines) and lines[end].strip() and not _interrupts(lines, end, depth):
                end += 1
            yield Paragraph(tuple(_lines(lines[at:end])))
            at = end
        else:
            block, at = found
            yield block


def _interrupts(lines: Sequence[str], at: int, depth: int) -> bool:
    """Whether something begins there that is no paragraph's next line."""
    line = lines[at].strip()
    starts = line.startswith(("#", "```", "~~~", ">", "|"))
    return (starts or _is_item(lines[at])) and _special(lines, at, depth) is not None


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None


def _special(lines: Sequence[str], at: int, depth: int) -> tuple[Block, int] | None:
    """The block that begins at a line, and where it ends; None where it is a paragraph."""
    line = lines[at].strip()
    if (heading := _HEADING.fullmatch(line)) is not None:
        return Heading(len(heading[1]), tuple(inline(heading[2]))), at + 1
    if (fence := _FENCE.fullmatch(line)) is not None:
        return _code(lines, at, fence)
    if _RULE.fullmatch(line):
        return Rule(), at + 1
    if depth < _DEEPEST and line.startswith(">"):
        return _quote(lines, at, depth)
    if depth < _DEEPEST and _is_item(lines[at]):
        return _list(lines, at, depth)
    if "|" in line and at + 1 < len(lines) and "|" in lines[at + 1]:
        return _table(lines, at) if _DIVIDER.fullmatch(lines[at + 1].strip()) else None
    return None


def _code(lines: Sequence[str], at: int, fence: re.Match[str]) -> tuple[Block, int]:
    mark = fence[1]
    for end in range(at + 1, len(lines)):
        line = lines[end].strip()
        if line.startswith(mark) and not line.strip(mark[0]):
            return CodeBlock("\n".join(lines[at + 1 : end]), fence[2]), end + 1
    return CodeBlock("\n".join(lines[at + 1 :]), fence[2]), len(lines)


def _quote(lines: Sequence[str], at: int, depth: int) -> tuple[Block, int]:
    end = at
    while end < len(lines) and lines[end].lstrip().startswith(">"):
        end += 1
    inside = [line.lstrip()[1:].removeprefix(" ") for line in lines[at:end]]
    return Quote(tuple(_blocks(inside, depth + 1))), end


def _list(lines: Sequence[str], at: int, depth: int) -> tuple[Block, int]:
    """Items at the same indentation; what is indented further is inside the last."""
    first = _ITEM.match(lines[at])
    assert first is not None
    indent, ordered = len(first[1]), first[2][0].isdigit()
    items: list[list[str]] = []
    while at < len(lines):
        line, mark = lines[at], _ITEM.match(lines[at])
        deeper = len(line) - len(line.lstrip()) > indent
        if mark is not None and len(mark[1]) <= indent:
            if len(mark[1]) < indent or mark[2][0].isdigit() != ordered:
                break
            items.append([line[mark.end() :]])
        elif line.strip() and (deeper or lines[at - 1].strip()):
            items[-1].append(line.strip() if not deeper else line[indent + 2 :])
        elif not line.strip() and at + 1 < len(lines) and _goes_on(lines[at + 1], indent):
            items[-1].append("")
        else:
            break
        at += 1
    made = tuple(Item(tuple(_blocks(each, depth + 1))) for each in items)
    start = int(first[2][:-1]) if ordered else 1
    return List(ordered, made, start), at


def _goes_on(line: str, indent: int) -> bool:
    mark = _ITEM.match(line)
    if mark is not None and len(mark[1]) == indent:
        return True
    return bool(line.strip()) and len(line) - len(line.lstrip()) > indent


def _table(lines: Sequence[str], at: int) -> tuple[Block, int]:
    rows, end = [_cells(lines[at])], at + 2
    while end < len(lines) and "|" in lines[end] and lines[end].strip():
        rows.append(_cells(lines[end]))
        end += 1
    return Table(tuple(rows), header=1), end


def _cells(line: str) -> tuple[tuple[Inline, ...], ...]:
    text = line.strip().removeprefix("|").removesuffix("|")
    return tuple(tuple(inline(cell.strip())) for cell in re.split(r"(?<!\\)\|", text))


def _lines(lines: Sequence[str]) -> Iterator[Inline]:
    """A paragraph's lines stay lines: chat shows them so."""
    for number, line in enumerate(lines):
        if number:
            yield LineBreak()
        yield from inline(line.strip())


def inline(text: str) -> Iterator[Inline]:
    """The leaves of a line. A mark without its other half is text."""
    last = {mark: text.rfind(mark) for mark in _MARKS}
    style, opened, plain, at = 0, set[str](), "", 0
    while (found := _TOKEN.search(text, at)) is not None:
        plain += text[at : found.start()]
        at = found.end()
        leaf: Inline | None = None
        mark = found["mark"]
        if found["escaped"] is not None:
            plain += found["escaped"]
        elif found["ticks"] is not None:
            leaf, at = _code_span(text, found, style)
            plain += "" if leaf else found[0]
        elif found["url"] is not None:
            leaf = Link(found["url"], found["text"], style)
        elif found["address"] is not None:
            leaf = Link(found["address"], found["address"].removeprefix("mailto:"), style)
        elif mark in opened or (found.start() < last[mark] and _opens(text, found)):
            if plain:
                yield Text(plain, style)
            plain, style = "", style ^ _MARKS[mark]
            opened ^= {mark}
        else:
            plain += found[0]
        if leaf is not None:
            if plain:
                yield Text(plain, style)
            yield leaf
            plain = ""
    if plain + text[at:]:
        yield Text(plain + text[at:], style)


def _code_span(text: str, found: re.Match[str], style: int) -> tuple[Text | None, int]:
    ticks = found["ticks"]
    end = text.find(ticks, found.end())
    if end <= found.end():
        return None, found.end()
    code = text[found.end() : end].strip() or text[found.end() : end]
    return Text(code, style | Style.CODE), end + len(ticks)


def _opens(text: str, found: re.Match[str]) -> bool:
    """Whether a mark can begin something: a word follows, and with `_` none stands before it."""
    before, after = text[: found.start()][-1:], text[found.end() : found.end() + 1]
    return bool(after.strip()) and not (found[0][0] == "_" and before.isalnum())
