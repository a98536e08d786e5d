"""Markdown as a tree: what is read, and that nothing in it can act."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.advisories.markdown import inline, read_markdown
from bot.richtext import (
    Block,
    CodeBlock,
    Heading,
    Inline,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Rule,
    Style,
    Table,
    Text,
    plain,
)
from bot.richtext.walking import leaves

B, EM, C, S = Style.BOLD, Style.ITALIC, Style.CODE, Style.STRIKE


def words(text: str) -> Paragraph:
    return Paragraph((Text(text),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## What to do", [Heading(2, (Text("What to do"),))]),
        ("one\n\ntwo", [words("one"), words("two")]),
        ("---", [Rule()]),
        ("> said", [Quote((words("said"),))]),
        ("```sh\na *b*\n```", [CodeBlock("a *b*", "sh")]),
        ("```\nnever closed", [CodeBlock("never closed")]),
        ("- a\n- b", [List(ordered=False, items=(Item((words("a"),)), Item((words("b"),))))]),
        ("3. a", [List(ordered=True, items=(Item((words("a"),)),), start=3)]),
        (
            "- a\n  - b",
            [List(False, (Item((words("a"), List(False, (Item((words("b"),)),)))),))],
        ),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            [Table((((Text("a"),), (Text("b"),)), ((Text("1"),), (Text("2"),))), header=1)],
        ),
        ("a | b", [words("a | b")]),
        ("<script>x</script>", [words("<script>x</script>")]),
    ],
)
def test_blocks_are_read(text: str, expected: list[Block]) -> None:
    assert list(read_markdown(text).blocks) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a **b** c", [Text("a "), Text("b", B), Text(" c")]),
        ("*a* _b_", [Text("a", EM), Text(" "), Text("b", EM)]),
        ("**a *b***", [Text("a ", B), Text("b", B | EM)]),
        ("~~old~~", [Text("old", S)]),
        ("`a*b*`", [Text("a*b*", C)]),
        ("snake_case_name", [Text("snake_case_name")]),
        ("2 * 3 * 4", [Text("2 * 3 * 4")]),
        ("**never closed", [Text("**never closed")]),
        (r"\*a\*", [Text("*a*")]),
        ("[a](https://x.org/b)", [Link("https://x.org/b", "a")]),
        ("<https://x.org>", [Link("https://x.org", "https://x.org")]),
        ("[a](javascript:alert)", [Text("[a](javascript:alert)")]),
        ("@channel <!here> @room", [Text("@channel <!here> @room")]),
    ],
)
def test_lines_are_read(text: str, expected: list[Inline]) -> None:
    assert list(inline(text)) == expected


@given(st.text(alphabet="ab *_`~[]()<>#->|\n1.\\", max_size=200))
def test_whatever_is_written_becomes_text_and_links_of_the_web_alone(text: str) -> None:
    for leaf in leaves(read_markdown(text)):
        assert not isinstance(leaf, Link) or leaf.url.startswith(("http", "mailto:"))
    assume("```" not in text and "~~~" not in text)  # a language is no text
    letters = [each for each in text if each in "ab"]
    assert [each for each in plain(read_markdown(text)) if each in "ab"] == letters


@pytest.mark.parametrize("piece", ["*", "`", "[", "> ", "- ", "_a", "| ", "**a", "`a``b"])
def test_long_nonsense_is_read_in_no_time(piece: str) -> None:
    begun = time.process_time()
    read_markdown(piece * (40_000 // len(piece)))
    read_markdown(f"{piece}\n" * (40_000 // len(piece)))
    assert time.process_time() - begun < 10
