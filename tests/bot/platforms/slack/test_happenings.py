"""What people do beside talking."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events import (
    Ignored,
    Manner,
    MessagePosted,
    Moved,
    Pinned,
    Reacted,
    TopicChanged,
    Unreadable,
)
from bot.platforms.slack import inbound
from tests.bot.platforms.slack.said import FIRST, LATER, message, read

ITEM = {"type": "message", "channel": "C1", "ts": FIRST}


def reaction(name: Any, kind: str = "reaction_added", **fields: Any) -> Any:
    return read({"type": kind, "user": "U2", "reaction": name, "item": ITEM, "item_user": "U1",
                 "event_ts": LATER, **fields})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("+1", "👍"),
        ("thumbsup", "👍"),
        ("+1::skin-tone-5", "👍🏾"),
        ("wave::skin-tone-2", "👋🏻"),
        ("white_check_mark", "✅"),
        ("heart", "❤"),  # without its variation selector
        ("warning", "⚠"),
        ("flag-de", "🇩🇪"),
        ("parrot_party", ":parrot_party:"),
        ("тест", ":тест:"),
    ],
)
def test_a_reaction_is_its_emoji_or_the_name_of_ones_own(name: str, emoji: str) -> None:
    event = reaction(name)
    assert isinstance(event, Reacted)
    assert (event.emoji, event.added, event.own) == (emoji, True, False)
    assert (event.room, event.message, event.author.name) == ("slack:alpha/C1", FIRST, "Ben")
    assert event.said.timestamp() == pytest.approx(1700000060.0002)


def test_a_removed_reaction_and_our_own_are_told_apart() -> None:
    assert not reaction("+1", "reaction_removed").added
    assert reaction("+1", user="UBOT").own


def test_a_reaction_to_a_file_is_none_to_a_message() -> None:
    assert reaction("+1", item={"type": "file", "file": "F1"}) == Ignored("reaction_added")


@pytest.mark.parametrize(
    "fields",
    [{"reaction": None}, {"reaction": "a b"}, {"reaction": ""}, {"user": 7},
     {"item": {**ITEM, "ts": 1}}, {"item": {**ITEM, "channel": None}}],
)  # fmt: skip
def test_a_malformed_reaction_is_a_value(fields: dict[str, Any]) -> None:
    assert reaction("+1", **fields) == Unreadable("reaction_added")


def pin(kind: str = "pin_added", **fields: Any) -> Any:
    item = {"type": "message", "channel": "C1", "message": message()}
    return read({"type": kind, "user": "U2", "channel_id": "C1", "item": item, "event_ts": LATER,
                 **fields})  # fmt: skip


def test_a_pin_names_the_message_and_who_did_it() -> None:
    event = pin()
    assert isinstance(event, Pinned)
    assert (event.room, event.message, event.pinned) == ("slack:alpha/C1", FIRST, True)
    assert (event.author.name, event.own) == ("Ben", False)
    assert not pin("pin_removed").pinned
    assert pin("pin_removed").event != event.event
    assert pin(user="UBOT").own
    assert pin(item={"type": "file"}) == Ignored("pin_added")
    assert pin(item=7) == Unreadable("pin_added")


@pytest.mark.parametrize("subtype", ["channel_topic", "group_topic"])
def test_a_topic_is_read_as_it_was_typed(subtype: str) -> None:
    topic = "a &amp; b\n<https://x.example|x.example> <@U2>"
    event = read(message(channel="C1", subtype=subtype, topic=topic, text="set the topic"))
    assert isinstance(event, TopicChanged)
    assert event.topic == "a & b\nx.example @Ben"
    assert (event.event, event.author.name, event.purpose, event.own) == (
        FIRST,
        "Ada",
        False,
        False,
    )


def test_a_topic_that_was_cleared_is_empty_and_a_purpose_is_told_apart() -> None:
    cleared = read(message(channel="C1", subtype="channel_topic", topic="", user="UBOT"))
    assert isinstance(cleared, TopicChanged)
    assert (cleared.topic, cleared.own) == ("", True)
    purpose = read(message(channel="C1", subtype="channel_purpose", purpose="to help"))
    assert isinstance(purpose, TopicChanged)
    assert (purpose.topic, purpose.purpose) == ("to help", True)
    assert isinstance(read(message(channel="C1", subtype="channel_topic")), Unreadable)


def test_joins_and_leaves_are_told_once_and_not_the_bots_own() -> None:
    joined = read(message(channel="C1", subtype="channel_join", inviter="U2"))
    assert isinstance(joined, Moved)
    assert (joined.author.name, joined.joined, joined.event) == ("Ada", True, FIRST)
    left = read(message(channel="C1", subtype="group_leave"))
    assert isinstance(left, Moved)
    assert not left.joined
    own = read(message(channel="C1", subtype="channel_join", user="UBOT"))
    assert own == Ignored("message.channel_join")
    for kind in ("member_joined_channel", "member_left_channel"):
        assert read({"type": kind, "user": "U1", "channel": "C1"}) == Ignored(kind)


def test_what_happens_to_a_room_itself_is_counted_and_noted() -> None:
    for kind in inbound.ROOM_EVENTS:
        payload: Any = {"type": "event_callback", "event": {"type": kind, "channel": "C1"}}
        assert read(payload["event"]) == Ignored(kind)
        assert inbound.room_event(payload) == (kind, None)
        assert inbound.room_in(payload) == "C1"
    assert inbound.room_event({"type": "event_callback", "event": {"type": "message"}}) is None
    converted = {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "G1"}
    payload = {"type": "event_callback", "event": converted}
    assert inbound.room_event(payload) == ("channel_id_changed", "G1")
    assert inbound.room_in(payload) == "C1"
    renamed = {"event": {"type": "channel_rename", "channel": {"id": "C1", "name": "x"}}}
    assert inbound.room_in(renamed) == "C1"


def test_me_messages_are_emotes_and_those_of_bots_notices() -> None:
    cases: list[tuple[dict[str, Any], Manner]] = [
        ({}, Manner.SAID),
        ({"subtype": "me_message"}, Manner.EMOTE),
        ({"subtype": "bot_message", "bot_id": "B1", "username": "build"}, Manner.NOTICE),
        ({"bot_id": "B1", "bot_profile": {"name": "Jira"}}, Manner.NOTICE),
        ({"bot_id": "B1", "subtype": "me_message"}, Manner.EMOTE),
    ]
    for fields, manner in cases:
        event = read(message(channel="C1", **fields))
        assert isinstance(event, MessagePosted)
        assert event.manner is manner


def test_what_is_also_sent_to_the_channel_is_a_broadcast() -> None:
    root = "1600000000.000001"
    event = read(message(channel="C1", subtype="thread_broadcast", thread_ts=root, root={}))
    assert isinstance(event, MessagePosted)
    assert (event.broadcast, event.thread) == (True, root)
