"""An advisory as PDF, set by typst: its label in the head and the foot of each page.

Whatever somebody wrote goes into the source as a string and never as markup, so that none of it can
be a command; nothing outside the source is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.advisories.markdown import read_markdown
from bot.advisories.publishing.edition import Edition, moment
from bot.advisories.publishing.texts import facts, lists
from bot.advisories.sources.item import one_line
from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Emoji,
    Everyone,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    Math,
    Mention,
    Paragraph,
    Quote,
    RoomMention,
    Rule,
    Style,
    Table,
    Text,
    Time,
)
from bot.words import Words


def pdf_of(edition: Edition, words: Words) -> bytes:
    """The file; the same edition is the same file. Takes some 100 ms: for a thread."""
    import typst  # noqa: PLC0415  its fonts take memory, and most never need them

    source = source_of(edition, words).encode()
    at = int(edition.changed.timestamp())
    made = typst.compile(source, format="pdf", ignore_system_fonts=True, timestamp=at)
    assert isinstance(made, bytes), "one file was asked for"
    return made


def source_of(edition: Edition, words: Words) -> str:
    """What typst is given."""
    document, marking = edition.document, _string(str(edition.marking))
    page = (
        f"#set document(title: {_string(one_line(document.title))})\n"
        '#set page(paper: "a4", margin: 2.5cm,\n'
        f"  header: align(right, strong({marking})),\n"
        f"  footer: [#strong({marking}) #h(1fr) #{_string(edition.number)} #h(1fr) "
        "#context counter(page).display()])\n"
        '#set text(size: 10.5pt, font: "Libertinus Serif")\n'
    )
    parts = [
        page,
        f"#heading(level: 1)[#{_string(one_line(document.title))}]",
        _list(False, [[_shown(line)] for line in facts(edition, words)]),
        *_blocks(read_markdown(document.summary).blocks),
        *_blocks(read_markdown(document.body).blocks),
    ]
    if document.actions:
        parts.append(_titled(words("What to do")))
        parts += _blocks(read_markdown(document.actions).blocks)
    for title, some in lists(edition, words):
        parts += [_titled(title), _list(False, [[_shown(each)] for each in some])]
    for update in document.updates:
        parts.append(_titled(words("Update of {when}", when=moment(update.at))))
        parts += _blocks(read_markdown(update.text).blocks)
    return "\n\n".join(parts)


def _titled(title: str) -> str:
    return f"#heading(level: 2)[{_shown(title)}]"


def _blocks(blocks: Iterable[Block]) -> list[str]:
    return [_block(each) for each in blocks]


def _block(block: Block) -> str:
    match block:
        case Paragraph(content):
            return f"#par[{_inlines(content)}]"
        case Heading(level, content):
            return f"#heading(level: {min(level + 1, 6)})[{_inlines(content)}]"
        case CodeBlock(text):
            return f"#raw({_string(text)}, block: true)"
        case Rule():
            return "#line(length: 100%)"
        case Quote(blocks):
            return f"#quote(block: true)[{' '.join(_blocks(blocks))}]"
        case List(ordered, items, start):
            return _list(ordered, [_blocks(each.blocks) for each in items], start)
        case Table(rows):
            return _table(rows)
        case Details(summary, blocks):
            return f"#par[{_inlines(summary)}] {' '.join(_blocks(blocks))}"


def _list(ordered: bool, items: Sequence[Sequence[str]], start: int = 1) -> str:
    inside = ", ".join(f"[{' '.join(each)}]" for each in items)
    return f"#enum(start: {start}, {inside})" if ordered else f"#list({inside})"


def _table(rows: Sequence[Sequence[Sequence[Inline]]]) -> str:
    width = max((len(row) for row in rows), default=1) or 1
    cells = [
        f"[{_inlines(row[at]) if at < len(row) else ''}]" for row in rows for at in range(width)
    ]
    return f"#table(columns: {width}, {', '.join(cells)})"


def _inlines(content: Iterable[Inline]) -> str:
    return "".join(map(_inline, content))


def _inline(inline: Inline) -> str:
    match inline:
        case LineBreak():
            return "#linebreak()"
        case Link(url, text, style):
            return f"#link({_string(url)})[{_styled(text or url, style)}]"
        case Mention(_, name, style) | RoomMention(_, name, style):
            return _styled(name, style)
        case Everyone(word, _, style):
            return _styled(f"@{word}", style)
        case Text(text, style) | Emoji(text, style) | Math(text, style):
            return _styled(text, style)
        case Time(_, text, style):
            return _styled(text, style)


def _styled(text: str, style: int) -> str:
    if style & Style.CODE:
        return f"#raw({_string(text)})"
    shown = _shown(text)
    for each, command in (
        (Style.BOLD, "strong"), (Style.ITALIC, "emph"), (Style.STRIKE, "strike"),
        (Style.UNDERLINE, "underline"),
    ):  # fmt: skip
        if style & each:
            shown = f"#{command}[{shown}]"
    return shown


def _shown(text: str) -> str:
    return f"#{_string(text)};"


def _string(text: str) -> str:
    """A string of typst: nothing in it can end it."""
    bare = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + bare.replace("\n", "\\n").replace("\r", "").replace("\0", "") + '"'
