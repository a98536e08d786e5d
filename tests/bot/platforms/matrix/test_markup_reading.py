"""Matrix's HTML and plain bodies → the tree, a case a line: what comes in, what it says.

How a tree is written short: see `tests.bot.platforms.matrix.notation`.
"""

# ruff: noqa: E501  # one line a case

from __future__ import annotations

from typing import Any

import pytest

from bot.events import AccountId
from bot.platforms.matrix.markup import HTML, Named, read_html, read_message
from bot.richtext import DEEPEST, Block, List, Quote, RichText, plain
from tests.bot.platforms.matrix.notation import short

ACCOUNT = AccountId("matrix:c")
TO = "https://matrix.to/#/"

FORMATTING = [
    ("plain", "plain"),
    ("<b>a</b>", "[b:a]"),
    ("<strong>a</strong>", "[b:a]"),
    ("<i>a</i>", "[i:a]"),
    ("<em>a</em>", "[i:a]"),
    ("<u>a</u>", "[u:a]"),
    ("<ins>a</ins>", "[u:a]"),
    ("<s>a</s>", "[s:a]"),
    ("<del>a</del>", "[s:a]"),
    ("<strike>a</strike>", "[s:a]"),
    ("<code>a</code>", "[c:a]"),
    ("<tt>a</tt>", "[c:a]"),
    ("<B>a</B>", "[b:a]"),
    ("<sTrOnG>a</StRoNg>", "[b:a]"),
    ("<b><i>a</i></b>", "[bi:a]"),
    ("<b>a<i>b</i>c</b>", "[b:a][bi:b][b:c]"),
    ("<b>a<i>b</b>c</i>d", "[b:a][bi:b][i:c]d"),
    ("<b><b>a</b>b</b>c", "[b:ab]c"),
    ("<b>a</b><strong>b</strong>", "[b:ab]"),
    ("<b>a", "[b:a]"),
    ("a</b>b", "ab"),
    ("<b></b>a", "a"),
    ("<b>a<p>b</p></b>c", "[b:a] ¶ [b:b] ¶ c"),
    ("<font color=red>a</font>", "a"),
    ("<font data-mx-color='#f00'>a</font>", "a"),
    ("<span data-mx-color='#f00' data-mx-bg-color='#000'>a</span>", "a"),
    ("<span data-mx-spoiler>a</span>b", "[h:a]b"),
    ("<span data-mx-spoiler='why'>a</span>b", "(why) [h:a]b"),
    ("<span data-mx-spoiler=''><b>a</b><span>b</span>c</span>d", "[bh:a][h:bc]d"),
    ("<span data-mx-spoiler>a</b></i>b</span>", "[h:ab]"),
    ("<span data-mx-spoiler>a<p>b</p></span>", "[h:a] ¶ [h:b]"),
    ("<span data-mx-spoiler>never closed", "[h:never closed]"),
    ("10<sup>6</sup>", "10⁶"),
    ("x<sup>th</sup>", "x^th"),
    ("x<sup>a b</sup>", "x^(a b)"),
    ("H<sub>2</sub>O", "H₂O"),
    ("x<sub>i</sub>", "x_i"),
    ("<code>a  b</code>", "[c:a  b]"),
    ("<code>a<br>b</code>", "[c:a]⏎[c:b]"),
    ("<code>a\nb</code>", "[c:a]⏎[c:b]"),
    ("<code>&lt;b&gt; *x* `y`</code>", "[c:<b> *x* `y`]"),
    ("<code>main.rs</code>", "[c:main.rs]"),
]

SPACES = [
    ("a  b", "a b"),
    ("a\n b\t\tc", "a b c"),
    ("  a  ", "a"),
    ("<p> a </p> <p> b </p>", "a ¶ b"),
    ("a <b> b</b>", "a [b:b]"),
    ("a<b> b </b> c", "a[b: b ]c"),
    ("a<br>b", "a⏎b"),
    ("a<br/>b", "a⏎b"),
    ("a<br />b", "a⏎b"),
    ("a</br>b", "a⏎b"),
    ("a <br> b", "a⏎b"),
    ("a<br><br>b", "a⏎⏎b"),
    ("a<br>", "a"),
    ("a<br><br>", "a⏎"),
    ("<p>a<br></p><p>b</p>", "a ¶ b"),
    ("a&nbsp;&nbsp;b", "a\u00a0\u00a0b"),
    ("<p></p><p>  </p>a", "a"),
    ("one\r\ntwo", "one two"),
    ("<b>a </b>", "[b:a]"),
    ("", ""),
    ("   ", ""),
]

BLOCKS = [
    ("<p>a</p>", "a"),
    ("<p>a</p><p>b</p>", "a ¶ b"),
    ("<p>a<p>b", "a ¶ b"),
    ("a<p>b</p>c", "a ¶ b ¶ c"),
    ("<div>a</div><div>b</div>", "a ¶ b"),
    ("<div>a<div>b</div>c</div>", "a ¶ b ¶ c"),
    ("<h1>a</h1>b", "h1 a ¶ b"),
    ("<h6><b>a</b></h6>", "h6 [b:a]"),
    ("<h2>a</h3>b", "h2 a ¶ b"),
    ("<h7>a</h7>b", "ab"),
    ("a<hr>b", "a ¶ --- ¶ b"),
    ("<blockquote>a</blockquote>b", "quote(a) ¶ b"),
    ("<blockquote><p>a</p><p>b</p></blockquote>", "quote(a ¶ b)"),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>", "quote(a ¶ quote(b))"),
    ("<blockquote>a<br>b</blockquote>", "quote(a⏎b)"),
    ("<blockquote>a", "quote(a)"),
    ("</blockquote>a", "a"),
    ("<blockquote></blockquote>a", "a"),
    ("<ul><li>a</li><li>b</li></ul>", "ul(a | b)"),
    ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n", "ul(a | b)"),
    ("<ul><li>a<li>b</ul>c", "ul(a | b) ¶ c"),
    ("<ol><li>a</li></ol>", "ol(a)"),
    ("<ol start=3><li>a</li><li>b</li></ol>", "ol3(a | b)"),
    ("<ol start='x'><li>a</li></ol>", "ol(a)"),
    ("<ol start=-2><li>a</li></ol>", "ol-2(a)"),
    ("<ol start=99999999999999><li>a</li></ol>", "ol999999999(a)"),
    ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "ul(a ¶ ul(b) | c)"),
    ("<ul><li>a</li><ul><li>b</li></ul></ul>", "ul(a ¶ ul(b))"),
    ("<ul><li><p>a</p><p>b</p></li></ul>", "ul(a ¶ b)"),
    ("<ul><li></li><li>b</li></ul>", "ul( | b)"),
    ("<ul></ul>a", "a"),
    ("<li>a</li><li>b</li>", "a ¶ b"),
    ("<ul>a</ul>", "ul(a)"),
    ("<ul><li><blockquote>a</ul>b", "ul(quote(a)) ¶ b"),
    ("<details><summary>s</summary>a</details>b", "details(s : a) ¶ b"),
    ("<details><summary><b>s</b></summary><p>a</p><p>b</p></details>", "details([b:s] : a ¶ b)"),
    ("<details>a</details>", "details( : a)"),
    ("<details><summary>s", "details(s : )"),
    ("<summary>s</summary>a", "s ¶ a"),
    ("<dl><dt>a</dt><dd>b</dd></dl>", "a ¶ b"),
    ("<table><tr><td>a</td><td>b</td></tr></table>", "table0(a | b)"),
    ("<table><tr><th>a</th></tr><tr><td>b</td></tr></table>", "table1(a / b)"),
    (
        "<table><thead><tr><td>a</td></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        "table1(a / b)",
    ),
    ("<table><tr><th>a</th><td>b</td></tr></table>", "table0(a | b)"),
    ("<table><caption>t</caption><tr><td>a</td></tr></table>", "t ¶ table0(a)"),
    ("<table><tr><td>a<td>b<tr><td>c</table>d", "table0(a | b / c) ¶ d"),
    ("<table><tr><td><b>a</td><td>b</td></tr></table>c", "table0([b:a] | b) ¶ c"),
    ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "table0(a⏎b)"),
    ("<table><tr><td><ul><li>a<li>b</ul></td></tr></table>", "table0(• a⏎• b)"),
    ("<table><tr><td><pre>a\nb</pre></td></tr></table>", "table0([c:a]⏎[c:b])"),
    ("<table><tr><td>a<table><tr><td>b</table>c</table>d", "table0(a⏎b⏎c) ¶ d"),
    ("<table>a<tr><td>b</table>", "a ¶ table0(b)"),
    ("<table></table>a", "a"),
    ("<td>a</td><td>b</td>", "a ¶ b"),
    ("<ul><li><table><tr><td>a</ul>b</table>", "ul(table0(a⏎b))"),
]

CODE = [
    ("<pre><code>a\n b\n</code></pre>", "```|a\n b```"),
    ("<pre><code class='language-py'>a</code></pre>", "```py|a```"),
    ("<pre><code class='hljs language-c++'>a</code></pre>", "```c++|a```"),
    ("<pre>\na</pre>b", "```|a``` ¶ b"),
    ("<pre><code>\na</code></pre>", "```|\na```"),
    ("<pre>a<br>b</pre>", "```|a\nb```"),
    ("<pre>&lt;b&gt; &amp;amp;</pre>", "```|<b> &amp;```"),
    ("<pre><b>a</b> <i>b</i></pre>c", "```|a b``` ¶ c"),
    ("<pre>a\r\nb</pre>", "```|a\nb```"),
    ("<pre>a", "```|a```"),
    ("<blockquote><pre>a</blockquote>b", "quote(```|a```) ¶ b"),
    ("<pre><code>@room https://a.example</code></pre>", "```|@room https://a.example```"),
    ("<pre>a<script>b</script>c</pre>", "```|ac```"),
]

LINKS = [
    ("<a href='https://a.example/x?y=1&amp;z=2'>t</a>", "<https://a.example/x?y=1&z=2|t>"),
    ("<a href=https://a.example>t</a>", "<https://a.example|t>"),
    ("<a href='https://a.example/?a=1&copy=2'>t</a>", "<https://a.example/?a=1&copy=2|t>"),
    ("<a href='https://a.example'>https://a.example</a>", "<https://a.example|https://a.example!>"),
    ("<a href='http://main.rs'>main.rs</a>", "<http://main.rs|main.rs!>"),
    ("<a href='https://c2.bad.com:8443/'>c2.bad.com:8443</a>", "<https://c2.bad.com:8443/|c2.bad.com:8443!>"),
    ("<a href='mailto:a@b.example'>a@b.example</a>", "<mailto:a@b.example|a@b.example!>"),
    ("<a href='http://a_b.h.com/_y_'>x</a>", "<http://a_b.h.com/_y_|x>"),
    ("<b><a href='https://a.example'>t</a></b>", "[b:<https://a.example|t>]"),
    ("<a href='https://a.example'><b>t</b></a>", "[b:<https://a.example|t>]"),
    ("<a href='https://a.example'><b>t</b>u</a>", "<https://a.example|tu>"),
    ("a<a href='https://a.example'> t </a>b", "a <https://a.example|t> b"),
    ("<a href='javascript:alert(1)'>t</a>", "t"),
    ("<a href='JaVaScRiPt:alert(1)'>t</a>", "t"),
    ("<a href='java\nscript:alert(1)'>t</a>", "t"),
    ("<a href='&#106;avascript:alert(1)'>t</a>", "t"),
    ("<a href='data:text/html,x'>t</a>", "t"),
    ("<a href='vbscript:x'>t</a>", "t"),
    ("<a href='/relative'>t</a>", "t"),
    ("<a href='//a.example'>t</a>", "t"),
    ("<a href='hxxps://a[.]example'>t</a>", "t"),
    ("<a href='magnet:?xt=urn:btih:x'>t</a>", "<magnet:?xt=urn:btih:x|t>"),
    ("<a href='ftp://a.example'>t</a>", "<ftp://a.example|t>"),
    ("<a href='https://a.example'></a>b", "b"),
    ("<a>t</a>", "t"),
    ("<a href=''>t</a>", "t"),
    ("<a name=x>t</a>", "t"),
    ("<a href='https://a.example'>t", "<https://a.example|t>"),
    ("<a href='https://a.example'>t<p>u</p></a>v", "<https://a.example|t> ¶ <https://a.example|u> ¶ v"),
    ("<a href='https://a.example'>t<a href='https://b.example'>u</a>v", "<https://a.example|t><https://b.example|u>v"),
    ("<a href='https://a.example'>t</a><a href='https://b.example'>u</a>", "<https://a.example|t><https://b.example|u>"),
    ("<a href='https://a.example'>x<br>y</a>", "<https://a.example|x>⏎<https://a.example|y>"),
    ("https://a.example", "https://a.example"),
    ("hxxp://198.51.100[.]7:8080/x", "hxxp://198.51.100[.]7:8080/x"),
    ("00:1a:2b:3c:4d:5e fe80::1", "00:1a:2b:3c:4d:5e fe80::1"),
]  # fmt: skip

PLACES = [
    (f"<a href='{TO}@ada:b.example'>Ada</a>", "@(matrix:c/@ada:b.example|Ada)"),
    (f"<a href='{TO}@ada:b.example'>@ada:b.example</a>", "@(matrix:c/@ada:b.example|ada:b.example)"),
    (f"<a href='{TO}%40ada%3Ab.example'>Ada</a>", "@(matrix:c/@ada:b.example|Ada)"),
    (f"<a href='{TO}@ada:b.example?via=x'>Ada</a>", "@(matrix:c/@ada:b.example|Ada)"),
    (f"<b><a href='{TO}@ada:b.example'>Ada</a></b>", "[b:@(matrix:c/@ada:b.example|Ada)]"),
    (f"<a href='{TO}@a/b:b.example'>A</a>", "@(matrix:c/@a/b:b.example|A)"),
    ("<a href='matrix:u/ada:b.example'>Ada</a>", "@(matrix:c/@ada:b.example|Ada)"),
    ("<a href='matrix:u/ada:b.example?action=chat'>Ada</a>", "@(matrix:c/@ada:b.example|Ada)"),
    ("<a href='matrix:r/ops:b.example'>ops</a>", "#(matrix:c/#ops:b.example|ops)"),
    ("<a href='matrix:roomid/abc:b.example'>ops</a>", "#(matrix:c/!abc:b.example|ops)"),
    ("<a href='matrix:nonsense'>t</a>", "t"),
    ("<a href='matrix:group/x:y'>t</a>", "t"),
    (f"<a href='{TO}%23ops:b.example'>#ops:b.example</a>", "#(matrix:c/#ops:b.example|ops:b.example)"),
    (f"<a href='{TO}#ops:b.example'>ops</a>", "#(matrix:c/#ops:b.example|ops)"),
    (f"<a href='{TO}!31hneApxJ_1o-63Dm'>ops</a>", "#(matrix:c/!31hneApxJ_1o-63Dm|ops)"),
    (f"<a href='{TO}!r:b.example/$e?via=b.example'>this</a>", f"<{TO}!r:b.example/$e?via=b.example|this>"),
    ("<a href='matrix:roomid/r:b.example/e/x'>this</a>", "<matrix:roomid/r:b.example/e/x|this>"),
    (f"<a href='{TO}@nobody'>Ada</a>", "Ada"),
    (f"<a href='{TO}+group:b.example'>t</a>", "t"),
    (f"<a href='{TO}'>t</a>", "t"),
    (f"<a href='{TO}@ada:b.example'>Ada</a><a href='{TO}@bo:b.example'>Bo</a>", "@(matrix:c/@ada:b.example|Ada)@(matrix:c/@bo:b.example|Bo)"),
    (f"<a href='{TO}@ada:b.example'>Ada</a>: !ioc", "@(matrix:c/@ada:b.example|Ada): !ioc"),
    ("@room look", "@(room) look"),
    ("<b>@room</b>", "[b:@(room)]"),
    ("<code>@room</code>", "[c:@room]"),
    ("me@room.example @rooms x@room", "me@room.example @rooms x@room"),
    ("@ada:b.example", "@ada:b.example"),
    ("<!channel> &lt;!channel&gt; &lt;@U1&gt;", "<!channel> <@U1>"),
]  # fmt: skip

OTHERS = [
    ("<img data-mx-emoticon src='mxc://a/b' alt=':party:' title='party'>", ":party:"),
    ("<img data-mx-emoticon alt='party'>", ":party:"),
    ("<img data-mx-emoticon title=':party:'>", ":party:"),
    ("<img data-mx-emoticon alt='😀'>", "😀"),
    ("<img src='mxc://a/b' alt='a picture'>", "a picture"),
    ("<img src='https://evil.example/track.png'>", ""),
    ("a<img src=x onerror=alert(1)>b", "ab"),
    ("<span data-mx-maths='x^2'><code>x^2</code></span>", "$(x^2)"),
    ("a <span data-mx-maths='x'>fallback</span> b", "a $(x) b"),
    ("<div data-mx-maths='x'><code>x</code></div>a", "$(x) ¶ a"),
    ("<span data-mx-maths='x'>a<span>b</span>c</span>d", "$(x)d"),
    ("<span data-mx-maths='x'>never closed", "never closed"),
    ("<span data-mx-maths=''>a</span>", "a"),
    ("a<script>alert(1)</script>b", "ab"),
    ("a<SCRIPT>alert('</b>')</ScRiPt >b", "ab"),
    ("a<script>never closed", "a"),
    ("<style>p{}</style>a", "a"),
    ("<head><title>t</title><style>x</style></head><body>a</body>", "a"),
    ("<html><body><p>a</p></body></html>", "a"),
    ("<mx-reply><blockquote>old</blockquote></mx-reply>new", "new"),
    ("<MX-REPLY>old</MX-REPLY>new", "new"),
    ("<mx-reply>a", "a"),
    ("<mx-reply>a</mx-reply><mx-reply>b</mx-reply>c", "c"),
    ("<blink>a</blink>", "a"),
    ("<x-y z='1'>a</x-y>", "a"),
    ("<svg><path d=''/></svg>a", "a"),
    ("<button onclick=x>a</button>", "a"),
    ("<iframe src=x>a</iframe>b", "b"),
    ("<!-- a -->b", "b"),
    ("<!-->b", "b"),
    ("<!-- a", ""),
    ("a<!doctype html>b", "ab"),
    ("a<?php x ?>b", "ab"),
    ("a<![CDATA[b]]>c", "ac"),
    ("a</>b", "ab"),
    ("a</ x>b", "ab"),
    ("a < b", "a < b"),
    ("a<1", "a<1"),
    ("1 <2> 3", "1 <2> 3"),
    ("a<", "a<"),
    ("a</", "a</"),
    ("a<b", "a"),
    ("a<b title='>'>b</b>", "a[b:b]"),
    ('a<b title=">', "a"),
    ("&lt;b&gt;", "<b>"),
    ("&amp;lt;", "&lt;"),
    ("&ampx &notit;", "&x ¬it;"),
    ("&#65;&#x42;&#0;&#xD800;", "AB\ufffd\ufffd"),
    ("&#" + "9" * 5000 + ";", "\ufffd"),
    ("&unknown; & &", "&unknown; & &"),
    ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
    ("\u202eabc", "\u202eabc"),
    ("👩🏽‍🚒", "👩🏽‍🚒"),
    ("*a* _b_ `c` ~d~ ||e||", "*a* _b_ `c` ~d~ ||e||"),
]  # fmt: skip

EVERY_CASE = FORMATTING + SPACES + BLOCKS + CODE + LINKS + PLACES + OTHERS


@pytest.mark.parametrize(("source", "said"), EVERY_CASE)
def test_html_is_read(source: str, said: str) -> None:
    assert short(read_html(source, ACCOUNT)) == said


def _content(html: str | None = None, *, body: str = "x", mentions: Any = None) -> dict[str, Any]:
    content: dict[str, Any] = {"body": body}
    if html is not None:
        content |= {"format": HTML, "formatted_body": html}
    return content if mentions is None else content | {"m.mentions": mentions}


ADA = f"<a href='{TO}@ada:b.example'>Ada</a>"
OLD = "> <@bo:b.example> old\n> older\n\nnew"

CONTENTS: list[tuple[dict[str, Any], bool, str]] = [
    (_content(body="a  b\n\nc "), False, "a  b⏎⏎c "),
    (_content(body="<b>a</b> &amp; *c* [d](e)"), False, "<b>a</b> &amp; *c* [d](e)"),
    (_content(body="https://a.example hxxp://b[.]c main.rs"), False, "https://a.example hxxp://b[.]c main.rs"),
    (_content("<b>formatted</b>", body="another"), False, "[b:formatted]"),
    (_content("", body="a"), False, "a"),
    (_content("<p></p>", body="a"), False, "a"),
    (_content("<mx-reply>x</mx-reply>", body="a"), False, "a"),
    ({"formatted_body": "<b>x</b>", "body": "a"}, False, "a"),
    ({"format": "org.example.other", "formatted_body": "<b>x</b>", "body": "a"}, False, "a"),
    ({"format": HTML, "formatted_body": 7, "body": "a"}, False, "a"),
    ({"format": HTML, "formatted_body": "<b>x</b>"}, False, "[b:x]"),
    ({}, False, ""),
    ({"body": 7}, False, ""),
    ({"body": ""}, False, ""),
    (_content(body=OLD), True, "new"),
    (_content(body="> * <@bo:b.example> waves\n\nnew"), True, "new"),
    (_content(body="> a quotation\n\nnew"), True, "> a quotation⏎⏎new"),
    (_content(body=OLD), False, "> <@bo:b.example> old⏎> older⏎⏎new"),
    (_content("<mx-reply>x</mx-reply>new", body=OLD), True, "new"),
    (_content(ADA, body="Ada", mentions={}), False, "Ada"),
    (_content(ADA, body="Ada", mentions={"user_ids": []}), False, "Ada"),
    (_content(ADA, body="Ada", mentions={"user_ids": ["@bo:b.example"]}), False, "Ada"),
    (_content(ADA, body="Ada", mentions={"user_ids": ["@ada:b.example"]}), False, "@(matrix:c/@ada:b.example|Ada)"),
    (_content(ADA, body="Ada", mentions={"user_ids": "@ada:b.example"}), False, "Ada"),
    (_content(ADA, body="Ada", mentions={"user_ids": [{}, None]}), False, "Ada"),
    (_content(ADA, body="Ada", mentions=7), False, "@(matrix:c/@ada:b.example|Ada)"),
    (_content(body="@room hi"), False, "@(room) hi"),
    (_content(body="@room hi", mentions={}), False, "@room hi"),
    (_content(body="@room hi", mentions={"room": True}), False, "@(room) hi"),
    (_content(body="@room hi", mentions={"room": 1}), False, "@room hi"),
    (_content("<p>@room</p>", body="x", mentions={}), False, "@room"),
    (_content("<p>@room</p>", body="x", mentions={"room": True}), False, "@(room)"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "is_reply", "said"), CONTENTS)
def test_a_content_is_read(content: dict[str, Any], is_reply: bool, said: str) -> None:
    assert short(read_message(content, ACCOUNT, is_reply=is_reply)) == said


def _depth(blocks: tuple[Block, ...]) -> int:
    inner = [
        block.blocks if isinstance(block, Quote) else sum((i.blocks for i in block.items), ())
        for block in blocks
        if isinstance(block, Quote | List)
    ]
    return max((1 + _depth(found) for found in inner), default=0)


@pytest.mark.parametrize(
    "tag", ["blockquote", "ul><li", "details", "div", "b", "span", "table><td"]
)
@pytest.mark.parametrize("times", [1_000, 5_000])
def test_html_that_is_nested_deeply_is_flat_below_a_limit(tag: str, times: int) -> None:
    ends = "".join(f"</{name}>" for name in reversed(tag.split("><")))
    tree = read_html(f"<{tag}>" * times + "x" + ends * times + "after", ACCOUNT)
    assert _depth(tree.blocks) <= DEEPEST
    assert plain(tree).split()[-1] in {"after", "xafter"}


def test_what_is_passed_over_below_the_limit_closes_nothing_above_it() -> None:
    deep = DEEPEST + 3
    tree = read_html("<blockquote>" * deep + "x" + "</blockquote>" * deep + "after", ACCOUNT)
    assert short(tree).endswith(") ¶ after")


def test_only_whom_the_message_names_is_mentioned_in_it() -> None:
    html = ADA + f"<a href='{TO}@bo:b.example'>Bo</a>"
    named = Named(frozenset({"@bo:b.example"}), room=False)
    assert short(read_html(html, ACCOUNT, named)) == "Ada@(matrix:c/@bo:b.example|Bo)"


def test_there_are_enough_cases() -> None:
    assert len(EVERY_CASE) + len(CONTENTS) >= 150
    assert read_html("x", ACCOUNT) != RichText()
