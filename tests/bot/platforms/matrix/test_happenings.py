from __future__ import annotations

from typing import Any

import pytest

from bot.events import (
    Author,
    Event,
    Ignored,
    MessageDeleted,
    MessagePosted,
    Moved,
    Pinned,
    Reacted,
    RosterChanged,
    Standing,
    TopicChanged,
    Unreadable,
    person_id,
)
from bot.platforms.matrix.envelope import RoomEvent
from bot.platforms.matrix.inbound import read_event
from bot.richtext import plain
from tests.bot.platforms.matrix.house import ACCOUNT
from tests.bot.platforms.matrix.test_inbound import ADA, BOT, DIRECT, PLACE, ROOM, _event, _read

AUTHOR = Author(person_id(ACCOUNT, ADA), "Ada L.", standing=Standing.MEMBER)


def _reaction(key: object, **more: object) -> dict[str, Any]:
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": key}
    return _event({"m.relates_to": relation, **more}, type="m.reaction")


@pytest.mark.parametrize(
    ("key", "more", "emoji"),
    [
        ("👍", {}, "👍"),
        ("❤️", {}, "❤"),
        ("👍🏽", {}, "👍🏽"),
        ("👩\u200d💻", {}, "👩\u200d💻"),
        ("agreed", {}, "agreed"),
        ("mxc://a.b/c", {"shortcode": "party_parrot"}, ":party_parrot:"),
        ("mxc://a.b/c", {"com.beeper.reaction.shortcode": ":party:"}, ":party:"),
    ],
)
def test_a_reaction_is_its_emoji(key: str, more: dict[str, object], emoji: str) -> None:
    read = _read(_reaction(key, **more))
    assert isinstance(read, Reacted)
    assert (read.room, read.message, read.emoji, read.added) == (ROOM, "$m", emoji, True)
    assert (read.reaction, read.author, read.own) == ("$1", AUTHOR, False)


@pytest.mark.parametrize(
    ("event", "read"),
    [
        (_reaction(5), Unreadable("m.reaction: key")),
        (_reaction("mxc://a.b/c"), Ignored("reaction without a name")),
        (_reaction(""), Ignored("reaction without a name")),
        (_event({}, type="m.reaction"), Unreadable("m.reaction: m.relates_to")),
        (_event([], type="m.reaction"), Unreadable("m.reaction: m.relates_to")),
        (
            _event({}, type="m.reaction", unsigned={"redacted_because": {}}),
            Ignored("redacted reaction"),
        ),
    ],
)
def test_what_is_no_reaction_is_a_value(event: object, read: Event) -> None:
    assert _read(event) == read


def test_a_redaction_names_what_it_takes_back_where_the_rooms_version_has_it() -> None:
    for where in ({"content": {"redacts": "$m"}}, {"content": {}, "redacts": "$m"}):
        read = _read({**_event({}, type="m.room.redaction"), **where})
        assert isinstance(read, MessageDeleted)
        assert (read.message, read.by, read.own) == ("$m", AUTHOR.person, False)
    assert isinstance(_read(_event({}, type="m.room.redaction")), Unreadable)


def test_a_redaction_that_names_two_events_takes_back_neither() -> None:
    event = _event({"redacts": "$theirs"}, type="m.room.redaction", redacts="$mine")
    assert isinstance(_read(event), Unreadable)


def _state(kind: str, content: object, before: object = None, key: str = "") -> dict[str, Any]:
    unsigned = {} if before is None else {"prev_content": before}
    return _event(content, type=kind, state_key=key, unsigned=unsigned)


@pytest.mark.parametrize(
    ("content", "topic"),
    [
        ({"topic": "two\nlines"}, "two\nlines"),
        ({"topic": ""}, ""),
        ({}, ""),
        ({"topic": 5, "m.topic": {"m.text": [{"body": "new"}]}}, "new"),
    ],
)
def test_a_topic_is_told_where_it_changed(content: dict[str, object], topic: str) -> None:
    read = _read(_state("m.room.topic", content, {"topic": "old"}))
    assert isinstance(read, TopicChanged)
    assert (read.topic, read.event, read.author, read.own) == (topic, "$1", AUTHOR, False)
    again = _state("m.room.topic", content, {"topic": topic})
    assert _read(again) == Ignored("topic as before")


def _pins(content: object, unsigned: object) -> list[tuple[str, bool]]:
    event = RoomEvent("m.room.pinned_events", "$1", ADA, 1, content, "", unsigned)
    read = read_event(event, PLACE)
    if read == (Ignored("pins as before"),) or read == (Ignored("pins without those before"),):
        return []
    assert all(isinstance(one, Pinned) and one.event == "$1" for one in read)
    return [(one.message, one.pinned) for one in read if isinstance(one, Pinned)]


def test_pins_are_what_changed() -> None:
    before = {"prev_content": {"pinned": ["$a", "$b"]}}
    assert _pins({"pinned": ["$b", "$c", 5]}, before) == [("$a", False), ("$c", True)]
    assert _pins({}, before) == [("$a", False), ("$b", False)]
    assert _pins({"pinned": ["$a"]}, {}) == [("$a", True)]
    assert _pins({"pinned": ["$b", "$a"]}, before) == []
    assert _pins({"pinned": ["$b"]}, {"replaces_state": "$0"}) == []


@pytest.mark.parametrize(
    ("membership", "before", "joined"),
    [
        ("join", None, True),
        ("join", "invite", True),
        ("join", "leave", True),
        ("leave", "join", False),
        ("ban", "join", False),
        ("join", "join", None),
        ("knock", "leave", None),
    ],
)
def test_who_comes_and_goes_is_told_and_a_new_name_is_not(
    membership: str, before: str | None, joined: bool | None
) -> None:
    prior = None if before is None else {"membership": before, "displayname": "Bob"}
    content = {"membership": membership, "displayname": "Bob"}
    read = _read(_state("m.room.member", content, prior, "@bob:example.org"))
    if joined is None:
        assert read == Ignored("m.room.member")
        return
    assert isinstance(read, Moved)
    assert (read.joined, read.event) == (joined, "$1")
    bob = person_id(ACCOUNT, "@bob:example.org")
    assert read.author == Author(bob, "Bob", standing=Standing.MEMBER)


def test_the_bots_own_coming_is_no_move() -> None:
    read = _read(_state("m.room.member", {"membership": "join"}, None, BOT))
    assert read == RosterChanged(ROOM)


def test_state_of_a_direct_room_is_nothing() -> None:
    for event in (
        _state("m.room.topic", {"topic": "x"}),
        _state("m.room.pinned_events", {"pinned": ["$a"]}),
        _state("m.room.member", {"membership": "join"}, None, ADA),
    ):
        assert isinstance(_read(event, DIRECT), Ignored)


ANSWERS = [{"id": "1", "org.matrix.msc1767.text": "Yes"}, {"m.text": [{"body": "No"}]}, 5, {}]


@pytest.mark.parametrize(
    ("kind", "key", "question"),
    [
        ("m.poll.start", "m.poll", {"m.text": [{"body": "Now?"}]}),
        ("org.matrix.msc3381.poll.start", None, {"org.matrix.msc1767.text": "Now?"}),
        ("org.matrix.msc3381.poll.start", None, {"body": "Now?"}),
    ],
)
def test_a_poll_is_its_question_and_its_answers(
    kind: str, key: str | None, question: dict[str, object]
) -> None:
    read = _read(_event({key or kind: {"question": question, "answers": ANSWERS}}, type=kind))
    assert isinstance(read, MessagePosted)
    assert plain(read.body) == "📊 Now?\n\n1. Yes\n2. No"


@pytest.mark.parametrize("poll", [None, {}, {"question": 5}, {"question": {"body": " "}}])
def test_a_poll_that_asks_nothing_is_unreadable(poll: object) -> None:
    read = _read(_event({"m.poll": poll}, type="m.poll.start"))
    assert read == Unreadable("m.poll.start: question")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"body": "Here", "geo_uri": "geo:51.5,-0.1;u=35"}, "Here\ngeo:51.5,-0.1;u=35"),
        ({"body": "at geo:51.5,-0.1", "geo_uri": "geo:51.5,-0.1;u=35"}, "at geo:51.5,-0.1"),
        ({"org.matrix.msc3488.location": {"uri": "geo:1,2", "description": "D"}}, "D\ngeo:1,2"),
        ({"body": "Here"}, "Here"),
    ],
)
def test_a_place_is_text(content: dict[str, object], text: str) -> None:
    read = _read(_event({"msgtype": "m.location", **content}))
    assert isinstance(read, MessagePosted)
    assert plain(read.body) == text


def test_a_place_that_is_nowhere_is_unreadable() -> None:
    assert isinstance(_read(_event({"msgtype": "m.location"})), Unreadable)
