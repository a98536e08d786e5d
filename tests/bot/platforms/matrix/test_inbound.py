from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.events import (
    Author,
    Event,
    Ignored,
    Manner,
    MessageEdited,
    MessagePosted,
    Standing,
    Unreadable,
    person_id,
    room_id,
)
from bot.platforms.matrix.envelope import Place, decode
from bot.platforms.matrix.inbound import read_event
from bot.platforms.matrix.wire import Sync
from bot.platforms.matrix.wire import decode as decode_answer
from bot.richtext import Everyone, Mention, Paragraph, plain
from tests.bot.platforms.matrix.house import ACCOUNT

BOT = "@liaison:example.org"
ADA = "@ada:example.org"
ROOM = room_id(ACCOUNT, "!r")
NAMES = {ADA: "Ada L."}
PLACE = Place(ACCOUNT, ROOM, BOT, (BOT, "liaison", "Liaison"), lambda user: NAMES.get(user, ""))
DIRECT = Place(ACCOUNT, ROOM, BOT, (BOT,), lambda _: "", person_id(ACCOUNT, ADA))


def _event(content: object, **more: object) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "event_id": "$1",
        "sender": ADA,
        "origin_server_ts": 1_700_000_000_123,
        "content": content,
        **more,
    }


def _read(event: object, place: Place = PLACE) -> Event:
    (read,) = read_event(decode(json.dumps(event).encode()), place)
    return read


def _posted(event: object, place: Place = PLACE) -> MessagePosted:
    read = _read(event, place)
    assert isinstance(read, MessagePosted)
    return read


def test_a_message_is_read() -> None:
    read = _posted(_event({"msgtype": "m.text", "body": "hello"}))
    assert read.author == Author(person_id(ACCOUNT, ADA), "Ada L.", standing=Standing.MEMBER)
    assert read.said == datetime(2023, 11, 14, 22, 13, 20, 123000, UTC)
    assert (read.room, read.message, plain(read.body)) == (ROOM, "$1", "hello")
    assert (read.thread, read.own, read.direct, read.mentions_bot) == (None, None, False, False)


@pytest.mark.parametrize("kind", ["m.text", "m.notice", "m.emote", "org.example.odd", None, 7])
def test_every_kind_of_message_is_its_text(kind: object) -> None:
    read = _posted(_event({"msgtype": kind, "body": "hello"}))
    assert plain(read.body) == "hello"
    assert read.author.bot is (kind == "m.notice")
    manners = {"m.notice": Manner.NOTICE, "m.emote": Manner.EMOTE}
    assert read.manner is manners.get(str(kind), Manner.SAID)


@pytest.mark.parametrize("body", [None, 0, True, {}, ["x"], 1.5])
def test_a_body_that_is_no_text_is_unreadable(body: object) -> None:
    assert _read(_event({"msgtype": "m.text", "body": body})) == Unreadable("m.room.message: body")


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (_event({"body": ""}), "empty message"),
        (_event({"body": " \n"}), "empty message"),
        (_event({}, unsigned={"redacted_because": {}}), "redacted message"),
        (_event({}, type="m.room.encrypted"), "m.room.encrypted"),
        (_event({}, type="m.room.member", state_key=ADA), "m.room.member"),
        (_event({}, type="a secret in a type"), "unknown event type"),
        (_event({"body": "x"}, state_key=""), "unknown event type"),
    ],
)
def test_what_is_nothing_to_us_is_counted_by_its_type(event: object, kind: str) -> None:
    assert _read(event) == Ignored(kind)


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": None},
        {"event_id": ""},
        {"sender": 5},
        {"sender": "@a\x00:b"},
        {"origin_server_ts": None},
        {"origin_server_ts": True},
        {"origin_server_ts": 10**30},
        {"origin_server_ts": "yesterday"},
        {"content": "text"},
        {"type": None},
    ],
)
def test_what_is_malformed_is_a_value_without_content(change: dict[str, object]) -> None:
    read = _read({**_event({"body": "a secret"}), **change})
    assert isinstance(read, Unreadable)
    assert "secret" not in read.kind


@pytest.mark.parametrize(
    ("body", "carried"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\x07b", "a\x07b"),
        ("\u202eabc", "\u202eabc"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("x" * 1_000_000, "x" * 1_000_000),
    ],
)
def test_odd_characters_are_carried_safely(body: str, carried: str) -> None:
    answer = {
        "next_batch": "s",
        "rooms": {"join": {"!r": {"timeline": {"events": [_event({"body": body})]}}}},
    }
    sync = decode_answer(json.dumps(answer).encode(), Sync)
    (read,) = read_event(decode(sync.rooms.join["!r"].timeline.events[0]), PLACE)
    assert isinstance(read, MessagePosted)
    assert plain(read.body) == carried
    plain(read.body).encode()


def test_one_event_nested_too_deeply_spoils_no_other() -> None:
    deep = b'{"type":"m.room.message","content":{"body":' + b"[" * 5000 + b"]" * 5000 + b"}}"
    good = json.dumps(_event({"body": 'brackets ]]}} in \\" text'})).encode()
    content = b'{"next_batch":"s","rooms":{"join":{"!r":{"timeline":{"events":[%s,%s]}}}}}'
    sync = decode_answer(content % (deep, good), Sync)
    first, second = sync.rooms.join["!r"].timeline.events
    assert isinstance(read_event(decode(first), PLACE)[0], Unreadable)
    assert isinstance(read_event(decode(second), PLACE)[0], MessagePosted)


ANSWERS = {"m.in_reply_to": {"event_id": "$9"}}
THREAD = {"rel_type": "m.thread", "event_id": "$root"}


@pytest.mark.parametrize(
    ("relation", "thread", "reply_to"),
    [
        (ANSWERS, None, "$9"),
        (THREAD, "$root", None),
        ({**THREAD, **ANSWERS}, "$root", "$9"),
        ({**THREAD, **ANSWERS, "is_falling_back": False}, "$root", "$9"),
        ({**THREAD, **ANSWERS, "is_falling_back": True}, "$root", None),
        ({**ANSWERS, "is_falling_back": True}, None, "$9"),
        ({**THREAD, "rel_type": "io.element.thread"}, "$root", None),
        ({"rel_type": "m.thread"}, None, None),
        ({"rel_type": "m.thread", "event_id": 7}, None, None),
        ({"rel_type": "m.reference", "event_id": "$r"}, None, None),
        ({"rel_type": {"m.thread": 1}, "event_id": "$r"}, None, None),
        ({"rel_type": ["m.thread"], "event_id": "$r"}, None, None),
        ({"m.in_reply_to": "$9"}, None, None),
        ({"m.in_reply_to": {"event_id": ""}}, None, None),
        ("$9", None, None),
    ],
)
def test_threads_and_replies_name_what_they_answer(
    relation: object, thread: str | None, reply_to: str | None
) -> None:
    read = _posted(_event({"body": "x", "m.relates_to": relation}))
    assert (read.thread, read.reply_to) == (thread, reply_to)


def test_a_replys_fallback_is_removed_from_both_bodies() -> None:
    quoted = "> <@bob:example.org> before\n\nafter"
    html = "<mx-reply><blockquote>before</blockquote></mx-reply>after"
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html}
    for content in ({"body": quoted}, {"body": quoted, **formatted}):
        assert plain(_posted(_event({**content, "m.relates_to": ANSWERS})).body) == "after"
    assert plain(_posted(_event({"body": quoted})).body) == quoted


REPLACES = {"rel_type": "m.replace", "event_id": "$0"}


def _edit(new: object, **more: object) -> dict[str, Any]:
    return _event({"body": "* x", "m.new_content": new, "m.relates_to": REPLACES}, **more)


def _edited(event: object) -> MessageEdited:
    read = _read(event)
    assert isinstance(read, MessageEdited)
    return read


def test_an_edit_is_what_it_says_anew() -> None:
    read = _edited(_edit({"msgtype": "m.emote", "body": "waves"}))
    assert (read.room, read.message, plain(read.body)) == (ROOM, "$0", "waves")
    assert (read.manner, read.files, read.own) == (Manner.EMOTE, (), False)
    assert read.author == Author(person_id(ACCOUNT, ADA), "Ada L.", standing=Standing.MEMBER)


def test_edits_sort_by_their_time_and_then_by_their_id() -> None:
    times = [
        _edited(_edit({"body": "x"}, origin_server_ts=when, event_id=name)).version
        for when, name in ((9, "$z"), (10, "$a"), (10, "$b"), (1_700_000_000_000, "$0"))
    ]
    assert times == sorted(times)


def test_an_edit_by_somebody_else_is_theirs_and_ours_is_ours() -> None:
    eve = _edited(_edit({"body": "x"}, sender="@eve:example.org"))
    assert eve.author.person == person_id(ACCOUNT, "@eve:example.org")
    assert _edited(_edit({"body": "x"}, sender=BOT)).own


def test_an_edit_of_a_file_has_the_file() -> None:
    new = {"msgtype": "m.image", "body": "words", "filename": "a.png", "url": "mxc://a.b/c"}
    read = _edited(_edit(new))
    assert plain(read.body) == "words"
    assert [file.name for file in read.files or ()] == ["a.png"]


@pytest.mark.parametrize("new", [None, "x", {}, {"body": 5}, {"msgtype": "m.text"}])
def test_an_edit_without_new_words_is_unreadable(new: object) -> None:
    assert isinstance(_read(_edit(new)), Unreadable)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"org.matrix.msc1767.text": "words"}, "words"),
        ({"m.text": [{"body": "words"}]}, "words"),
        ({"m.text": [{"mimetype": "text/html", "body": "<b>"}, {"body": "words"}]}, "words"),
        ({"org.matrix.msc1767.message": [{"mimetype": "text/plain", "body": "words"}]}, "words"),
    ],
)
def test_extensible_text_stands_in_for_a_body(content: dict[str, Any], text: str) -> None:
    for kind in ("m.room.message", "m.message"):
        assert plain(_posted(_event(content, type=kind)).body) == text


def test_a_call_to_everybody_pings_only_by_those_who_may() -> None:
    content = {"body": "@room come", "m.mentions": {"room": True}}
    may = replace(PLACE, may_ping=lambda user: user == ADA)
    assert _pings(_posted(_event(content), may)) == [True]
    assert _pings(_posted(_event(content, sender="@eve:example.org"), may)) == [False]
    assert _pings(_posted(_event(content))) == [False]
    assert _pings(_posted(_event({"body": "@room come"}), may)) == [False]
    assert _pings(_posted(_event({"body": "@room come", "m.mentions": {}}), may)) == []
    edit = _read(_edit(content), may)
    assert isinstance(edit, MessageEdited)
    assert _pings(edit) == [True]


def _pings(event: MessagePosted | MessageEdited) -> list[bool]:
    block = event.body.blocks[0]
    assert isinstance(block, Paragraph)
    return [leaf.ping for leaf in block.content if isinstance(leaf, Everyone)]


def test_our_own_messages_name_their_delivery_and_nobody_elses_do() -> None:
    content = {"body": "x", "org.liaison.delivery": "d" + "1" * 26}
    assert _posted(_event(content, sender=BOT)).own == "d" + "1" * 26
    assert _posted(_event({"body": "x"}, sender=BOT)).own == ""
    assert _posted(_event({"body": "x", "org.liaison.delivery": "<!>"}, sender=BOT)).own == ""
    assert _posted(_event(content)).own is None


def test_a_person_without_a_known_name_has_that_of_the_account() -> None:
    assert _posted(_event({"body": "x"}, sender="@bob:example.org")).author.name == "bob"


def test_only_the_two_of_a_direct_room_are_heard_there() -> None:
    assert _posted(_event({"body": "x"}), DIRECT).direct
    read = _read(_event({"body": "x"}, sender="@eve:example.org"), DIRECT)
    assert read == Ignored("a third person in a direct room")


PILL = f'<a href="https://matrix.to/#/{BOT}">Liaison</a>'
CALLED = {"m.mentions": {"user_ids": [BOT]}}


@pytest.mark.parametrize(
    ("content", "before", "after"),
    [
        ({"body": "Liaison: ping", **CALLED}, "", ": ping"),
        ({"body": "Liaison: ping"}, "", ": ping"),
        ({"body": "@liaison ping"}, "", " ping"),
        ({"body": f"{BOT} ping"}, "", " ping"),
        ({"body": "ask liaison about it", **CALLED}, "ask ", " about it"),
        (
            {
                "body": "ask Liaison about it",
                "format": "org.matrix.custom.html",
                "formatted_body": f"ask {PILL} about it",
            },
            "ask ",
            " about it",
        ),
    ],
)
def test_the_bot_is_mentioned_where_it_stands(
    content: dict[str, Any], before: str, after: str
) -> None:
    read = _posted(_event(content))
    assert read.mentions_bot
    block = read.body.blocks[0]
    assert isinstance(block, Paragraph)
    nodes = block.content
    at = next(n for n, node in enumerate(nodes) if isinstance(node, Mention))
    assert nodes[at].person == person_id(ACCOUNT, BOT)  # type: ignore[union-attr]  # found so
    assert "".join(getattr(node, "text", "\n") for node in nodes[:at]) == before
    assert "".join(getattr(node, "text", "\n") for node in nodes[at + 1 :]) == after


@pytest.mark.parametrize(
    "content",
    [
        {"body": "Liaison is down"},
        {"body": "@liaisons ping"},
        {"body": "@liaison:elsewhere.example ping"},
        {"body": "ask liaison"},
        # a client that answers one of our messages mentions us of itself
        {"body": "I agree", "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}, **CALLED},
        {
            "body": f"> <{BOT}> Grace: hello\n\nI agree",
            "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}},
            **CALLED,
        },
    ],
)
def test_the_bot_is_not_mentioned_by_the_way(content: dict[str, Any]) -> None:
    assert not _posted(_event(content)).mentions_bot


def test_the_quotation_before_a_reply_is_taken_off() -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}
    body = "> <@bob:example.org> first\n> second\n\nanswer\n> not a quotation"
    assert plain(_posted(_event({"body": body, **relation})).body) == "answer\n> not a quotation"
    assert plain(_posted(_event({"body": body})).body) == body
