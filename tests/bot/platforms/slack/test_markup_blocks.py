"""Slack's blocks and attachments as trees: a table, a case a line."""

# ruff: noqa: E501  a case is one line

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.slack import markup
from tests.bot.platforms.slack.sketch import sketch
from tests.bot.platforms.slack.test_markup_text import ACCOUNT, LOOKUPS

Json = dict[str, Any]
UNKNOWN = "[This message has parts that cannot be shown here.]"
RECORDED = Path(__file__).parents[5] / "shared" / "data" / "slack"


def t(text: str, *styles: str) -> Json:
    made: Json = {"type": "text", "text": text}
    return made | ({"style": dict.fromkeys(styles, True)} if styles else {})


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(*elements: Json) -> Json:
    return {"type": "rich_text_quote", "elements": list(elements)}


def pre(text: str, **more: Any) -> Json:
    return {"type": "rich_text_preformatted", "elements": [t(text)], **more}


def items(*texts: str, style: str = "bullet", **more: Any) -> Json:
    elements = [section(t(text)) for text in texts]
    return {"type": "rich_text_list", "style": style, "elements": elements, **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def inline(*elements: Json) -> Json:
    return rich(section(*elements))


def md(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str, **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def emoji(name: str, **more: Any) -> Json:
    return {"type": "emoji", "name": name, **more}


def link(url: str, **more: Any) -> Json:
    return {"type": "link", "url": url, **more}


def date(**more: Any) -> Json:
    return {"type": "date", "format": "{date}", **more}


BOLD = {"style": {"bold": True}}
IMAGE = {"type": "image", "image_url": "https://i.example/cat.gif", "alt_text": "a cat"}
BUTTON = {"type": "button", "text": plain("Approve"), "action_id": "a", "value": "1"}
WAY = {"type": "button", "text": plain("Open"), "url": "https://x.example"}

BLOCKS = [
    # leaves
    ([inline(t("plain"))], "plain"),
    ([inline(t("snake_case_x *a*"))], "snake_case_x *a*"),
    ([inline(t("<word> &lt; &amp;"))], "<word> &lt; &amp;"),
    ([inline(t("b", "bold"), t("i", "italic"))], "b{b}i{i}"),
    ([inline(t("x", "bold", "italic", "strike", "underline", "code"))], "bisuc{x}"),
    ([inline(t("a", "bold"), t("b", "bold"))], "b{ab}"),
    ([inline(t("x", "unheard_of"))], "x"),
    ([inline({"type": "text", "text": "x", "style": "bold"})], "x"),
    ([inline(t("a\nb"))], "a⏎b"),
    ([inline(t("a\n\nb"))], "a / b"),
    ([inline(t("a\n\n\nb\n"))], "a⏎⏎⏎b⏎"),
    ([inline(t("a", "bold"), t("\n"), t("b"))], "b{a}⏎b"),
    ([inline(t(":wave: 10:30:45"))], ":wave: 10:30:45"),
    ([inline(t("https://x.example"))], "https://x.example"),
    ([inline(link("https://x.example"))], "made{https://x.example|https://x.example}"),
    ([inline(link("http://main.rs", text="main.rs"))], "made{http://main.rs|main.rs}"),
    ([inline(link("https://x.example", text="here", **BOLD))], "b{a{https://x.example|here}}"),
    ([inline(link("https://x.example", text="a|b>c"))], "a{https://x.example|a|b>c}"),
    ([inline({"type": "user", "user_id": "U1"})], "@{U1|Ada}"),
    ([inline({"type": "user", "user_id": "U9", **BOLD})], "b{@{U9|U9}}"),
    ([inline({"type": "channel", "channel_id": "C7"})], "#{C7|incidents}"),
    ([inline({"type": "channel", "channel_id": "C9"})], "#{C9|C9}"),
    ([inline({"type": "usergroup", "usergroup_id": "S7"})], "@duty"),
    ([inline({"type": "usergroup", "usergroup_id": "S9"})], "@S9"),
    ([inline({"type": "broadcast", "range": "here"})], "!{here}"),
    ([inline({"type": "broadcast", "range": "channel"})], "!{channel}"),
    ([inline({"type": "team", "team_id": "T1"})], "T1"),
    ([inline({"type": "color", "value": "#F405B3"})], "#F405B3"),
    ([inline(date(timestamp=1392734382, fallback="18 Feb"))], "t{1392734382|18 Feb}"),
    ([inline(date(timestamp=1392734382))], "t{1392734382|2014-02-18 14:39 UTC}"),
    ([inline(date(timestamp="1392734382", fallback="x"))], "t{1392734382|x}"),
    ([inline(date(timestamp="soon", fallback="soon"))], "soon"),
    ([inline(emoji("wave"))], "e{👋}"),
    ([inline(emoji("wave", unicode="1f44b-1f3fd"))], "e{👋🏽}"),
    ([inline(emoji("wave", skin_tone=4))], "e{👋🏽}"),
    ([inline(emoji("hand::skin-tone-3"))], "e{✋🏼}"),
    ([inline(emoji("heart", unicode="2764-fe0f"))], "e{❤️}"),
    ([inline(emoji("flag-fr", unicode="1f1eb-1f1f7"))], "e{🇫🇷}"),
    ([inline(emoji("party_parrot"))], "e{:party_parrot:}"),
    ([inline(emoji("wave", unicode="41-42"))], "e{👋}"),
    ([inline(emoji("wave", unicode="ffffff"))], "e{👋}"),
    ([inline({"type": "unheard_of"}, t("x"))], "x"),
    ([inline({"type": "unheard_of", "text": "shown"})], "shown"),
    ([inline({"type": "text"}, {}, t("x"))], "x"),
    # sections, quotes, code
    ([rich(section(t("a")), section(t("b")))], "a⏎b"),
    ([rich(section(t("a\n")), section(t("b")))], "a⏎b"),
    ([rich(section(t("a\n")), items("b"))], "a / ul(b)"),
    ([rich(section(t("a\n\n")), items("b"))], "a⏎ / ul(b)"),
    ([rich(items("a"), section(t("\nb")))], "ul(a) / ⏎b"),
    ([rich(quote(t("a\nb")))], "quote(a⏎b)"),
    ([rich(quote(t("a")), quote(t("b")))], "quote(a⏎b)"),
    ([rich(section(t("a\n")), quote(t("b")), section(t("c")))], "a / quote(b) / c"),
    ([rich(pre("x = 1\ny"))], "code(x = 1⏎y)"),
    ([rich(pre("x", language="python"))], "code:python(x)"),
    ([rich(pre("`a` <b> *c*"))], "code(`a` <b> *c*)"),
    ([rich(pre("x", border=1))], "quote(code(x))"),
    ([rich({"type": "rich_text_preformatted", "elements": [link("http://a.b", text="a.b")]})], "code(a.b)"),
    ([rich(quote(t("q")), items("a", border=1), pre("c", border=1))], "quote(q / ul(a) / code(c))"),
    ([rich({"type": "rich_text_unheard", "elements": [t("x")]})], "x"),
    # lists
    ([rich(items("a", "b"))], "ul(a; b)"),
    ([rich(items("a", "b", style="ordered"))], "ol1(a; b)"),
    ([rich(items("a", style="ordered", offset=4))], "ol5(a)"),
    ([rich(items("a"), items("b", indent=1), items("c"))], "ul(a / ul(b); c)"),
    ([rich(items("a"), items("b", indent=1), items("c", indent=2))], "ul(a / ul(b / ul(c)))"),
    ([rich(items("a"), items("b", indent=2), items("c"))], "ul(a / ul(b); c)"),
    ([rich(items("a", indent=1))], "ul(a)"),
    ([rich(items("a"), items("1", style="ordered", indent=1), items("b"))], "ul(a / ol1(1); b)"),
    (
        [rich(items("a", style="ordered"), items("x", indent=1), items("b", style="ordered", offset=1))],
        "ol1(a / ul(x); b)",
    ),
    ([rich(items("a", style="ordered"), items("b", style="ordered"))], "ol1(a) / ol1(b)"),
    ([rich(items("a"), items("b", style="ordered"))], "ul(a) / ol1(b)"),
    ([rich(items("a\nb"))], "ul(a⏎b)"),
    ([rich(items("a", indent=-3, offset="x"))], "ul(a)"),
    ([rich(items("a", indent=10**9))], "ul(a)"),
    ([rich({"type": "rich_text_list", "elements": [section(), 3]})], "ul()"),
    # other blocks
    ([{"type": "header", "text": plain("A &amp; <b> :wave:")}], "h1(A & <b> e{👋})"),
    ([{"type": "header", "text": plain("A :wave:", emoji=False)}], "h1(A :wave:)"),
    ([{"type": "divider"}], "———"),
    ([{"type": "section", "text": md("see *<@U1>*")}], "see b{@{U1|Ada}}"),
    ([{"type": "section", "text": plain("see *<@U1>*")}], "see *<@U1>*"),
    (
        [{"type": "section", "text": md("t"), "fields": [md("*a*"), plain("1"), md("b")]}],
        "t / table0(b{a} | 1; b)",
    ),
    ([{"type": "section", "text": md("t"), "accessory": BUTTON}], "t / [Approve]"),
    ([{"type": "section", "text": md("t"), "accessory": IMAGE}], "t / a{https://i.example/cat.gif|a cat}"),
    ([{"type": "section"}], ""),
    ([{"type": "context", "elements": [md("_by_"), plain("Ada"), IMAGE]}], "i{by} Ada a{https://i.example/cat.gif|a cat}"),
    ([{"type": "actions", "elements": [BUTTON, WAY]}], "[Approve] a{https://x.example|[Open]}"),
    ([{"type": "actions", "elements": [{"type": "static_select", "placeholder": plain("Pick")}]}], "[Pick]"),
    ([IMAGE], "a{https://i.example/cat.gif|a cat}"),
    ([IMAGE | {"title": plain("Cat")}], "b{Cat}⏎a{https://i.example/cat.gif|a cat}"),
    ([IMAGE, {"type": "context", "elements": [md("via bot")]}], "a{https://i.example/cat.gif|a cat} / via bot"),
    ([{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"}], "x"),
    ([{"type": "image"}], "image"),
    (
        [{"type": "video", "title": plain("Clip"), "title_url": "https://v.example", "description": plain("d")}],
        "b{a{https://v.example|Clip}} / d",
    ),
    ([{"type": "video", "alt_text": "clip"}], "b{clip}"),
    (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "h"}], [inline(t("c", "bold"))]]}],
        "table1(h; b{c})",
    ),
    ([{"type": "input", "label": plain("Name"), "element": {}}], "Name"),
    ([{"type": "unheard_of"}, {"type": "neither"}, inline(t("x"))], f"x / {UNKNOWN}"),
    ([None, 3, "x"], UNKNOWN),
    ([inline(t("a")), {"type": "divider"}, inline(t("b"))], "a / ——— / b"),
    # markdown blocks
    ([{"type": "markdown", "text": "# Title\n\n**b** *i* ~~s~~ `c`"}], "b{Title} / b{b} i{i} s{s} c{c}"),
    ([{"type": "markdown", "text": "[x](https://x.example) a_b_c"}], "a{https://x.example|x} a_b_c"),
    ([{"type": "markdown", "text": "- a\n  - b\n1. c"}], "ul(a / ul(b)) / ol1(c)"),
    ([{"type": "markdown", "text": "```py\nx = 1\n```\nend"}], "code:py(x = 1) / end"),
    ([{"type": "markdown", "text": "> q\n> r\n\n---"}], "quote(q / r) / ———"),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "expected"), BLOCKS)
def test_blocks_are_read(blocks: list[Any], expected: str) -> None:
    assert sketch(markup.read_message({"blocks": blocks}, ACCOUNT, LOOKUPS)) == expected


OLD = {"title": "Alert", "title_link": "https://x.example", "text": "*high*", "color": "#f00"}
MESSAGES: list[tuple[Json, str]] = [
    ({"text": "*a* &lt;"}, "b{a} <"),
    ({"text": "*a*", "mrkdwn": False}, "*a*"),
    ({"text": "fallback", "blocks": [inline(t("shown"))]}, "shown"),
    ({"text": "", "blocks": [inline(t("shown"))]}, "shown"),
    ({"text": "shown", "blocks": []}, "shown"),
    ({"text": "shown", "blocks": "nonsense"}, "shown"),
    ({"text": None}, ""),
    ({}, ""),
    ({"text": "a", "attachments": [OLD]}, "a / quote(b{a{https://x.example|Alert}} / b{high})"),
    ({"attachments": [{"text": "a"}, {"text": "b"}]}, "quote(a) / quote(b)"),
    ({"text": "t", "attachments": [{"pretext": "_p_", "text": "a"}]}, "t / i{p} / quote(a)"),
    ({"attachments": [{"author_name": "Ada &amp; co", "text": "a"}]}, "quote(b{Ada & co} / a)"),
    ({"attachments": [{"fields": [{"title": "Host", "value": "`x`"}]}]}, "quote(b{Host}⏎c{x})"),
    ({"attachments": [{"fields": [{"title": "Host"}]}]}, "quote(b{Host})"),
    ({"attachments": [{"text": "a", "footer": "f"}]}, "quote(a / i{f})"),
    ({"attachments": [{"image_url": "https://i.example/x.png"}]}, "quote(a{https://i.example/x.png|image})"),
    ({"attachments": [{"fallback": "only this"}]}, "quote(only this)"),
    ({"attachments": [{"actions": [{"text": "Yes"}, {"text": "No"}], "text": "a"}]}, "quote(a / [Yes] [No])"),
    ({"attachments": [{"blocks": [inline(t("in blocks"))], "fallback": "f"}]}, "quote(in blocks)"),
    ({"text": "<https://x.example>", "attachments": [{"from_url": "https://x.example", "title": "X"}]}, "made{https://x.example|https://x.example}"),
    ({"attachments": [{"is_msg_unfurl": True, "text": "elsewhere"}]}, ""),
    ({"attachments": [{"is_share": True, "is_msg_unfurl": True, "author_name": "Ada", "text": "said"}]}, "quote(b{Ada} / said)"),
    (
        {"attachments": [{"is_share": True, "message_blocks": [{"message": {"blocks": [inline(t("said"))]}}]}]},
        "quote(said)",
    ),
    ({"attachments": [None, 3, {}]}, ""),
    ({"attachments": "x"}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_messages_are_read(message: Json, expected: str) -> None:
    assert sketch(markup.read_message(message, ACCOUNT, LOOKUPS)) == expected


def test_a_hundred_blocks_are_read() -> None:
    body = markup.read_message({"blocks": [inline(t("x"))] * 100}, ACCOUNT, LOOKUPS)
    assert sketch(body) == " / ".join(["x"] * 100)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded payloads are not here")
def test_recorded_messages_of_every_shape_are_read() -> None:
    read = 0
    for path in sorted(RECORDED.glob("*/*.json")):
        for message in _messages(json.loads(path.read_text())):
            markup.write_blocks(markup.read_message(message, ACCOUNT, LOOKUPS), ACCOUNT)
            read += 1
    assert read > 20


def _messages(found: Any) -> list[Json]:
    if isinstance(found, list):
        return [message for each in found for message in _messages(each)]
    if not isinstance(found, dict):
        return []
    own = [found] if found.keys() & {"blocks", "attachments"} else []
    return own + [message for each in found.values() for message in _messages(each)]
