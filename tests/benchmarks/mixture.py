"""What people do in the benchmark of the bridge: formatted messages, edits and reactions."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.stopwatch import text_of

ROUND = ("post", "post", "post", "edit", "react")
"""What is done in a room, in turn: an edit and a reaction are of the last message there."""
EMOJI, EMOJI_NAME = "👀", "eyes"

Json = dict[str, Any]


def rich_text(number: int) -> list[Json]:
    """A message with styles, a link and a list, as Slack's clients send it."""
    words = [
        _text(f"{text_of(number)}: "),
        _text("seen", "bold"),
        _text(" at "),
        _text("198.51.100[.]7", "code"),
        _text(", see "),
        {"type": "link", "url": "https://a.example/x?y=1&z=2", "text": "the report"},
        _text(" and "),
        _text("ask", "italic"),
        _text("\n"),
    ]
    items = [_section([_text(f"item {each}")]) for each in (1, 2)]
    listed = {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": items}
    return [{"type": "rich_text", "block_id": "b", "elements": [_section(words), listed]}]


def html(number: int) -> str:
    """The same as Matrix's clients send it."""
    return (
        f"<p>{text_of(number)}: <strong>seen</strong> at <code>198.51.100[.]7</code>, see "
        '<a href="https://a.example/x?y=1&amp;z=2">the report</a> and <em>ask</em></p>\n'
        "<ul>\n<li>item 1</li>\n<li>item 2</li>\n</ul>"
    )


def content(number: int) -> Json:
    """The content of an event of Matrix's that says it."""
    return {
        "msgtype": "m.text",
        "body": text_of(number),
        "format": "org.matrix.custom.html",
        "formatted_body": html(number),
        "m.mentions": {},
    }


def _text(text: str, *styles: str) -> Json:
    made: Json = {"type": "text", "text": text}
    return made | ({"style": dict.fromkeys(styles, True)} if styles else {})


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements}
