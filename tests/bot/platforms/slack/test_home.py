"""A person's Home tab: opened it asks for what waits, and shows the answer as bare text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import AccountId, Answer, CommandTyped, Delivery, DeliveryId, PersonId, RoomId
from bot.platforms.slack import home, inbound
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.outbound import Call, request_of
from bot.richtext import say

NOW = datetime(2026, 1, 1, tzinfo=UTC)
US = Ourselves(AccountId("slack:alpha"), "UBOT", "B1", workspace="T1")


def opened(**fields: Any) -> Any:
    event = {
        "type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home",
        "event_ts": "1700000000.000100", "view": {"type": "home", "blocks": []},
    } | fields  # fmt: skip
    payload = {"type": "event_callback", "event": event}
    return inbound.event_of(payload, US, Lookups(people=lambda _id: "Ada"), NOW)


def test_who_opens_it_asks_what_waits_for_them() -> None:
    event = opened()
    assert isinstance(event, CommandTyped)
    assert (event.room, event.text, event.direct) == ("slack:alpha/D1", "todo", True)
    assert (event.author.person, event.author.name) == ("slack:alpha/U1", "Ada")
    assert event.reply == home.HANDLE
    assert event.stands
    assert event.call != opened(event_ts="1700000001.000100").call


def test_both_forms_of_a_moment_are_read() -> None:
    assert isinstance(opened(event_ts="1515449522000016"), CommandTyped)


@pytest.mark.parametrize(
    "fields",
    [{"tab": "messages"}, {"tab": None}, {"user": 1}, {"channel": "a b"}, {"event_ts": ""}],
)
def test_what_is_no_opening_is_none(fields: dict[str, Any]) -> None:
    assert not isinstance(opened(**fields), CommandTyped)


def test_the_answer_is_published_there_and_nowhere_else() -> None:
    answer = Answer(PersonId("slack:alpha/U1"), say("One.\nTwo & <three>."), home.HANDLE,
                    direct=True)  # fmt: skip
    delivery = Delivery(DeliveryId("d" + "b" * 26), RoomId("slack:alpha/D1"), answer)
    call = request_of(delivery, NOW)
    assert isinstance(call, Call)
    assert call.method == "views.publish"
    assert call.parameters["user_id"] == "U1"
    header, section = call.parameters["view"]["blocks"]
    assert (header["type"], header["text"]["text"]) == ("header", "One.")
    assert section["text"] == {"type": "plain_text", "text": "Two & <three>.", "emoji": False}


@given(st.text(max_size=400), st.integers(0, 60))
def test_whatever_is_shown_keeps_slacks_limits(text: str, times: int) -> None:
    view = home.view(say("\n".join([text] * times)))
    assert 1 <= len(view["blocks"]) <= 100
    for block in view["blocks"]:
        longest = 150 if block["type"] == "header" else 3000
        assert 0 < len(block["text"]["text"]) <= longest
