from __future__ import annotations

import html
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
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
from bot.platforms.matrix.outbound import request
from bot.richtext import Link, Mention, Paragraph, RichText, Text, say

ID = DeliveryId("d" + "a" * 26)
ROOM = RoomId("matrix:coalition/!r")
GRACE = Author(PersonId("slack:alpha/U1"), "Grace <b>")


def _content(content: Content) -> dict[str, object]:
    return dict(request(Delivery(ID, ROOM, content)).content)


def test_a_persons_post_carries_their_name_as_data_and_as_fallback() -> None:
    content = _content(Post(say("a < b\n**c**"), GRACE))
    profile = content.pop("com.beeper.per_message_profile")
    assert isinstance(profile, dict)
    assert (profile["displayname"], profile["has_fallback"]) == ("Grace <b>", True)
    assert "U1" not in profile["id"]
    assert content == {
        "msgtype": "m.text",
        "body": "Grace <b>: a < b\n**c**",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong data-mx-profile-fallback>Grace &lt;b&gt;: </strong>"
        "a &lt; b<br>**c**",
        "m.mentions": {},
        "org.liaison.delivery": ID,
    }


def test_the_bots_own_words_are_a_text_and_a_private_answer_a_notice() -> None:
    own = {"body": "hello", "m.mentions": {}, "org.liaison.delivery": ID}
    assert _content(Post(say("hello"))) == {"msgtype": "m.text", **own}
    assert _content(Answer(PersonId("matrix:coalition/@a:b"), say("hello"))) == {
        "msgtype": "m.notice",
        **own,
    }


def test_a_reply_in_a_thread_names_its_root_twice() -> None:
    assert _content(Post(say("x"), thread=MessageId("$root")))["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$root"},
    }


def test_a_private_answer_leaves_the_thread_that_was_asked_in() -> None:
    person = PersonId("matrix:coalition/@a:b")
    assert "m.relates_to" not in _content(Answer(person, say("x"), thread=MessageId("$root")))
    there = Answer(person, say("x"), thread=MessageId("$root"), direct=True)
    assert "m.relates_to" in _content(there)


def test_a_reaction_is_an_annotation() -> None:
    made = request(Delivery(ID, ROOM, React(MessageId("$m"), "✅")))
    assert made.type == "m.reaction"
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": "✅"}
    assert made.content == {"m.relates_to": relation, "org.liaison.delivery": ID}


def test_mentions_and_links_are_text_and_ping_nobody() -> None:
    body = RichText(
        (
            Paragraph(
                (
                    Mention("slack:alpha/U2", "here"),
                    Text(" @room "),
                    Link("https://a.example", "see"),
                )
            ),
        )
    )
    content = _content(Post(body, GRACE))
    assert content["body"] == "Grace <b>: @here @room see (https://a.example)"
    assert content["m.mentions"] == {}
    assert "<a" not in str(content["formatted_body"])


def test_what_is_too_long_loses_its_html_first_and_is_refused_then() -> None:
    assert "formatted_body" not in _content(Post(say("x" * 40_000), GRACE))
    with pytest.raises(Refused, match="too long"):
        request(Delivery(ID, ROOM, Post(say("x" * 63_000), GRACE)))


@given(st.text(), st.text())
def test_nothing_that_is_typed_becomes_markup(text: str, name: str) -> None:
    content = _content(Post(say(text), Author(PersonId("slack:alpha/U1"), name)))
    msgspec.json.encode(content)
    formatted = str(content["formatted_body"])
    tags = set(re.findall(r"<[^>]*>", formatted))
    assert tags <= {"<strong data-mx-profile-fallback>", "</strong>", "<br>"}
    bare = html.unescape(re.sub(r"<[^>]*>", lambda tag: "\n" * (tag[0] == "<br>"), formatted))
    assert html.unescape(str(content["body"])) == html.unescape(bare)
