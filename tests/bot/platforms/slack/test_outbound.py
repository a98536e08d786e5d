"""Deliveries as requests to Slack."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import (
    Answer,
    Author,
    Content,
    Delivery,
    DeliveryId,
    MessageId,
    PersonId,
    Post,
    React,
    RoomId,
)
from bot.platforms.slack import outbound
from bot.platforms.slack.outbound import Call, Respond, request_of
from bot.richtext import Link, Mention, Paragraph, RichText, Text, say

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = DeliveryId("d" + "b" * 26)
ADA = PersonId("slack:alpha/U1")
GIVEN = int(NOW.timestamp())


def request(content: Content) -> outbound.Request:
    return request_of(Delivery(ID, RoomId("slack:alpha/C1"), content), NOW)


def call(content: Content) -> Call:
    made = request(content)
    assert isinstance(made, Call)
    return made


def test_a_relayed_message_carries_its_author_and_its_id_twice() -> None:
    made = call(Post(say("a < b"), Author(PersonId("matrix:c/@g:x"), "Grace"), MessageId("17.1")))
    assert made.method == "chat.postMessage"
    assert made.parameters["channel"] == "C1"
    assert made.parameters["username"] == "Grace"
    assert made.parameters["thread_ts"] == "17.1"
    assert made.parameters["blocks"][0]["block_id"] == ID
    assert made.parameters["metadata"] == {
        "event_type": "liaison_delivery", "event_payload": {"id": ID},
    }  # fmt: skip
    assert made.parameters["text"] == "a &lt; b"
    assert made.parameters["unfurl_links"] is made.parameters["unfurl_media"] is False


def test_the_bots_own_words_have_no_other_name() -> None:
    assert "username" not in call(Post(say("x"))).parameters


@given(st.text())
def test_what_was_typed_is_text_and_nothing_else(text: str) -> None:
    parameters = call(Post(say(text), Author(ADA, text))).parameters
    (block,) = parameters["blocks"]
    (section,) = block["elements"]
    (element,) = section["elements"]
    assert element["type"] == "text"
    assert "<" not in parameters["text"]
    assert 1 <= len(parameters["username"]) <= 80
    json.dumps(parameters).encode("utf-8")


def test_links_that_a_network_made_itself_are_the_characters_that_were_typed() -> None:
    content = (
        Link("http://bad.example", "bad.example"), Text(" "), Link("https://x.example", "here"),
        Text(" "), Mention("matrix:c/@g:x", "Grace"),
    )  # fmt: skip
    parameters = call(Post(RichText((Paragraph(content),)))).parameters
    shown = parameters["blocks"][0]["elements"][0]["elements"][0]["text"]
    assert shown == "bad.example here (https://x.example) @Grace"


def test_the_fallback_stays_within_slacks_limit() -> None:
    assert len(outbound.fallback("&" * 60_000)) <= outbound.LONGEST_FALLBACK
    assert outbound.fallback("&" * 60_000).endswith("&amp;")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada\nLovelace\t ", "Ada Lovelace"),
        ("\u202eAda\u2066", "Ada"),
        ("", "U1"),
        ("\u200b\u200d", "U1"),
        ("x" * 200, "x" * 80),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_name_is_made_safe(name: str, shown: str) -> None:
    assert outbound.username(Author(ADA, name)) == shown


def test_a_private_answer_uses_the_response_address() -> None:
    made = request(Answer(ADA, say("x"), reply=f"https://hooks.example/1#{GIVEN}"))
    assert isinstance(made, Respond)
    assert made.url == "https://hooks.example/1"
    assert (made.body["response_type"], made.body["replace_original"]) == ("ephemeral", False)
    assert made.otherwise.method == "chat.postEphemeral"


@pytest.mark.parametrize(
    "reply",
    [None, f"https://hooks.example/1#{GIVEN - timedelta(minutes=30).seconds}"],
)
def test_without_a_usable_address_a_private_answer_is_ephemeral(reply: str | None) -> None:
    made = call(Answer(ADA, say("x"), reply=reply, thread=MessageId("17.1")))
    assert made.method == "chat.postEphemeral"
    expected: dict[str, Any] = {"channel": "C1", "user": "U1", "thread_ts": "17.1"}
    assert expected.items() <= made.parameters.items()


def test_an_answer_in_a_direct_room_is_a_message_that_can_be_found() -> None:
    made = call(Answer(ADA, say("x"), direct=True))
    assert made.method == "chat.postMessage"
    assert made.parameters["metadata"]["event_payload"] == {"id": ID}


@pytest.mark.parametrize(
    ("emoji", "name"),
    [
        ("✓", "white_check_mark"),
        ("✅", "white_check_mark"),
        ("⚠️", "warning"),
        ("✔️", "heavy_check_mark"),
    ],
)
def test_a_reaction_goes_by_slacks_name(emoji: str, name: str) -> None:
    made = call(React(MessageId("17.1"), emoji))
    assert made == Call("reactions.add", {"channel": "C1", "timestamp": "17.1", "name": name})
