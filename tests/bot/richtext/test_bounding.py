"""A body that nobody typed: it has only so many leaves, and all of its text."""

# ruff: noqa: E501  # one line a case

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.richtext import (
    HIDDEN,
    Block,
    CodeBlock,
    Item,
    LineBreak,
    Link,
    List,
    Paragraph,
    Quote,
    RichText,
    Style,
    Table,
    Text,
    bounded,
    plain,
    say,
)
from bot.richtext.bounding import weight
from tests.bot.platforms.matrix.test_markup_properties import trees


def p(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def bullets(*texts: str, start: int = 0) -> List:
    return List(start > 0, tuple(Item((p(text),)) for text in texts), start or 1)


@pytest.mark.parametrize(
    ("body", "most", "blocks"),
    [
        (RichText(), 1, ()),
        (say("one\ntwo"), 4, (Paragraph((Text("one"), LineBreak(), Text("two"))),)),
        (say("one\ntwo"), 3, (Paragraph((Text("one"), LineBreak())), CodeBlock("two"))),
        (RichText((p("one"), p("two"), p("three"))), 4, (p("one"), p("two"), CodeBlock("three"))),
        (RichText((p("one"), Paragraph((Link("https://a.example", "two"),)))), 2, (p("one"), CodeBlock("two (https://a.example)"))),
        (RichText((Quote((p("one"), p("two"))), p("three"))), 4, (Quote((p("one"),)), CodeBlock("> two\n\nthree"))),
        (RichText((bullets("one", "two", "three"),)), 8, (bullets("one", "two"), CodeBlock("• three"))),
        (RichText((bullets("one", "two", "three", start=4),)), 6, (bullets("one", start=4), CodeBlock("5. two\n6. three"))),
        (RichText((p("one"), Table((((Text("a"),), (Text("b"),)),)))), 4, (p("one"), CodeBlock("a | b"))),
        (RichText((CodeBlock("x"), p("one"))), 2, (CodeBlock("x"), CodeBlock("one"))),
    ],
)  # fmt: skip
def test_what_is_too_much_is_code(body: RichText, most: int, blocks: tuple[Block, ...]) -> None:
    assert bounded(body, most).blocks == blocks


def test_a_spoiler_stays_hidden() -> None:
    body = RichText((Paragraph((Text("who"), Text("the butler", Style.SPOILER.value))),))
    assert bounded(body, 2).blocks == (Paragraph((Text("who"),)), CodeBlock(HIDDEN))


@given(trees, st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_no_word_is_lost_and_no_leaf_too_many(body: RichText, most: int) -> None:
    found = bounded(body, most)
    assert weight(found.blocks) <= most + 1
    assert _words(plain(found, spoilers=False)) == _words(plain(body, spoilers=False))


def _words(text: str) -> str:
    """What is said, without spaces and the marks of quotes and items, which a cut repeats."""
    return "".join(character for character in text if not character.isspace() and character != ">")
