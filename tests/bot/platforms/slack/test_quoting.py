"""Which other messages a message of Slack's shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.events import MessageEdited, MessageId, MessagePosted, Quoted, RoomId
from tests.bot.platforms.slack.said import EDITED, FIRST, changed, message, read

LINK = "https://alpha.slack.com/archives/C0OTHER/p1600000000000200"
OLD = "1600000000.000200"
THERE = Quoted(RoomId("slack:alpha/C0OTHER"), MessageId("1600000000.000200"))
SHARED = {
    "is_share": True, "is_msg_unfurl": True, "channel_id": "C0OTHER", "ts": "1600000000.000200",
    "from_url": LINK, "text": "what was said", "fallback": "what was said",
    "author_name": "Ben", "footer": "Posted in #other",
}  # fmt: skip
PREVIEW = {key: value for key, value in SHARED.items() if key != "is_share"}
PAGE = {"from_url": "https://example.org/", "original_url": "https://example.org/", "text": "x"}


def shown_in(**channels: Sequence[object]) -> dict[str, Any]:
    """A file that messages of these channels show."""
    shares = {name: [{"ts": ts} for ts in stamps] for name, stamps in channels.items()}
    return {"id": "F1", "mimetype": "text/plain", "name": "a.txt", "shares": {"private": shares}}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"text": "plain"}, ()),
        ({"text": "", "attachments": [SHARED]}, (THERE,)),
        ({"text": f"see <{LINK}>", "attachments": [PREVIEW]}, (THERE,)),
        ({"text": f"see <{LINK}>"}, (THERE,)),
        ({"text": f"see <{LINK}|here>"}, (THERE,)),
        ({"text": f"see <{LINK}?thread_ts=1.2&amp;cid=C0OTHER>"}, (THERE,)),
        ({"text": f"see `{LINK}`"}, ()),
        ({"text": "<https://example.org/>", "attachments": [PAGE]}, ()),
        ({"text": "", "attachments": [{**SHARED, "channel_id": 7, "ts": None}]}, (THERE,)),
        ({"text": "x", "attachments": [{"is_share": True, "from_url": 7, "text": "y"}]}, ()),
        ({"text": "x", "attachments": "none"}, ()),
        ({"text": "", "files": [shown_in(C0OTHER=[OLD])]}, (THERE,)),
        ({"text": "", "files": [shown_in(C0OTHER=[OLD], C1=[FIRST])]}, (THERE,)),
        ({"text": "", "files": [shown_in(C0OTHER=["9600000000.000200"])]}, ()),
        ({"text": "", "files": [shown_in(C0OTHER=[7, "x"], **{"no id": [OLD]})]}, ()),
        ({"text": "", "files": [{**shown_in(), "shares": {"public": [7]}}]}, ()),
    ],
)
def test_what_is_forwarded_or_linked_is_shown(
    fields: dict[str, Any], found: tuple[Quoted, ...]
) -> None:
    event = read(message(channel="C1", **fields))
    assert isinstance(event, MessagePosted)
    assert event.quotes == found


def test_a_link_that_an_edit_brings_counts() -> None:
    now = {"text": f"see <{LINK}>", "edited": {"user": "U1", "ts": EDITED}}
    event = changed(now, {"text": "see"})
    assert isinstance(event, MessageEdited)
    assert event.message == FIRST
    assert event.quotes == (THERE,)
