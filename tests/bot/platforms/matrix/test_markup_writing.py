"""The tree → Matrix's HTML and plain body, a case a line: the leaves, their HTML, their body."""

# ruff: noqa: E501  # one line a case

from __future__ import annotations

import pytest

from bot.events import AccountId
from bot.platforms.matrix.markup import Written, write
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

ACCOUNT = AccountId("matrix:c")
TO = "https://matrix.to/#/"
BR = LineBreak()
B, IT, S, U, C, H = (bit.value for bit in Style)
ADA = Mention("matrix:c/@ada:b.example", "Ada")


def leaves(*content: Inline) -> RichText:
    return RichText((Paragraph(content),))


def blocks(*content: Block) -> RichText:
    return RichText(content)


def p(text: str) -> Paragraph:
    return Paragraph((Text(text),))


PLAIN = [
    (say("a"), "a"),
    (say("a\nb"), "a\nb"),
    (say("a\n\n b  c "), "a\n\n b  c "),
    (blocks(p("a"), p("b")), "a\n\nb"),
    (RichText(), ""),
    (say("<b>a</b> &amp;"), "<b>a</b> &amp;"),
    (say("*a* _b_ `c` ~~d~~ [e](https://f) # g"), "*a* _b_ `c` ~~d~~ [e](https://f) # g"),
    (say("@room @ada:b.example"), "@room @ada:b.example"),
    (say("https://a.example main.rs hxxp://b[.]c 198.51.100[.]7:80 fe80::1"), "https://a.example main.rs hxxp://b[.]c 198.51.100[.]7:80 fe80::1"),
    (say("a\x00\ud800"), "a\ufffd\ufffd"),
    (leaves(Emoji("😀"), Text(" a")), "😀 a"),
    (leaves(Emoji(":party:")), ":party:"),
    (leaves(Text("a"), Text("b")), "ab"),
    (leaves(Everyone("channel")), "@channel"),
    (leaves(Everyone("here"), Text(" x")), "@here x"),
    (leaves(Mention("slack:a/U1", "Grace")), "@Grace"),
    (leaves(Mention("slack:other/@ada:b.example", "Ada")), "@Ada"),
    (leaves(Mention("matrix:c/not an id", "Ada")), "@Ada"),
    (leaves(Mention("matrixc:c/@ada:b.example", "Ada")), "@Ada"),
    (leaves(RoomMention("", "ops")), "#ops"),
    (leaves(RoomMention("slack:a/C1", "ops")), "#ops"),
    (leaves(Link("http://main.rs", "main.rs", made=True)), "main.rs"),
    (leaves(Link("https://a.example", "https://a.example", made=True)), "https://a.example"),
    (leaves(Link("mailto:a@b.example", "a@b.example", made=True)), "a@b.example"),
    (leaves(Link("javascript:alert(1)", "t")), "t (javascript:alert(1))"),
    (leaves(Link("data:text/html,x", "t")), "t (data:text/html,x)"),
    (leaves(Link("https://a.example/ x", "t")), "t (https://a.example/ x)"),
    (leaves(Link("hxxp://a[.]example", "hxxp://a[.]example")), "hxxp://a[.]example"),
    (leaves(Time(0, "long ago")), "1970-01-01 00:00 UTC"),
    (leaves(Time(1_795_424_461, "x")), "2026-11-23 09:01:01 UTC"),
    (leaves(Time(10**18, "far off")), "far off"),
    (leaves(Math(" ")), " "),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "body"), PLAIN)
def test_what_a_plain_body_says_has_no_html(tree: RichText, body: str) -> None:
    assert write(tree, ACCOUNT) == Written(body, None, (), pings_room=False)


INLINE = [
    (leaves(Text("a", B)), "<strong>a</strong>", "a"),
    (leaves(Text("a", IT)), "<em>a</em>", "a"),
    (leaves(Text("a", S)), "<del>a</del>", "a"),
    (leaves(Text("a", U)), "<u>a</u>", "a"),
    (leaves(Text("a", C)), "<code>a</code>", "a"),
    (leaves(Text("a", H)), "<span data-mx-spoiler>a</span>", HIDDEN),
    (leaves(Text("a", B | IT)), "<strong><em>a</em></strong>", "a"),
    (leaves(Text("a", 63)), "<span data-mx-spoiler><strong><em><u><del><code>a</code></del></u></em></strong></span>", HIDDEN),
    (leaves(Text("a", B), Text("b", B | IT), Text("c", B)), "<strong>a<em>b</em>c</strong>", "abc"),
    (leaves(Text("a", B), Text("b", IT)), "<strong>a</strong><em>b</em>", "ab"),
    (leaves(Text("a", B), BR, Text("b", B)), "<strong>a<br>b</strong>", "a\nb"),
    (leaves(Text("a", B), BR, Text("b")), "<strong>a</strong><br>b", "a\nb"),
    (leaves(Text("a", B), BR), "<strong>a</strong><br><br>", "a\n"),
    (leaves(Text("a", B), Text("b", B)), "<strong>ab</strong>", "ab"),
    (leaves(Text("", B), Text("b", IT)), "<em>b</em>", "b"),
    (leaves(Text("<b>", B)), "<strong>&lt;b&gt;</strong>", "<b>"),
    (leaves(Text("&amp;", B)), "<strong>&amp;amp;</strong>", "&amp;"),
    (leaves(Text("a  b", B)), "<strong>a\u00a0 b</strong>", "a  b"),
    (leaves(Text(" a ", B)), "<strong>\u00a0a\u00a0</strong>", " a "),
    (leaves(Text("a ", B), Text(" b")), "<strong>a </strong>\u00a0b", "a  b"),
    (leaves(Text("a  b", C)), "<code>a  b</code>", "a  b"),
    (leaves(Text("`<b>`", C)), "<code>`&lt;b&gt;`</code>", "`<b>`"),
    (leaves(Text("main.rs", C)), "<code>main.rs</code>", "main.rs"),
    (leaves(Text("hxxp://b[.]c", B)), "<strong>hxxp://b[.]c</strong>", "hxxp://b[.]c"),
    (leaves(Text("*a*", B)), "<strong>*a*</strong>", "*a*"),
    (leaves(Text("a\nb", B)), "<strong>a<br>b</strong>", "a\nb"),
    (leaves(Everyone("here", style=B)), "<strong>@here</strong>", "@here"),
    (leaves(Math("x^2 < y")), '<div data-mx-maths="x^2 &lt; y"><code>x^2 &lt; y</code></div>', "x^2 < y"),
    (leaves(Text("a "), Math("x")), 'a <span data-mx-maths="x"><code>x</code></span>', "a x"),
    (leaves(Math('"><script>')), '<div data-mx-maths="&quot;&gt;&lt;script&gt;"><code>"&gt;&lt;script&gt;</code></div>', '"><script>'),
]  # fmt: skip

LINKS = [
    (leaves(Link("https://a.example/x", "t")), '<a href="https://a.example/x">t</a>', "t (https://a.example/x)"),
    (leaves(Link("https://a.example", "t", B)), '<strong><a href="https://a.example">t</a></strong>', "t (https://a.example)"),
    (leaves(Link("https://a.example/?a=1&b=2", "t")), '<a href="https://a.example/?a=1&amp;b=2">t</a>', "t (https://a.example/?a=1&b=2)"),
    (leaves(Link('https://a.example/"onclick="x', "t")), '<a href="https://a.example/&quot;onclick=&quot;x">t</a>', 't (https://a.example/"onclick="x)'),
    (leaves(Link("https://a.example", "https://a.example")), '<a href="https://a.example">https://a.example</a>', "https://a.example"),
    (leaves(Link("https://a.example", "")), '<a href="https://a.example">https://a.example</a>', "https://a.example"),
    (leaves(Link("https://a.example", "a.example")), '<a href="https://a.example">a.example</a>', "a.example (https://a.example)"),
    (leaves(Link("https://www.a.example/x", "see a.example")), '<a href="https://www.a.example/x">see a.example</a>', "see a.example (https://www.a.example/x)"),
    (leaves(Link("https://evil.example", "https://bank.example")), 'https://bank.example (<a href="https://evil.example">https://evil.example</a>)', "https://bank.example (https://evil.example)"),
    (leaves(Link("https://evil.example", "bank.example")), 'bank.example (<a href="https://evil.example">https://evil.example</a>)', "bank.example (https://evil.example)"),
    (leaves(Link("https://evil.example", "bank。example")), 'bank。example (<a href="https://evil.example">https://evil.example</a>)', "bank。example (https://evil.example)"),
    (leaves(Link("https://evil.example", "ba\u200bnk.example")), 'ba\u200bnk.example (<a href="https://evil.example">https://evil.example</a>)', "ba\u200bnk.example (https://evil.example)"),
    (leaves(Link("https://evil.example", "192.0.2.1")), '192.0.2.1 (<a href="https://evil.example">https://evil.example</a>)', "192.0.2.1 (https://evil.example)"),
    (leaves(Link("https://evil.example", "x@bank.example")), 'x@bank.example (<a href="https://evil.example">https://evil.example</a>)', "x@bank.example (https://evil.example)"),
    (leaves(Link("https://bank.example@evil.example", "bank.example")), 'bank.example (<a href="https://bank.example@evil.example">https://bank.example@evil.example</a>)', "bank.example (https://bank.example@evil.example)"),
    (leaves(Link("https://evil.example", "[link]")), '<a href="https://evil.example">[link]</a>', "[link] (https://evil.example)"),
    (leaves(Link("https://a.example", "v1.2 of x")), '<a href="https://a.example">v1.2 of x</a>', "v1.2 of x (https://a.example)"),
    (leaves(Link("xmpp:a@b.example", "t")), '<a href="xmpp:a@b.example">t</a>', "t (xmpp:a@b.example)"),
    (leaves(Link("mailto:a@b.example", "a@b.example")), '<a href="mailto:a@b.example">a@b.example</a>', "a@b.example (mailto:a@b.example)"),
    (leaves(Text("a", B), Link("http://main.rs", "main.rs", made=True)), "<strong>a</strong>main.rs", "amain.rs"),
]  # fmt: skip

PLACES = [
    (leaves(ADA), f'<a href="{TO}@ada:b.example">@Ada</a>', "@Ada"),
    (leaves(Mention("matrix:c/@ada:b.example", "@Ada")), f'<a href="{TO}@ada:b.example">@Ada</a>', "@Ada"),
    (leaves(Mention("matrix:c/@ada:b.example", "")), f'<a href="{TO}@ada:b.example">@ada:b.example</a>', "@ada:b.example"),
    (leaves(Mention("matrix:c/@a/b:b.example", "A")), f'<a href="{TO}@a%2Fb:b.example">@A</a>', "@A"),
    (leaves(Mention("matrix:c/@ada:b.example", "<i>")), f'<a href="{TO}@ada:b.example">@&lt;i&gt;</a>', "@<i>"),
    (leaves(RoomMention("matrix:c/!r:b.example", "ops")), f'<a href="{TO}!r:b.example">#ops</a>', "#ops"),
    (leaves(RoomMention("matrix:c/!31hneApxJ_1o-63Dm", "ops")), f'<a href="{TO}!31hneApxJ_1o-63Dm">#ops</a>', "#ops"),
    (leaves(RoomMention("matrix:c/#ops:b.example", "ops")), f'<a href="{TO}%23ops:b.example">#ops</a>', "#ops"),
]  # fmt: skip

LISTED = List(False, (Item((p("a"), List(True, (Item((p("b"),)),), 3))), Item((p("c"),))))
BLOCKS = [
    (blocks(p("a"), Rule(), p("b")), "a<hr><p>b</p>", "a\n\n———\n\nb"),
    (blocks(Heading(2, (Text("a"),)), p("b")), "<h2>a</h2><p>b</p>", "a\n\nb"),
    (blocks(Heading(9, (Text("a"),))), "<h6>a</h6>", "a"),
    (blocks(CodeBlock("a\n <b>", "py")), '<pre><code class="language-py">a\n &lt;b&gt;\n</code></pre>', "a\n <b>"),
    (blocks(CodeBlock("a", 'x" onclick="')), "<pre><code>a\n</code></pre>", "a"),
    (blocks(CodeBlock("\na\n")), "<pre><code>\na\n\n</code></pre>", "\na\n"),
    (blocks(Quote((p("a"), p("b")))), "<blockquote>a<p>b</p></blockquote>", "> a\n> \n> b"),
    (blocks(LISTED), '<ul><li>a<ol start="3"><li>b</li></ol></li><li>c</li></ul>', "• a\n  3. b\n• c"),
    (blocks(Table((((Text("a"),), (Text("b"),)), ((Text("c"),),)), 1)), "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>", "a | b\nc"),
    (blocks(Table((((Text("a", B),),),))), "<table><tbody><tr><td><strong>a</strong></td></tr></tbody></table>", "a"),
    (blocks(Details((Text("s"),), (p("a"),))), "<details><summary>s</summary>a</details>", "s\na"),
    (blocks(Quote((Quote((p("a"),)),))), "<blockquote><blockquote>a</blockquote></blockquote>", "> > a"),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "html", "body"), INLINE + LINKS + PLACES + BLOCKS)
def test_what_needs_html_is_written_in_both(tree: RichText, html: str, body: str) -> None:
    written = write(tree, ACCOUNT)
    assert (written.html, written.body) == (html, body)


def test_only_persons_of_the_account_are_named_to_be_notified() -> None:
    tree = leaves(ADA, Mention("slack:a/U1", "Grace"), ADA, Mention("matrix:c/@bo:b.example", "Bo"))
    assert write(tree, ACCOUNT).mentioned == ("@ada:b.example", "@bo:b.example")


def test_only_a_call_that_may_ping_does() -> None:
    assert not write(leaves(Everyone("room"), Text("@room")), ACCOUNT).pings_room
    written = write(leaves(Everyone("here", ping=True)), ACCOUNT)
    assert (written.pings_room, written.body) == (True, "@room")


def test_a_custom_emoji_is_shown_where_the_account_has_its_picture() -> None:
    tree = leaves(Emoji(":party:"), Emoji(":other:"))
    written = write(tree, ACCOUNT, {":party:": "mxc://b.example/x"})
    assert written.body == ":party::other:"
    assert written.html == (
        '<img data-mx-emoticon src="mxc://b.example/x" alt=":party:" title=":party:" height="32">'
        ":other:"
    )


def test_a_spoiler_is_never_in_the_plain_body() -> None:
    tree = leaves(Text("secret", H), Link("https://secret.example", "secret", H))
    assert "secret" not in write(tree, ACCOUNT).body


def test_a_person_is_mentioned_whichever_account_sees_them() -> None:
    written = write(leaves(Mention("matrix:other/@ada:b.example", "Ada")), ACCOUNT)
    assert written == write(leaves(ADA), ACCOUNT)
    assert written.mentioned == ("@ada:b.example",)
