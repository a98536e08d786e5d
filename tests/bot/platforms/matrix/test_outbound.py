from __future__ import annotations

import html
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.errors import Refused
from bot.events import (
    AccountId,
    Answer,
    Author,
    Content,
    Control,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    File,
    FileKind,
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
from bot.platforms.matrix.attachments import Handle
from bot.platforms.matrix.outbound import key, request
from bot.richtext import Emoji, Everyone, Link, Mention, Paragraph, RichText, Style, Text, say

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


def test_an_emoji_of_a_networks_own_is_its_picture_where_that_is_there() -> None:
    parrot = Emoji(":parrot:", picture="slack:alpha picture https://emoji.slack-edge.com/p.gif")
    post = Post(RichText((Paragraph((Text("see "), parrot)),)))
    assert "formatted_body" not in _content(post)
    shown = request(Delivery(ID, ROOM, post), pictures={":parrot:": "mxc://x/y"}).content
    assert shown["body"] == "see :parrot:"
    assert shown["formatted_body"] == (
        'see <img data-mx-emoticon src="mxc://x/y" alt=":parrot:" title=":parrot:" height="32">'
    )


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
    made = request(Delivery(ID, ROOM, React("✅", MessageId("$m"))))
    assert made.where == ("send", "m.reaction", ID)
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": "✅"}
    assert made.content == {"m.relates_to": relation, "org.liaison.delivery": ID}


def test_mentions_of_another_network_are_text_and_ping_nobody() -> None:
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
    assert re.findall(r"<a [^>]*>", str(content["formatted_body"])) == [
        '<a href="https://a.example">'
    ]


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
    bare = bare.replace("\u00a0", " ")  # spaces that HTML would drop are kept so
    assert str(content["body"]).replace("\u00a0", " ") == bare


@pytest.mark.parametrize(
    ("manner", "kind"),
    [(Manner.SAID, "m.text"), (Manner.EMOTE, "m.emote"), (Manner.NOTICE, "m.notice")],
)
def test_a_manner_is_a_kind_of_message(manner: Manner, kind: str) -> None:
    assert _content(Post(say("x"), GRACE, manner=manner))["msgtype"] == kind
    new = _content(Edit(say("x"), GRACE, MessageId("$m"), manner))["m.new_content"]
    assert isinstance(new, dict)
    assert new["msgtype"] == kind


def test_a_reply_names_what_it_answers_inside_of_a_thread_and_outside() -> None:
    root, answered = MessageId("$root"), MessageId("$9")
    alone = _content(Post(say("x"), reply_to=answered))
    assert alone["m.relates_to"] == {"m.in_reply_to": {"event_id": "$9"}}
    inside = _content(Post(say("x"), thread=root, reply_to=answered))
    assert inside["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": "$9"},
    }


def test_only_people_of_the_rooms_own_network_and_pings_of_the_tree_are_mentioned() -> None:
    ada = Mention("matrix:coalition/@ada:x.org", "Ada")
    leaves = (ada, Mention("slack:alpha/U2", "Bo"), Everyone("here"))
    content = _content(Post(RichText((Paragraph(leaves),)), GRACE))
    assert content["m.mentions"] == {"user_ids": ["@ada:x.org"]}
    pinging = RichText((Paragraph((Everyone("here", ping=True),)),))
    assert _content(Post(pinging, GRACE))["m.mentions"] == {"room": True}


def test_an_edit_has_the_author_in_both_its_bodies_and_mentions_nobody_anew() -> None:
    ada = RichText((Paragraph((Mention("matrix:coalition/@ada:x.org", "Ada"), Text(" hi"))),))
    content = _content(Edit(ada, GRACE, MessageId("$m")))
    new = content["m.new_content"]
    assert isinstance(new, dict)
    assert content["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$m"}
    assert new["body"] == "Grace <b>: @Ada hi"
    assert content["body"] == f"* {new['body']}"
    assert content["formatted_body"] == f"* {new['formatted_body']}"
    assert new["formatted_body"].startswith("<strong data-mx-profile-fallback>Grace")
    assert content["com.beeper.per_message_profile"] == new["com.beeper.per_message_profile"]
    assert (content["m.mentions"], new["m.mentions"]) == ({}, {"user_ids": ["@ada:x.org"]})


def test_an_edit_calls_those_whom_it_mentions_for_the_first_time() -> None:
    ada, bo = "matrix:coalition/@ada:x.org", "matrix:other/@bo:x.org"
    leaves = (Mention(ada, "Ada"), Mention(bo, "Bo"), Mention("slack:a/U1", "C"))
    body = RichText((Paragraph(leaves),))
    calls = (PersonId(bo), PersonId("slack:a/U1"), PersonId("matrix:coalition/@not-there:x.org"))
    content = _content(Edit(body, GRACE, MessageId("$m"), calls=calls))
    new = content["m.new_content"]
    assert isinstance(new, dict)
    assert content["m.mentions"] == {"user_ids": ["@bo:x.org"]}
    assert new["m.mentions"] == {"user_ids": ["@ada:x.org", "@bo:x.org"]}


def test_the_profile_has_team_mark_and_a_picture_that_lies_on_a_homeserver() -> None:
    author = structs.replace(GRACE, name="Grace", team="CERT Alpha", mark="@g:evil.example")
    for picture, shown in (("mxc://x.example/1", "mxc://x.example/1"), ("picture https://x", None)):
        content = _content(Post(say("hi"), structs.replace(author, picture=picture)))
        profile = content["com.beeper.per_message_profile"]
        assert isinstance(profile, dict)
        assert profile["displayname"] == "Grace ⚠ @g:evil.example (CERT Alpha)"
        assert content["body"] == "Grace ⚠ @g:evil.example (CERT Alpha): hi"
        assert profile.get("avatar_url") == shown


def test_whatever_fits_as_a_message_fits_as_an_edit() -> None:
    body = RichText((Paragraph((Text("é" * 9_000, Style.BOLD), Text("x" * 10_000))),))
    posted, edited = _content(Post(body, GRACE)), _content(Edit(body, GRACE, MessageId("$m")))
    new = edited["m.new_content"]
    assert isinstance(new, dict)
    assert (new["body"], new["formatted_body"]) == (posted["body"], posted["formatted_body"])
    assert len(str(edited["body"])) < 300
    with pytest.raises(Refused, match="too long"):
        request(Delivery(ID, ROOM, Edit(say("x" * 63_000), GRACE, MessageId("$m"))))


def test_taking_back_is_a_redaction_with_the_deliverys_id() -> None:
    for content in (Delete(MessageId("$m")), Unreact("👍", MessageId("$0"), MessageId("$m"))):
        assert request(Delivery(ID, ROOM, content)).where == ("redact", "$m", ID)


@pytest.mark.parametrize(
    "content",
    [Delete(), React("👍"), Unreact("👍"), Edit(say("x"))],
    ids=lambda one: str(type(one)),
)
def test_what_names_no_message_is_refused(content: Content) -> None:
    with pytest.raises(Refused, match="no message"):
        request(Delivery(ID, ROOM, content))


def test_a_topic_is_the_rooms_state() -> None:
    made = request(Delivery(ID, ROOM, Topic("a\x00b")))
    assert (made.where, made.content) == (("state", "m.room.topic", ""), {"topic": "a\ufffdb"})


@pytest.mark.parametrize(
    ("emoji", "sent"),
    [("👍", "👍"), ("❤", "❤️"), ("☎", "☎️"), (":party:", ":party:"), ("👍🏽", "👍🏽"), ("1⃣", "1️⃣")],
)
def test_a_reactions_key_is_written_as_clients_do(emoji: str, sent: str) -> None:
    assert key(emoji) == sent


def _file(**more: Any) -> File:
    values = {"kind": FileKind.IMAGE, "mimetype": "image/png", "name": "a.png", **more}
    return File(account=AccountId("slack:alpha"), handle="x", **values)


def _shared(file: File, author: Author | None = None) -> dict[str, Any]:
    return dict(request(Delivery(ID, ROOM, Share(file, author)), Handle("mxc://a.b/c")).content)


def test_a_file_is_named_described_and_signed() -> None:
    file = _file(size=12, width=3, height=4, seconds=1.5, alt="a <cat>")
    content = _shared(file, GRACE)
    assert content.pop("com.beeper.per_message_profile")["displayname"] == "Grace <b>"
    assert content == {
        "msgtype": "m.image",
        "filename": "a.png",
        "url": "mxc://a.b/c",
        "info": {"mimetype": "image/png", "size": 12, "w": 3, "h": 4, "duration": 1500},
        "body": "Grace <b>: a <cat>",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong data-mx-profile-fallback>Grace &lt;b&gt;: </strong>"
        "a &lt;cat&gt;",
        "m.mentions": {},
        "org.liaison.delivery": ID,
    }
    plain_one = _shared(_file(mimetype="", kind=FileKind.FILE))
    assert (plain_one["body"], plain_one["filename"], plain_one["info"]) == ("a.png", "a.png", {})


@pytest.mark.parametrize(
    ("kind", "mimetype", "shown"),
    [
        (FileKind.IMAGE, "image/png", "m.image"),
        (FileKind.IMAGE, "", "m.image"),
        (FileKind.IMAGE, "text/html", "m.file"),
        (FileKind.VIDEO, "video/mp4", "m.video"),
        (FileKind.AUDIO, "audio/ogg", "m.audio"),
        (FileKind.VOICE, "audio/ogg", "m.audio"),
        (FileKind.VOICE, "video/mp4", "m.file"),
        (FileKind.FILE, "image/png", "m.file"),
        (FileKind.FILE, "a, b", "m.file"),
    ],
)
def test_a_file_is_shown_as_what_it_is(kind: FileKind, mimetype: str, shown: str) -> None:
    content = _shared(_file(kind=kind, mimetype=mimetype))
    assert content["msgtype"] == shown
    voice = kind is FileKind.VOICE and shown == "m.audio"
    assert ("org.matrix.msc3245.voice" in content) is voice


def test_what_can_be_pressed_is_said_in_words_with_what_one_types_instead() -> None:
    controls = (Control("Confirm", "confirm", "✅"), Control("Details", "show RTF-1", "👀"))
    for content in (
        Post(say("Recall it?"), controls=controls),
        Answer(PersonId("matrix:coalition/@ada:x"), say("Recall it?"), controls=controls),
    ):
        body = request(Delivery(ID, ROOM, content)).content["body"]
        assert body.partition("\n")[0] == "Recall it?"
        assert "✅ confirm · 👀 show RTF-1" in body.replace("`", "")
