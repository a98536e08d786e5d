"""Deliveries as requests to Slack."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.events import (
    AccountId,
    Answer,
    Author,
    Content,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    File,
    Manner,
    MessageId,
    PersonId,
    Post,
    React,
    RoomId,
    Share,
    Topic,
    Unreact,
)
from bot.platforms.slack import outbound
from bot.platforms.slack.labels import comment, username
from bot.platforms.slack.outbound import Call, Respond, request_of
from bot.richtext import CodeBlock, Link, Mention, Paragraph, RichText, Style, Text, say

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = DeliveryId("d" + "b" * 26)
ALPHA = AccountId("slack:alpha")
GRACE = Author(PersonId("matrix:c/@g:x"), "Grace")
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
        Link("http://bad.example", "bad.example", made=True), Text(" "),
        Link("https://x.example", "here"), Text(" "), Mention("matrix:c/@g:x", "Grace"),
    )  # fmt: skip
    parameters = call(Post(RichText((Paragraph(content),)))).parameters
    elements = parameters["blocks"][0]["elements"][0]["elements"]
    assert elements[0] == {"type": "text", "text": "bad.example "}
    assert elements[1] == {"type": "link", "url": "https://x.example", "text": "here"}
    assert elements[2]["text"] == " @Grace"


def test_an_emote_is_in_italics_and_keeps_its_other_styles() -> None:
    body = RichText((Paragraph((Text("waves "), Text("b", Style.BOLD))), CodeBlock("x")))
    parameters = call(Post(body, GRACE, manner=Manner.EMOTE)).parameters
    section, code = parameters["blocks"][0]["elements"]
    assert [element["style"] for element in section["elements"] if element["text"].strip()] == [
        {"italic": True}, {"bold": True, "italic": True},
    ]  # fmt: skip
    assert code["type"] == "rich_text_preformatted"


def test_an_answer_to_one_message_is_shown_in_the_thread_below_it() -> None:
    assert call(Post(say("x"), reply_to=MessageId("17.1"))).parameters["thread_ts"] == "17.1"
    both = Post(say("x"), thread=MessageId("16.1"), reply_to=MessageId("17.1"))
    assert call(both).parameters["thread_ts"] == "16.1"


def test_a_broadcast_is_also_sent_to_the_channel() -> None:
    made = call(Post(say("x"), thread=MessageId("17.1"), broadcast=True))
    assert made.parameters["reply_broadcast"] is True
    assert "reply_broadcast" not in call(Post(say("x"), broadcast=True)).parameters


def test_an_edit_keeps_the_mark_of_the_delivery_that_made_the_message() -> None:
    made = call(Edit(say("a < b" + "&" * 6000), GRACE, MessageId("17.1"), made=ID))
    assert made.method == "chat.update"
    assert (made.parameters["channel"], made.parameters["ts"]) == ("C1", "17.1")
    assert made.parameters["blocks"][0]["block_id"] == ID
    assert "metadata" not in made.parameters  # it stays as it was
    assert "username" not in made.parameters
    assert len(made.parameters["text"]) <= outbound.LONGEST_CHANGED
    assert made.parameters["text"].endswith("&amp;")
    assert "block_id" not in call(Edit(say("x"), GRACE, MessageId("17.1"))).parameters["blocks"][0]


def test_taking_back_what_is_gone_is_done() -> None:
    made = call(Delete(MessageId("17.1")))
    assert made == Call(
        "chat.delete", {"channel": "C1", "ts": "17.1"}, frozenset({"message_not_found"})
    )
    unreact = call(Unreact("👍", MessageId("17.1")))
    assert unreact.method == "reactions.remove"
    assert unreact.done == {"message_not_found", "no_reaction"}


@pytest.mark.parametrize("content", [Topic("x"), Share(File(ALPHA, "F1", "a")), React("no emoji")])
def test_what_slack_cannot_do_is_refused_before_it_is_asked(content: Content) -> None:
    with pytest.raises(Refused):
        request(content)


def test_the_line_above_a_file_names_its_author_and_nothing_else() -> None:
    assert comment(GRACE) == "Grace:"
    shown = comment(Author(ADA, "<!channel> *x* _y_ `z` & ~q~"))
    assert shown.startswith("&lt;!channel&gt; ")
    assert not set("*_`~<>") & set(shown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada\nLovelace\t ", "Ada Lovelace"),
        ("\u202eAda\u2066", "Ada"),
        ("", "U1"),
        ("\u200b\u200d", "U1"),
        ("x" * 200, "x" * 79 + "…"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_name_is_made_safe(name: str, shown: str) -> None:
    assert username(Author(ADA, name)) == shown


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
        ("👍", "+1"),
        ("👍🏾", "+1::skin-tone-5"),
        (":parrot_party:", "parrot_party"),
    ],
)
def test_a_reaction_goes_by_slacks_name(emoji: str, name: str) -> None:
    made = call(React(emoji, MessageId("17.1")))
    assert made.method == "reactions.add"
    assert made.parameters == {"channel": "C1", "timestamp": "17.1", "name": name}


def test_the_team_and_the_mark_stand_behind_a_name_of_any_length() -> None:
    author = Author(ADA, "x" * 200, team="CERT Alpha", mark="@m:evil.example")
    assert username(author).endswith("x… ⚠ @m:evil.example (CERT Alpha)")
    assert len(username(author)) == 80
    assert comment(Author(ADA, "Ada", team="*CERT*")) == "Ada (\u2217CERT\u2217):"


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("", None),
        ("picture https://avatars.slack-edge.com/a.png", "https://avatars.slack-edge.com/a.png"),
        ("picture https://secure.gravatar.com/a.png", None),
        ("picture http://avatars.slack-edge.com/a.png", None),
        ('{"mxc":"mxc://x.example/1"}', None),
        (
            "https://liaison.example.org/pictures/n.png",
            "https://liaison.example.org/pictures/n.png",
        ),
    ],
)
def test_a_picture_is_shown_that_slack_can_fetch(picture: str, shown: str | None) -> None:
    made = call(Post(say("x"), Author(ADA, "Ada", picture=picture)))
    assert made.parameters.get("icon_url") == shown


def test_what_nobody_asked_for_stands_in_the_direct_message_until_it_is_read() -> None:
    made = call(Answer(ADA, say("You are called."), lasting=True))
    assert made.method == "chat.postMessage"
    assert made.parameters["channel"] == "U1"
    assert made.parameters["metadata"]["event_payload"] == {"id": ID}
