"""The tree as Slack's blocks: a table, a case a line, and what must hold of every tree."""

# ruff: noqa: E501  a case is one line

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import AccountId
from bot.platforms.slack import markup
from bot.platforms.slack.lookups import Lookups
from bot.richtext import (
    HIDDEN,
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
    Style,
    Table,
    Text,
    Time,
    say,
)
from tests.bot.platforms.slack.sketch import sketch

ACCOUNT = AccountId("slack:alpha")
LOOKUPS = Lookups(people={"U1": "Ada"}.get, rooms={"C7": "incidents"}.get)
B = LineBreak()
BOLD, ITALIC, CODE, HIDE = (int(s) for s in (Style.BOLD, Style.ITALIC, Style.CODE, Style.SPOILER))


def p(*leaves: Inline) -> Paragraph:
    return Paragraph(leaves)


def bullets(*blocks: Block) -> List:
    return List(False, tuple(Item((block,)) for block in blocks))


def row(*cells: str) -> tuple[tuple[Inline, ...], ...]:
    return tuple((Text(cell),) for cell in cells)


def blocks_of(*blocks: Block) -> list[dict[str, Any]]:
    (block,) = markup.write_blocks(RichText(blocks), ACCOUNT).blocks
    found: list[dict[str, Any]] = block["elements"]
    return found


def back(*blocks: Block) -> str:
    """What a reader on Slack sees of the blocks, by reading them again."""
    written = markup.write_blocks(RichText(blocks), ACCOUNT)
    return sketch(markup.read_message({"blocks": written.blocks}, ACCOUNT, LOOKUPS))


LONG = "a very long cell that no telephone shows beside another"
SHOWN: list[tuple[Block, str]] = [
    (p(Text("a")), "a"),
    (p(Text("a", BOLD), Text("b", BOLD), Text("c")), "b{ab}c"),
    (p(Text("x", 31)), "bisuc{x}"),
    (p(Text("a"), B, Text("b")), "a⏎b"),
    (p(Text("*a* _b_ ~c~ `d` :wave: <@U1> <!here> &lt;")), "*a* _b_ ~c~ `d` :wave: <@U1> <!here> &lt;"),
    (p(Text("@here @channel @everyone #general")), "@here @channel @everyone #general"),
    (p(Text("https://x.example main.rs 198.51.100[.]7 hxxp://a")), "https://x.example main.rs 198.51.100[.]7 hxxp://a"),
    (p(Text("a\x00b\ud800")), "a\ufffdb\ufffd"),
    # links
    (p(Link("https://x.example", "here")), "a{https://x.example|here}"),
    (p(Link("https://x.example", "here", BOLD)), "b{a{https://x.example|here}}"),
    (p(Link("https://x.example", "")), "made{https://x.example|https://x.example}"),
    (p(Link("https://x.example", "https://x.example")), "made{https://x.example|https://x.example}"),
    (p(Link("https://x.example", "https://x.example", made=True)), "made{https://x.example|https://x.example}"),
    (p(Link("http://main.rs", "main.rs", made=True)), "main.rs"),
    (p(Link("http://bad.ru", "bad.ru")), "bad.ru"),
    (p(Link("http://x.example:8443", "x.example:8443", made=True)), "x.example:8443"),
    (p(Link("mailto:a@b.example", "a@b.example", made=True)), "a@b.example"),
    (p(Link("mailto:a@b.example", "write to us")), "a{mailto:a@b.example|write to us}"),
    (p(Link("https://bad.example", "https://good.example")), "https://good.example (made{https://bad.example|https://bad.example})"),
    (p(Link("https://bad.example", "good.example")), "good.example (made{https://bad.example|https://bad.example})"),
    (p(Link("https://bad.example", "see good.example/a now")), "see good.example/a now (made{https://bad.example|https://bad.example})"),
    (p(Link("https://bad.example", "\uff47\uff4f\uff4f\uff44\uff0eexample")), "\uff47\uff4f\uff4f\uff44\uff0eexample (made{https://bad.example|https://bad.example})"),
    (p(Link("https://bad.example", "elpmaxe.doog\u202e")), "elpmaxe.doog\u202e (made{https://bad.example|https://bad.example})"),
    (p(Link("https://bad.example", "198.51.100.7")), "198.51.100.7 (made{https://bad.example|https://bad.example})"),
    (p(Link("https://good.example.bad.example", "good.example")), "good.example (made{https://good.example.bad.example|https://good.example.bad.example})"),
    (p(Link("https://x.example/a/b", "x.example")), "a{https://x.example/a/b|x.example}"),
    (p(Link("https://x.example/a/b", "on x.example/a")), "a{https://x.example/a/b|on x.example/a}"),
    (p(Link("javascript:alert(1)", "x")), "x (javascript:alert(1))"),
    (p(Link("slack://open", "x")), "x (slack://open)"),
    (p(Link("https://x.example/\n", "x")), "x (https://x.example/⏎)"),
    (p(Link("https://x.example/" + "a" * 3000, "x")), "x (https://x.example/" + "a" * 3000 + ")"),
    # people, rooms, everyone
    (p(Mention("slack:alpha/U1", "Ada")), "@{U1|Ada}"),
    (p(Mention("slack:beta/U1", "Ada")), "@Ada"),
    (p(Mention("matrix:c/@ada:x", "Ada", BOLD)), "b{@Ada}"),
    (p(Mention("slack:alpha/U1|x>", "Ada")), "@Ada"),
    (p(Mention("matrix:c/@a:x", "Ada\n<!here>")), "@Ada <!here>"),
    (p(RoomMention("slack:alpha/C7", "x")), "#{C7|incidents}"),
    (p(RoomMention("matrix:c/!r:x", "ops")), "#ops"),
    (p(RoomMention("", "ops")), "#ops"),
    (p(Everyone("here")), "@here"),
    (p(Everyone("room")), "@room"),
    (p(Everyone("here", ping=True)), "!{here}"),
    (p(Everyone("channel", ping=True)), "!{channel}"),
    (p(Everyone("room", ping=True)), "!{here}"),
    # emoji, times, formulas, spoilers
    (p(Emoji("👍")), "e{👍}"),
    (p(Emoji("✋🏼")), "e{✋🏼}"),
    (p(Emoji("❤️")), "e{❤️}"),
    (p(Emoji("👩🏿‍🚒")), "e{👩🏿‍🚒}"),
    (p(Emoji("🇫🇷")), "e{🇫🇷}"),
    (p(Emoji(":party_parrot:")), "e{:party_parrot:}"),
    (p(Emoji(":thumbsup:")), ":thumbsup:"),
    (p(Emoji(":no name:")), ":no name:"),
    (p(Emoji("not one")), "not one"),
    (p(Time(1392734382, "18 Feb")), "t{1392734382|18 Feb}"),
    (p(Time(1392734382, "")), "t{1392734382|2014-02-18 14:39 UTC}"),
    (p(Math("x^2")), "c{x^2}"),
    (p(Text("a "), Text("secret", HIDE), Text("er", HIDE | BOLD), Text(" b")), f"a {HIDDEN} (hidden) b"),
    (p(Link("https://secret.example", "x", HIDE)), f"{HIDDEN} (hidden)"),
    # blocks
    (Heading(1, (Text("Title"),)), "b{Title}"),
    (Heading(6, (Text("a "), Text("b", ITALIC))), "b{a }bi{b}"),
    (Rule(), "———"),
    (CodeBlock("x = 1\n<b>", "python"), "code:python(x = 1⏎<b>)"),
    (CodeBlock("x", "no such language!"), "code(x)"),
    (CodeBlock(""), "code( )"),
    (Quote((p(Text("a")), p(Text("b")))), "quote(a / b)"),
    (Quote((p(Text("a")), bullets(p(Text("b"))), CodeBlock("c"))), "quote(a / ul(b) / code(c))"),
    (Quote((Quote((p(Text("a"), B, Text("b")),)),)), "quote(> a⏎> b)"),
    (Quote((Quote((Quote((p(Text("a")),)),)),)), "quote(> > a)"),
    (bullets(p(Text("a")), p(Text("b"))), "ul(a; b)"),
    (List(True, (Item((p(Text("a")),)), Item((p(Text("b")),))), 5), "ol5(a; b)"),
    (List(True, (Item((p(Text("a")),)),), 0), "ol1(a)"),
    (bullets(p(Text("a"))), "ul(a)"),
    (List(False, (Item((p(Text("a")), bullets(p(Text("b"))))), Item((p(Text("c")),)))), "ul(a / ul(b); c)"),
    (List(False, (Item((p(Text("a")), p(Text("b")))),)), "ul(a / b)"),
    (List(True, (Item((p(Text("a")), CodeBlock("x"))), Item((p(Text("b")),)))), "ol1(a) / code(x) / ol2(b)"),
    (List(False, (Item((bullets(p(Text("a"))),)),)), "ul(ul(a))"),
    (List(False, (Item(()), Item((p(Text("a")),)))), "ul(; a)"),
    (Table((row("a", "b"), row("c", "d")), 1), "code(a  b⏎─  ─⏎c  d)"),
    (Table((row("a", "bbb"), row("cc", "d"))), "code(a   bbb⏎cc  d)"),
    (Table((row("日本", "b"), row("c", "d"))), "code(日本  b⏎c     d)"),
    (Table((row("Host", "Note"), row("h", LONG)), 1), f"ul(b{{Host}}: h⏎b{{Note}}: {LONG})"),
    (Table((row("a", LONG),)), f"ul(a | {LONG})"),
    (Table((row("t"), row("H"), row(LONG)), 2), f"ul(b{{t}}; b{{H}}: {LONG})"),
    (Table((row("H", "N"), row(LONG)), 1), f"ul(b{{H}} | b{{N}}; b{{H}}: {LONG})"),
    (Table((row("h"), ((Mention("slack:alpha/U1", "Ada"),),)), 1), "ul(b{h}: @{U1|Ada})"),
    (Table(()), " "),
    (Details((Text("More"),), (p(Text("a")), CodeBlock("b"))), "b{More} / a / code(b)"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "expected"), SHOWN)
def test_every_block_is_shown(block: Block, expected: str) -> None:
    assert back(block) == expected


def test_nothing_is_a_blank() -> None:
    assert blocks_of() == [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": " "}]}
    ]


def test_a_section_before_anything_ends_its_line() -> None:
    first, _ = blocks_of(p(Text("a")), CodeBlock("b"))
    assert first["elements"] == [{"type": "text", "text": "a\n"}]


def test_a_nested_lists_numbers_go_on() -> None:
    inner = List(False, (Item((p(Text("x")),)),))
    body = List(True, (Item((p(Text("a")), inner)), Item((p(Text("b")),))), 3)
    made = [(e["style"], e["indent"], e.get("offset")) for e in blocks_of(body)]
    assert made == [("ordered", 0, 2), ("bullet", 1, None), ("ordered", 0, 3)]


def test_the_block_carries_the_id_that_is_asked_for() -> None:
    assert markup.write_blocks(say("a"), ACCOUNT, block_id="d1").blocks[0]["block_id"] == "d1"


def test_the_fallback_shows_what_the_blocks_do() -> None:
    body = RichText(
        (
            p(Text("a <!here>"), Text("secret", HIDE)), Quote((p(Text("q"), B, Text("r")),)),
            List(True, (Item((p(Mention("slack:alpha/U1", "Ada")),)),), 2), CodeBlock("x\ny"),
            p(Link("https://x.example", "here")),
        )
    )  # fmt: skip
    assert markup.write_blocks(body, ACCOUNT).text.split("\n") == [
        f"a &lt;!here&gt;{HIDDEN} (hidden)", "&gt; q", "&gt; r", "2. @Ada", "x", "y",
        "here (https://x.example)",
    ]  # fmt: skip


# ── properties ──────────────────────────────────────────────────────────────────────────────────

CHARACTERS = st.text(
    st.sampled_from("ab <>@#!|&;:*_~`^.-/1(){}[]é👍🏽\u200d\u202e"), min_size=1, max_size=12
)
STYLED = st.integers(0, 63)
LEAVES: st.SearchStrategy[Inline] = st.one_of(
    st.builds(Text, CHARACTERS, STYLED),
    st.just(B),
    st.builds(
        Link,
        st.sampled_from(["https://x.example", "http://a.b/c?d", "mailto:a@b.c", "javascript:x"]),
        CHARACTERS | st.just("x.example") | st.just(""),
        STYLED,
        st.booleans(),
    ),
    st.builds(Mention, st.sampled_from(["slack:alpha/U1", "matrix:c/@a:b"]), CHARACTERS, STYLED),
    st.builds(RoomMention, st.sampled_from(["slack:alpha/C7", "", "matrix:c/!a"]), CHARACTERS),
    st.builds(Everyone, st.sampled_from(["here", "room"]), st.just(False), STYLED),
    st.builds(Emoji, st.sampled_from(["👍", "✋🏼", ":party:", ":wave:"]), STYLED),
    st.builds(Time, st.integers(0, 2**32), CHARACTERS),
    st.builds(Math, CHARACTERS),
)  # fmt: skip
CONTENT = st.lists(LEAVES, max_size=5).map(tuple)
BLOCKS: st.SearchStrategy[Block] = st.recursive(
    st.one_of(
        st.builds(Paragraph, CONTENT),
        st.builds(Heading, st.integers(1, 6), CONTENT),
        st.builds(CodeBlock, CHARACTERS, st.sampled_from(["", "python"])),
        st.builds(Rule),
        st.builds(
            Table,
            st.lists(st.lists(CONTENT, max_size=3).map(tuple), max_size=3).map(tuple),
            st.integers(0, 2),
        ),
    ),
    lambda inner: st.one_of(
        st.builds(Quote, st.lists(inner, max_size=3).map(tuple)),
        st.builds(
            List,
            st.booleans(),
            st.lists(st.builds(Item, st.lists(inner, max_size=3).map(tuple)), max_size=3).map(tuple),
            st.integers(0, 20),
        ),
        st.builds(Details, CONTENT, st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=6,
)  # fmt: skip
BODIES = st.builds(RichText, st.lists(BLOCKS, max_size=4).map(tuple))


def again(body: RichText) -> RichText:
    written = markup.write_blocks(body, ACCOUNT)
    json.dumps(written.blocks).encode()
    return markup.read_message({"blocks": written.blocks}, ACCOUNT, LOOKUPS)


def leaves_in(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [leaf for each in found for leaf in leaves_in(each)]
    return leaves_in(found["elements"]) if "elements" in found else [found]


@settings(max_examples=60, deadline=None)
@given(BODIES)
def test_what_slack_can_hold_stays_what_it_is(body: RichText) -> None:
    once = again(body)
    assert again(once) == once


@settings(max_examples=60, deadline=None)
@given(BODIES)
def test_nothing_acts_that_the_tree_does_not_hold(body: RichText) -> None:
    written = markup.write_blocks(body, ACCOUNT)
    shown = sketch(body)
    for leaf in leaves_in(written.blocks):
        match leaf["type"]:
            case "text":
                assert leaf["text"]
            case "link":
                assert leaf["url"] in shown
                assert leaf["url"].startswith(("https://", "http://", "mailto:"))
            case "user":
                assert leaf["user_id"] == "U1"
                assert "@{U1" in shown
            case "channel":
                assert "#{C7" in shown
            case "emoji":
                assert "e{" in shown
            case kind:
                assert kind == "date"
    assert "<" not in written.text
    assert ">" not in written.text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Text, CHARACTERS, st.integers(0, 31)) | st.just(B), max_size=12))
def test_the_characters_of_every_text_cross(leaves: list[Inline]) -> None:
    typed = "".join(leaf.text if isinstance(leaf, Text) else "\n" for leaf in leaves)
    (block,) = markup.write_blocks(RichText((p(*leaves),)), ACCOUNT).blocks
    found = "".join(leaf["text"] for leaf in leaves_in(block))
    assert found == (typed or " ")


@settings(max_examples=40, deadline=None)
@given(BODIES)
def test_spoilers_are_told_nowhere(body: RichText) -> None:
    hidden = RichText(
        (p(Text("SECRET", HIDE), Link("https://s.example", "SECRET", HIDE)), *body.blocks)
    )
    written = markup.write_blocks(hidden, ACCOUNT)
    assert "SECRET" not in json.dumps(written.blocks) + written.text


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("ab <>@#!|&;:*_~`\n^[]()U1/."), max_size=60))
def test_any_text_is_read_and_what_was_read_stays(text: str) -> None:
    read = markup.read_mrkdwn(text, ACCOUNT, LOOKUPS)
    once = again(read)
    assert again(once) == once


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_escaped_letters_are_read_as_themselves(text: str) -> None:
    assert markup.write(markup.read(markup.escape(text), ACCOUNT, LOOKUPS)) == text


@settings(max_examples=40, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["text", "rich_text", "rich_text_list", "section", "mrkdwn", "image"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "elements", "text", "blocks", "attachments", "style", "fields"]),
        inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_anything_is_read_without_failing(found: Any) -> None:
    message = found if isinstance(found, dict) else {"blocks": found, "attachments": found}
    again(markup.read_message(message, ACCOUNT, LOOKUPS))
