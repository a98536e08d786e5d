"""Matrix's links to messages."""

from __future__ import annotations

import pytest

from bot.events import MessageId
from bot.platforms.base import MessageLink
from bot.platforms.matrix.links import read_link, room_link


@pytest.mark.parametrize(
    "text",
    [
        "https://matrix.to/#/!abc:example.org/$event?via=example.org&via=b.example",
        "https://matrix.to/#/%21abc%3Aexample.org/%24event",
        "<https://matrix.to/#/!abc/$event>",
        "https://matrix.to/#/#alias:example.org/$event?via=example.org",
        "https://matrix.to/#/%23alias:example.org/$event",
        "matrix:roomid/abc:example.org/e/event?via=example.org",
        "matrix:r/alias:example.org/event/event",
        "MATRIX:R/alias:example.org/e/event",
    ],
)
def test_a_link_names_the_event(text: str) -> None:
    assert read_link(text) == MessageLink(MessageId("$event"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$event",
        "https://matrix.to/#/!abc:example.org",
        "https://matrix.to/#/@ada:example.org",
        "https://matrix.to/#/!abc:example.org/",
        "https://example.org/#/!abc:example.org/$event",
        "matrix:u/ada:example.org",
        "matrix:u/ada:example.org/e/event",
        "https://matrix.to/#/!a/$" + "e" * 300,
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert read_link(text) is None


@pytest.mark.parametrize(
    ("room", "link"),
    [
        ("!abc:example.org", "https://matrix.to/#/!abc:example.org"),
        ("#ops:example.org", "https://matrix.to/#/%23ops:example.org"),
        ("!a/b?c:example.org", "https://matrix.to/#/!a%2Fb%3Fc:example.org"),
    ],
)
def test_a_room_is_opened_by_its_id_or_alias(room: str, link: str) -> None:
    assert room_link(room) == link
