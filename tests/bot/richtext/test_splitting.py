"""A body in parts: nothing lost, nothing torn that fits, every block opened again."""

# ruff: noqa: E501  # one line a case

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.richtext import (
    Block,
    CodeBlock,
    Details,
    Heading,
    Item,
    LineBreak,
    Link,
    List,
    Paragraph,
    Quote,
    RichText,
    Rule,
    Table,
    Text,
    plain,
    say,
)
from bot.richtext.clusters import boundary
from bot.richtext.splitting import split


def length(body: RichText) -> int:
    return len(plain(body))


def parts(body: RichText, limit: int, most: int = 1000) -> list[str]:
    found = split(body, length, limit, most)
    assert found is not None
    return [plain(part) for part in found]


def p(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def blocks(*content: Block) -> RichText:
    return RichText(content)


def cells(*texts: str) -> tuple[tuple[Text, ...], ...]:
    return tuple((Text(text),) for text in texts)


@pytest.mark.parametrize(
    ("body", "limit", "expected"),
    [
        (say("short"), 10, ["short"]),
        (RichText(), 10, [""]),
        (say("one two three"), 9, ["one two ", "three"]),
        (say("one\ntwo three\nfour"), 10, ["one", "two three", "four"]),
        (say("one\n\ntwo\nthree"), 10, ["one", "two\nthree"]),
        (say("abcdefgh"), 3, ["abc", "def", "gh"]),
        (say("e\u0301" * 4), 3, ["e\u0301", "e\u0301", "e\u0301", "e\u0301"]),
        (say("🇫🇷🇩🇪"), 3, ["🇫🇷", "🇩🇪"]),
        (say("👩🏽‍🚒👩🏽‍🚒"), 5, ["👩🏽‍🚒", "👩🏽‍🚒"]),
        (say("👩🏽‍🚒👩🏽‍🚒"), 2, ["👩🏽‍🚒", "👩🏽‍🚒"]),
        (blocks(p("one"), p("two"), p("three")), 8, ["one\n\ntwo", "three"]),
        (blocks(p("one"), p("two words")), 10, ["one", "two words"]),
        (blocks(p("one"), p("a long one of words")), 12, ["one\n\na long ", "one of words"]),
        (blocks(CodeBlock("a\nb\nc", "py")), 3, ["a\nb", "c"]),
        (blocks(CodeBlock("a\n\n  b")), 4, ["a\n", "  b"]),
        (blocks(Quote((p("one two"),))), 6, ["> one ", "> two"]),
        (blocks(Heading(1, (Text("one two"),))), 4, ["one ", "two"]),
        (blocks(List(True, (Item((p("a"),)), Item((p("b"),)), Item((p("c"),))))), 9, ["1. a\n2. b", "3. c"]),
        (blocks(List(False, (Item((p("one two"),)), Item((p("b"),))))), 6, ["• one ", "• two", "• b"]),
        (blocks(Table((cells("h"), cells("a"), cells("b")), 1)), 4, ["h\na", "h\nb"]),
        (blocks(Table((cells("long", "row"), cells("b")))), 8, ["long | ", "row\n\nb"]),
        (blocks(Details((Text("s"),), (p("one"), p("two")))), 6, ["s\none", "s\ntwo"]),
        (blocks(p("one"), Rule(), p("two")), 8, ["one\n\n———", "two"]),
        (RichText((Paragraph((Link("https://a.example", "https://a.example"), Text(" b"))),)), 5, ["https://a.example", " b"]),
    ],
)  # fmt: skip
def test_a_body_is_cut_at_the_best_place(body: RichText, limit: int, expected: list[str]) -> None:
    assert parts(body, limit) == expected


def test_a_code_block_is_closed_and_opened_again_with_its_language() -> None:
    found = split(blocks(CodeBlock("a\nb", "py")), length, 2)
    assert found == (blocks(CodeBlock("a", "py")), blocks(CodeBlock("b", "py")))


def test_a_list_goes_on_with_its_numbers() -> None:
    items = tuple(Item((p(letter),)) for letter in "abcd")
    found = split(blocks(List(True, items, 5)), length, 9)
    assert found is not None
    assert [part.blocks[0].start for part in found] == [5, 7]  # type: ignore[union-attr]  # lists


def test_what_makes_too_many_parts_is_for_a_file() -> None:
    assert split(say("abcdefghijkl"), length, 1) is None
    assert split(say("abcdefghij"), length, 1) is not None
    assert split(say("ab cd ef"), length, 3, most=2) is None


leaves = st.lists(
    st.builds(Text, st.text(st.sampled_from("ab c\u0301🇫😀"), min_size=1, max_size=12))
    | st.just(LineBreak()),
    min_size=1,
    max_size=8,
).map(tuple)
simple = st.builds(Paragraph, leaves) | st.builds(
    CodeBlock, st.text(st.sampled_from("ab \n"), max_size=20)
)
some = st.lists(simple, min_size=1, max_size=3).map(tuple)
nested = (
    simple
    | st.builds(Quote, some)
    | st.builds(
        List, st.booleans(), st.lists(st.builds(Item, some), min_size=1, max_size=3).map(tuple)
    )
    | st.builds(Details, leaves, some)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(nested, max_size=4).map(tuple), st.integers(1, 60))
def test_nothing_that_is_seen_is_lost_or_said_twice(content: tuple[Block, ...], limit: int) -> None:
    body = RichText(tuple(block for block in content if not isinstance(block, Details)))
    found = split(body, length, limit, most=10_000)
    assert found is not None
    assert _seen("".join(map(plain, found))) == _seen(plain(body))


def _seen(text: str) -> list[str]:
    return [character for character in text if character in "abc\u0301🇫😀"]


@settings(max_examples=60, deadline=None)
@given(st.lists(nested, max_size=4).map(tuple), st.integers(40, 80))
def test_every_part_fits_where_anything_can(content: tuple[Block, ...], limit: int) -> None:
    for text in parts(RichText(content), limit + 200, most=10_000):
        assert len(text) <= limit + 200


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("ab", 1, 1),
        ("a\u0301b", 1, 0),
        ("xa\u0301b", 2, 1),
        ("a\r\nb", 2, 1),
        ("👍🏽x", 1, 0),
        ("❤\ufe0fx", 1, 0),
        ("👨‍👩‍👧", 3, 0),
        ("🇫🇷🇩🇪", 2, 2),
        ("🇫🇷🇩🇪", 3, 2),
        ("한국", 1, 1),
        ("\u1112\u1161\u11ab", 2, 0),
        ("\uac00\u11a8", 1, 0),
        ("नि", 1, 0),
        ("a", 0, 0),
        ("a", 1, 1),
    ],
)
def test_a_seen_character_is_never_cut(text: str, place: int, expected: int) -> None:
    assert boundary(text, place) == expected


def test_a_cluster_without_end_is_cut_all_the_same() -> None:
    assert boundary("a" + "\u0301" * 10_000, 5_000) == 5_000
