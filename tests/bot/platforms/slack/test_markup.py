"""Slack's text as it was typed, escaping, and looking into blocks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import AccountId
from bot.platforms.slack import markup
from bot.richtext import (
    Everyone,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    RichText,
    RoomMention,
    Text,
    Time,
    plain,
    say,
)

ACCOUNT = AccountId("slack:alpha")
URL = "https://x.example/a?b=1&c"


def names(user: str) -> str | None:
    return {"U1": "Ada", "W2": "Grace"}.get(user)


def read(text: str) -> RichText:
    return markup.read(text, ACCOUNT, names)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("plain *bold* _x_ snake_case", (Text("plain *bold* _x_ snake_case"),)),
        ("a &lt;b&gt; &amp; c", (Text("a <b> & c"),)),
        ("&amp;lt;", (Text("&lt;"),)),
        ("&lt;!channel&gt;", (Text("<!channel>"),)),
        ("&nbsp;&quot;", (Text("&nbsp;&quot;"),)),
        ("one\ntwo\n\n", (Text("one"), LineBreak(), Text("two"), LineBreak(), LineBreak())),
        ("<https://x.example/a?b=1&amp;c>", (Link(URL, URL, made=True),)),
        (
            "<http://bad.example|bad.example>",
            (Link("http://bad.example", "bad.example", made=True),),
        ),
        ("<mailto:a@b.c|a@b.c>", (Link("mailto:a@b.c", "a@b.c", made=True),)),
        ("<@U1>", (Mention("slack:alpha/U1", "Ada"),)),
        ("<@U9>", (Mention("slack:alpha/U9", "U9"),)),
        ("<@U9|jo-ann>", (Mention("slack:alpha/U9", "jo-ann"),)),
        ("<#C1|general>", (RoomMention("slack:alpha/C1", "general"),)),
        ("<#C2>", (RoomMention("slack:alpha/C2", "C2"),)),
        ("<!here><!everyone|everyone>", (Everyone("here"), Everyone("everyone"))),
        ("<!subteam^S1|@duty> <!subteam^S2>", (Text("@duty @S2"),)),
        ("<!date^1392734382^{date}|18 Feb>", (Time(1392734382, "18 Feb"),)),
        ("<nothing> <> <!>", (Text("<nothing> <> <!>"),)),
        ("\x00 \ud800", (Text("\ufffd \ufffd"),)),
    ],
)
def test_text_is_read_as_it_was_shown(text: str, content: tuple[object, ...]) -> None:
    assert read(text).blocks == (Paragraph(content),)  # type: ignore[arg-type]  # shortens the table


def test_nothing_is_an_empty_body() -> None:
    assert read("") == RichText()


@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_typed_text_comes_through_as_the_same_characters(text: str) -> None:
    assert plain(read(markup.escape(text))) == text
    assert markup.write(say(text)) == text


@given(st.text(alphabet="<>@#!|^&;:UC1ahtp/\n ", max_size=60))
def test_any_text_is_read_without_failing(text: str) -> None:
    assert "\x00" not in plain(read(text))


@given(st.text(alphabet="<>@#!|&;: UC1channel", max_size=60))
def test_escaped_text_can_hold_no_mark_of_slacks(text: str) -> None:
    escaped = markup.escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert markup.unescape(escaped) == text


@pytest.mark.parametrize(
    "text", ["<" * 300_000, "<!a" + "^" * 300_000, "<@U" * 100_000, "&" * 500_000]
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("198.51.100.7 <http://bad.example|bad.example>", "198.51.100.7 bad.example"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("<https://x.example|click>", "click (https://x.example)"),
        ("<tel:123|123> &lt;x&gt;", "123 <x>"),
    ],
)
def test_what_slack_made_of_arguments_is_undone(text: str, expected: str) -> None:
    assert markup.typed(text, ACCOUNT, names) == expected


def test_text_is_found_in_blocks() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "A <b>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "see <@U1>"},
         "fields": [{"type": "mrkdwn", "text": "f"}]},
        {"type": "divider"},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "a<"},
                        {"type": "link", "url": "https://x.example", "text": "x"},
                        {"type": "user", "user_id": "U1"},
                        {"type": "emoji", "name": "wave"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "unheard_of"},
                    ],
                },
                {"type": "rich_text_list", "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]},
                ]},
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "ctx"}, {"type": "image"}]},
    ]  # fmt: skip
    assert markup.of_blocks(blocks).split("\n") == [
        "A &lt;b&gt;", "see <@U1>", "f", "a&lt;<https://x.example|x><@U1>:wave:<!here>",
        "item", "ctx",
    ]  # fmt: skip


def test_blocks_of_any_depth_are_read_within_bounds() -> None:
    nested: object = "x"
    for _ in range(5_000):
        nested = {"elements": [nested]}
    assert markup.of_blocks([nested]) == ""
