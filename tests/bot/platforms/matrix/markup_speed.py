"""How fast Matrix's markup is read and written.

Run it with `python -m tests.bot.platforms.matrix.markup_speed`.
Figures, not a test: they depend on the machine and on what else it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from bot.events import AccountId
from bot.platforms.matrix.markup import read_html, read_message, write
from bot.richtext import say

ACCOUNT = AccountId("matrix:c")
HOSTILE_SIZE = 65_536
OPENINGS = [
    "<",
    "</",
    "<b>",
    "<i>",
    "<a href=x>",
    "<a href=https://x.y>",
    "<a>",
    "<p>",
    "<p>x",
    "<div>",
    "<ul><li>",
    "<ul>",
    "<li>",
    "<li>x",
    "<ol start=3>",
    "<table>",
    "<table><tr><td>",
    "<tr>",
    "<td>",
    "&",
    "&#",
    "&#9",
    "&amp",
    "<!--",
    "<!",
    "<![CDATA[",
    "<script>",
    "<style>",
    "<b",
    "<b a",
    "<b a=",
    '<b a="',
    "<span>",
    "<span data-mx-spoiler>",
    "<span data-mx-maths='x'>",
    "<blockquote>",
    "<h1>",
    "<pre>",
    "<code>",
    "<details><summary>",
    "<summary>x</summary>",
    "<mx-reply>",
    "<b><p>",
    "</b>",
    "</p>",
    "<br>",
    "<hr>",
    "<sup>x",
    "<img alt=x>",
    "x<b>y</i>",
    "@room ",
    "</blockquote>",
]
LINE = "seen 198.51.100[.]7 at three places, see hxxp://c2.example:8443\n"
FORMATTED = (
    '<p>Hello <strong>bold</strong> and <em>it</em> <code>x.y</code> see <a href="https://a.example'
    '/x?y=1&amp;z">here</a></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n'
)


def measure() -> dict[str, float]:
    """Megabytes a second of processor time, and the worst hostile opening in milliseconds."""
    plain, formatted = LINE * 1000, FORMATTED * 300
    said, tree = say(plain), read_html(formatted, ACCOUNT)
    one = read_html(FORMATTED, ACCOUNT)
    figures = {
        "read plain, MB/s": _rate(lambda: read_message({"body": plain}, ACCOUNT), len(plain)),
        "write plain, MB/s": _rate(lambda: write(said, ACCOUNT), len(plain)),
        "read formatted, MB/s": _rate(lambda: read_html(formatted, ACCOUNT), len(formatted)),
        "write formatted, MB/s": _rate(lambda: write(tree, ACCOUNT), len(formatted)),
        "read one formatted, MB/s": _rate(lambda: read_html(FORMATTED, ACCOUNT), len(FORMATTED)),
        "write one formatted, MB/s": _rate(lambda: write(one, ACCOUNT), len(FORMATTED)),
    }
    for opening in OPENINGS:
        source = opening * (HOSTILE_SIZE // len(opening))
        found = read_html(source, ACCOUNT)
        for act, work in (
            ("read", partial(read_html, source, ACCOUNT)),
            ("write", partial(write, found, ACCOUNT)),
        ):
            took = min(_seconds(work) for _ in range(3))
            figures[f"hostile {act} {opening}, ms"] = took * 1000
    return figures


def _rate(work: Callable[[], object], size: int) -> float:
    best = min(_seconds(work) for _ in range(200 if size < 1000 else 20))
    return size / best / 1e6


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    for name, figure in sorted(measure().items(), key=lambda item: ("ms" in item[0], -item[1])):
        print(f"{figure:9.1f}  {name}")
