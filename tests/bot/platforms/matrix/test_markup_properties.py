"""What must hold for every tree, every HTML and every text that Matrix carries."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from justhtml import JustHTML

from bot.events import AccountId
from bot.platforms.matrix.markup import HTML, Written, read_html, read_message, write
from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Emoji,
    Everyone,
    Heading,
    Inline,
    Item,
    LineBreak,
    Link,
    List,
    Math,
    Mention,
    Paragraph,
    Quote,
    RichText,
    RoomMention,
    Rule,
    Table,
    Text,
    Time,
    plain,
)
from tests.bot.platforms.matrix.notation import short

ACCOUNT = AccountId("matrix:c")
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# ── trees ───────────────────────────────────────────────────────────────────────────────────────

styles = st.integers(0, 63)
texts = st.text(
    st.sampled_from("ab <>&\"'*_`~@#:/.-|[]()\\\t\u00a0é日😀\u200d\u0301=;!")
    | st.characters(exclude_categories=["Cc", "Cs"]),
    min_size=1,
    max_size=12,
)
words = st.text(st.sampled_from("abcXYZ-_é日"), min_size=1, max_size=8)
addresses = st.sampled_from(
    ["https://a.example/x?y=1&z=2#w", "mailto:a@b.example", "http://c2.example:8443/_y_", "ftp://d"]
)
leaf = (
    st.builds(Text, texts, styles)
    | st.just(LineBreak())
    | st.builds(Link, addresses, words, styles)
    | st.builds(Link, addresses, words, styles, st.just(True))
    | st.builds(Mention, st.sampled_from(["matrix:c/@ada:b.example", "slack:a/U1"]), words, styles)
    | st.builds(RoomMention, st.sampled_from(["matrix:c/!r", "slack:a/C1", ""]), words, styles)
    | st.builds(Everyone, st.sampled_from(["room", "here"]), st.booleans(), styles)
    | st.builds(Emoji, st.sampled_from(["😀", ":party:", "👩🏽‍🚒"]), styles)
    | st.builds(Time, st.integers(0, 2**33), words, styles)
    | st.builds(Math, words, styles)
)
runs = st.lists(leaf, min_size=1, max_size=6).map(tuple)
flat_blocks = (
    st.builds(Paragraph, runs)
    | st.builds(Heading, st.integers(1, 6), runs)
    | st.builds(
        CodeBlock,
        st.text(st.sampled_from("ab <&\n`@"), max_size=20),
        st.sampled_from(["", "py", "c++"]),
    )
    | st.just(Rule())
)


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    rows = st.lists(st.lists(runs, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3)
    items = st.lists(st.builds(Item, some), min_size=1, max_size=3).map(tuple)
    return (
        st.builds(Quote, some)
        | st.builds(List, st.booleans(), items, st.integers(-3, 30))
        | st.builds(Table, rows.map(tuple), st.integers(0, 1))
        | st.builds(Details, runs, some)
    )


trees = st.lists(st.recursive(flat_blocks, _deeper, max_leaves=6), max_size=4).map(
    lambda found: RichText(tuple(found))
)

# ── what a tree means ───────────────────────────────────────────────────────────────────────────


def meaning(tree: RichText) -> str:
    """A tree in short notation, without the differences that Matrix does not know."""
    return short(RichText(_meant(tree.blocks)))


def _meant(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Paragraphs in a row are one with empty lines between them, as in a plain body."""
    meant: list[Block] = []
    for block in map(_meant_block, blocks):
        last = meant[-1] if meant else None
        if isinstance(block, Paragraph) and isinstance(last, Paragraph):
            meant[-1] = Paragraph((*last.content, LineBreak(), LineBreak(), *block.content))
        else:
            meant.append(block)
    return tuple(meant)


def _meant_block(block: Block) -> Block:
    match block:
        case Paragraph(content):
            return Paragraph(_run(content))
        case Heading(level, content):
            return Heading(level, _run(content))
        case Quote(blocks):
            return Quote(_meant(blocks))
        case List(ordered, items, start):
            meant = tuple(Item(_meant(item.blocks)) for item in items)
            return List(ordered, meant, start if ordered else 1)
        case Table(rows, header):
            cells = tuple(tuple(_run(cell) for cell in row) for row in rows)
            return Table(cells, header)
        case Details(summary, blocks):
            return Details(_run(summary), _meant(blocks))
        case _:
            return block


def _run(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
    meant: list[Inline] = []
    for found in map(_leaf, content):
        last = meant[-1] if meant else None
        if isinstance(found, Text) and isinstance(last, Text) and found.style == last.style:
            meant[-1] = Text(last.text + found.text, last.style)
        else:
            meant.append(found)
    return tuple(meant)


def _leaf(leaf: Inline) -> Inline:
    match leaf:
        case LineBreak() | Math():
            return leaf
        case Text(text, style):
            shown = text if style & 16 else re.sub("[\t\u00a0]", " ", text)
            return Text(shown, style)
        case Link(url, text, style, made):
            return Text(text, style) if made else Link(url, text, style)
        case Mention(person, name, style):
            return leaf if person.startswith("matrix:c/") else Text(f"@{name}", style)
        case RoomMention(room, name, style):
            return leaf if room.startswith("matrix:c/") else Text(f"#{name}", style)
        case Everyone(word, ping, style):
            return Text("@room" if ping else f"@{word}", style)
        case Emoji(text, style):
            return Text(text, style)
        case Time(seconds, _, style):
            written = write(RichText((Paragraph((Time(seconds, ""),)),)), ACCOUNT)
            return Text(written.body, style)


def content_of(written: Written) -> dict[str, Any]:
    """A message's content as it is sent."""
    mentions = {"user_ids": list(written.mentioned)}
    content: dict[str, Any] = {"body": written.body, "m.mentions": mentions}
    if written.html is not None:
        content |= {"format": HTML, "formatted_body": written.html}
    return content


# ── what must hold ──────────────────────────────────────────────────────────────────────────────


@FEW
@given(trees)
def test_what_is_written_is_read_as_what_it_meant(tree: RichText) -> None:
    again = read_message(content_of(write(tree, ACCOUNT)), ACCOUNT)
    assert meaning(again) == meaning(tree)


@FEW
@given(trees)
def test_what_crosses_twice_means_what_crossing_once_means(tree: RichText) -> None:
    once = read_message(content_of(write(tree, ACCOUNT)), ACCOUNT)
    twice = read_message(content_of(write(once, ACCOUNT)), ACCOUNT)
    assert meaning(twice) == meaning(once)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"br", "hr", "img"}:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@FEW
@given(trees)
def test_html_is_closed_in_order_and_links_only_what_the_tree_links(tree: RichText) -> None:
    written = write(tree, ACCOUNT)
    tags = _Tags()
    tags.feed(written.html or "")
    tags.close()
    assert not tags.open
    said = short(tree)
    for href in tags.links:
        person = href.removeprefix("https://matrix.to/#/")
        assert f"<{href}|" in said or f"(matrix:c/{person}|" in said


@FEW
@given(st.lists(st.text(max_size=40), max_size=3), styles)
def test_what_is_typed_is_never_markup_mention_or_link(lines: list[str], style: int) -> None:
    content: list[Inline] = [Text("x", 1)]
    for line in lines:
        content += [LineBreak(), Text(line.replace("\n", " "), style)]
    written = write(RichText((Paragraph(tuple(content)),)), ACCOUNT)
    assert (written.mentioned, written.pings_room) == ((), False)
    read = read_message(content_of(written), ACCOUNT)
    kinds = {type(leaf) for block in read.blocks for leaf in getattr(block, "content", ())}
    assert kinds <= {Text, LineBreak}
    assert len(read.blocks) == 1


@given(st.text())
def test_a_plain_body_crosses_character_for_character(body: str) -> None:
    stored = re.sub("[\x00\ud800-\udfff]", "\ufffd", body)
    again = write(read_message({"body": body}, ACCOUNT), ACCOUNT)
    assert (again.body, again.html) == (stored, None)


pieces = st.sampled_from(
    [
        "<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<a href='https://a.example'>", "</a>",
        "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<pre>",
        "</pre>", "<code>", "</code>", "<blockquote>", "</blockquote>", "<br>", "<hr>",
        "<details>", "<summary>", "</summary>", "</details>", "<span data-mx-spoiler>",
        "<span data-mx-maths='x'>", "</span>", "<div data-mx-maths='y'>", "</div>", "<mx-reply>",
        "</mx-reply>", "<script>", "</script>", "<!--", "-->", "&", "&amp;", "&#9;", "<", ">",
        "'", '"', "=", "<th>", "<thead>", "<h1>", "</h1>", "<sup>", "</sup>",
        "<img alt=':x:' data-mx-emoticon>", "@room", " ", "\n"
    ]
)  # fmt: skip
hostile = st.lists(pieces | st.text(max_size=5), max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(hostile)
def test_any_html_is_a_tree_that_can_be_written_and_read_again(source: str) -> None:
    tree = read_html(source, ACCOUNT)
    again = read_message(content_of(write(tree, ACCOUNT)), ACCOUNT)
    plain(again).encode()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["b", "i", "p", "div", "blockquote", "h1", "ul><li", "unknown", "span"]),
        max_size=6,
    ),
    st.lists(st.text(st.sampled_from("abc &<\n"), max_size=6), min_size=7, max_size=7),
)
def test_no_text_is_lost_that_a_browser_would_show(tags: list[str], said: list[str]) -> None:
    """Held against a whole HTML parser, which builds the tree of elements that we do without."""
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;") for text in said]
    source = "".join(f"{text}<{tag}>" for text, tag in zip(escaped, tags, strict=False))
    source += escaped[-1] + "".join(f"</{tag.split('>')[0]}>x" for tag in reversed(tags))
    root = JustHTML(source, fragment=True, sanitize=False).root
    expected = re.sub(r"\s", "", root.to_text(separator="", strip=False))
    tree = read_html(source, ACCOUNT)
    assert re.sub(r"\s", "", "".join(_all_texts(tree.blocks))) == expected


def _all_texts(blocks: tuple[Block, ...]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        match block:
            case Paragraph(content) | Heading(_, content):
                found += [leaf.text for leaf in content if isinstance(leaf, Text)]
            case Quote(inner):
                found += _all_texts(inner)
            case List(_, items):
                for item in items:
                    found += _all_texts(item.blocks)
            case _:
                pass
    return found
