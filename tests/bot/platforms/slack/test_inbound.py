"""Slack's payloads as events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import (
    AccountId,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    Ignored,
    MessagePosted,
    PersonId,
    Standing,
    Undeliverable,
    Unreadable,
)
from bot.platforms.slack import inbound, people
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.said import TOO_LONG, author_of
from bot.richtext import plain

US = Ourselves(AccountId("slack:alpha"), "UBOT", "BBOT", prefix="x")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DELIVERY = "d" + "a" * 26
METADATA = {"event_type": "liaison_delivery", "event_payload": {"id": DELIVERY}}
KINDS = Event


def names(user: str) -> str | None:
    return {"U1": "Ada"}.get(user)


def read(payload: object) -> object:
    return inbound.event_of(payload, US, Lookups(people=names), NOW)


def message(**fields: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "text": "hi",
        "ts": "1700000000.000100",
    }
    return {"type": "event_callback", "event": {**event, **fields}}


def posted(**fields: Any) -> MessagePosted:
    event = read(message(**fields))
    assert isinstance(event, MessagePosted), event
    return event


def test_a_message_has_its_place_author_time_and_text() -> None:
    event = posted()
    assert event.room == "slack:alpha/C1"
    assert event.message == "1700000000.000100"
    assert event.author == Author(PersonId("slack:alpha/U1"), "Ada")
    assert event.said == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
    assert plain(event.body) == "hi"
    assert (event.thread, event.own, event.direct, event.mentions_bot) == (None, None, False, False)


@pytest.mark.parametrize("subtype", ["bot_message", "thread_broadcast", "file_share", "me_message"])
def test_these_subtypes_are_messages(subtype: str) -> None:
    assert plain(posted(subtype=subtype).body) == "hi"


@pytest.mark.parametrize(
    "subtype",
    ["message_replied", "huddle_thread", "bot_add", "ekm_access_denied", "channel_archive",
     "pinned_item", "channel_name", "sh_room_created", "assistant_app_thread"],
)  # fmt: skip
def test_other_subtypes_are_counted_by_name(subtype: str) -> None:
    assert read(message(subtype=subtype)) == Ignored(f"message.{subtype}")


def test_a_reply_names_its_root_and_a_root_no_thread() -> None:
    assert posted(thread_ts="1600000000.000001").thread == "1600000000.000001"
    assert posted(thread_ts="1700000000.000100").thread is None


def test_a_direct_message_is_direct() -> None:
    assert posted(channel="D1", channel_type="im").direct


def test_a_mention_of_the_bot_is_noticed_and_its_second_event_is_not() -> None:
    assert posted(text="<@UBOT> ping").mentions_bot
    mention = {"type": "event_callback", "event": {"type": "app_mention", "text": "<@UBOT> ping"}}
    assert read(mention) == Ignored("app_mention")


@pytest.mark.parametrize(
    ("fields", "name", "bot"),
    [
        ({"user": "U9"}, "U9", False),
        ({"user": "U9", "user_profile": {"display_name": "Zoe"}}, "Zoe", False),
        (
            {"user": "U9", "user_profile": {"display_name": "", "real_name": "Zoe Q"}},
            "Zoe Q",
            False,
        ),
        ({"user": None, "bot_id": "B1", "username": "build"}, "build", True),
        ({"user": "U9", "bot_id": "B1", "bot_profile": {"name": "Jira"}}, "Jira", True),
        ({"user": None, "bot_id": "B1"}, "B1", True),
        ({"username": "   "}, "Ada", False),
    ],
)
def test_the_authors_name_is_what_slack_shows(fields: dict[str, Any], name: str, bot: bool) -> None:
    author = posted(**fields).author
    assert (author.name, author.bot) == (name, bot)


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        ({"bot_id": "BBOT", "metadata": METADATA}, DELIVERY),
        ({"bot_id": "BBOT", "blocks": [{"block_id": DELIVERY}]}, DELIVERY),
        ({"bot_id": "BBOT"}, ""),
        ({"user": "UBOT"}, ""),
        ({"bot_id": "BBOT", "blocks": [{"block_id": "x"}]}, ""),
        ({"metadata": METADATA}, ""),
        ({"blocks": [{"block_id": DELIVERY}]}, None),
        ({"bot_id": "B1"}, None),
    ],
)  # fmt: skip
def test_only_our_own_messages_name_a_delivery(fields: dict[str, Any], own: str | None) -> None:
    assert posted(**fields).own == (None if own is None else DeliveryId(own))


def test_text_is_taken_from_blocks_or_attachments_where_there_is_none() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "in a block"}}]
    assert plain(posted(text="", blocks=blocks).body) == "in a block"
    attachments = [{"title": "T", "text": "x"}, {"fallback": "f"}, 7]
    shown = plain(posted(text="", attachments=attachments).body)
    assert all(word in shown for word in "Txf")
    assert read(message(text="")) == Ignored("message.empty")


def test_a_text_too_long_is_refused_with_a_word_to_its_sender() -> None:
    event = read(message(text="x" * 1_000_000))
    assert isinstance(event, Undeliverable)
    assert event.reason == TOO_LONG


@pytest.mark.parametrize(
    "payload",
    [None, 7, [], "x", {}, {"type": 7}, {"type": "event_callback"},
     {"type": "event_callback", "event": 7},
     message(ts="x"), message(ts=7), message(channel=None), message(channel="a/b\n"),
     message(user=None),
     message(subtype=7), message(ts="9" * 12 + ".1"), {"command": "/ioc"}],
)  # fmt: skip
def test_what_is_malformed_is_a_value(payload: object) -> None:
    assert isinstance(read(payload), Unreadable)


def test_unknown_types_are_counted_by_name_only() -> None:
    assert read({"type": "event_callback", "event": {"type": "sunrise"}}) == Ignored("sunrise")
    assert read({"type": "block_suggestion"}) == Ignored("block_suggestion")
    assert read({"type": "<secret text>"}) == Ignored("unnamed")


def command(name: str, text: str = "", **fields: Any) -> CommandTyped:
    payload = {"command": name, "text": text, "channel_id": "C1", "user_id": "U1",
               "trigger_id": "t1",
               "response_url": "https://hooks.example/x", "user_name": "ada", **fields}  # fmt: skip
    event = read(payload)
    assert isinstance(event, CommandTyped)
    return event


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("/xioc", "198.51.100[.]7", "ioc 198.51.100[.]7"),
        ("/ioc", "", "ioc"),
        ("/xliaison", "ioc  a  b", "ioc  a  b"),
        ("/liaison", "ping", "ping"),
        ("/liaison", "", "help"),
        ("/xioc", "<https://bad.example|bad.example> &lt;x&gt;", "ioc bad.example <x>"),
    ],
)
def test_a_command_is_what_stands_after_the_slash(name: str, text: str, expected: str) -> None:
    event = command(name, text)
    assert event.text == expected
    assert (event.room, event.call, event.said) == ("slack:alpha/C1", "t1", NOW)
    assert event.reply == f"https://hooks.example/x#{int(NOW.timestamp())}"


def test_a_command_without_a_response_address_has_no_handle() -> None:
    assert command("/ioc", response_url=None).reply is None


def test_what_is_to_be_looked_up_are_the_author_and_what_is_mentioned() -> None:
    found = people.named_in(message(text="<@U2> <@U1> <@U2> <#C7|> <#C8|known> <!subteam^S1>"))
    assert found == people.Named(("U1", "U2"), ("C7",), ("S1",))
    assert people.named_in(message(username="bot", text="")) == people.Named()
    assert people.named_in({"user_id": "U3", "command": "/x"}).people == ("U3",)
    assert people.named_in({"user": "U4", "reactions": [{"users": ["U5"]}]}).people == ("U4", "U5")
    assert people.named_in(7) == people.Named()


def test_a_changed_name_is_noticed() -> None:
    user = {"id": "U1", "profile": {"display_name": "Ada L"}}
    told = people.changed({"event": {"type": "user_change", "user": user}}, "T1")
    assert told == ("U1", people.Person("Ada L"))
    assert people.changed({"event": {"type": "user_change", "user": 7}}, "T1") is None


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Standing.GUEST),
        ({"team_id": "T2"}, Standing.FOREIGN),
        ({"team_id": "T2", "is_bot": True}, Standing.FOREIGN),
        ({"is_stranger": True}, Standing.FOREIGN),
        ({"team_id": "E1", "enterprise_user": {"teams": ["T2", "T1"]}}, Standing.MEMBER),
        ({"team_id": "E1", "enterprise_user": {"teams": ["T2"]}}, Standing.FOREIGN),
        ({"is_bot": True}, Standing.APP),
        ({"id": "USLACKBOT"}, Standing.APP),
        ({"is_restricted": None}, Standing.UNKNOWN),
        ({"is_bot": "no"}, Standing.UNKNOWN),
        ({"team_id": None}, Standing.UNKNOWN),
    ],
)
def test_what_a_person_is_in_the_workspace(user: dict[str, Any], standing: Standing) -> None:
    full = {"id": "U1", "team_id": "T1", "is_bot": False, "is_restricted": False, **user}
    assert people.standing_of(full, "T1") is standing
    assert people.standing_of(full, "") is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, Standing.UNKNOWN),
        ({"bot_profile": {"team_id": "T1"}}, Standing.APP),
        ({"bot_profile": {"team_id": "T2"}}, Standing.FOREIGN),
        ({"user": "U1", "bot_profile": {"team_id": "T2"}}, Standing.GUEST),
        ({"user": "U2", "bot_profile": {"team_id": "T1"}}, Standing.APP),
    ],
)
def test_an_author_has_the_standing_of_their_account_or_app(
    more: dict[str, Any], standing: Standing
) -> None:
    us = Ourselves(US.account, "UBOT", "BBOT", workspace="T1")
    known = {"U1": Standing.GUEST}
    lookups = Lookups(standing=lambda user: known.get(user, Standing.UNKNOWN))
    author = author_of({"bot_id": "B7", **more}, us, lookups)
    assert author is not None
    assert author.standing is standing


KEYS = [
    "type", "event", "text", "ts", "user", "channel", "subtype", "blocks", "metadata", "event_type",
    "event_payload", "id", "bot_id", "bot_profile", "user_profile", "attachments", "thread_ts",
    "command", "elements", "x",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(
        ["message", "event_callback", "C1", "U1", "1700000000.000100", "bot_message", "<@U1>"]
    ),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=30,
)  # fmt: skip


@given(VALUES)
def test_any_json_gives_a_value(payload: Any) -> None:
    assert isinstance(read(payload), KINDS)
    assert isinstance(read(message(**payload) if isinstance(payload, dict) else payload), KINDS)
    people.named_in(payload)
    people.introduced(payload)
    people.room_renamed(payload)
    people.changed(payload, "T1")
    inbound.room_in(payload)


PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "slack"


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published payloads are not beside the project"
)
def test_every_published_payload_gives_a_value() -> None:
    files = [*PUBLISHED.glob("events/*.json"), *PUBLISHED.glob("interactivity/*.json")]
    assert len(files) > 50
    for file in files:
        assert isinstance(read(json.loads(file.read_text())), KINDS), file.name
