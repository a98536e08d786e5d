"""Controls as buttons, and presses as what they stand for."""

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
    Answer,
    CommandTyped,
    Control,
    Delivery,
    DeliveryId,
    Edit,
    Ignored,
    Look,
    MessageId,
    PersonId,
    Post,
    RoomId,
    Unreadable,
)
from bot.platforms.slack import buttons, inbound
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.outbound import Call, Respond, request_of
from bot.richtext import say

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = DeliveryId("d" + "b" * 26)
US = Ourselves(AccountId("slack:alpha"), "UBOT", "B1", workspace="T1")
ROOM = RoomId("slack:alpha/C1")
ADA = PersonId("slack:alpha/U1")
YES = Control("Confirm", "confirm", "✅", Look.PRIMARY)
NO = Control("Refuse", "refuse w-7kq2", "❌", Look.DANGER)
WATCH = Control("Watch", "watch 198.51.100[.]7", "👀")


def request(content: Any) -> Call | Respond:
    return request_of(Delivery(ID, ROOM, content), NOW)


def pressed(**fields: Any) -> dict[str, Any]:
    """A press as Slack tells of it (reference/interaction-payloads/block_actions-payload)."""
    made = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "ada", "name": "ada", "team_id": "T1"},
        "api_app_id": "A1",
        "token": "x",
        "container": {
            "type": "message", "message_ts": "1700000000.000100", "channel_id": "C1",
            "is_ephemeral": True,
        },
        "trigger_id": "1.2.3",
        "channel": {"id": "C1", "name": "general"},
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [
            {
                "type": "button", "block_id": f"press-0-{ID}", "action_id": "press-0",
                "text": {"type": "plain_text", "text": "Confirm", "emoji": False},
                "value": "confirm", "style": "primary", "action_ts": "1700000001.123456",
            }
        ],
    }  # fmt: skip
    return made | fields


def action(**fields: Any) -> dict[str, Any]:
    (made,) = pressed()["actions"]
    return pressed(actions=[made | fields])


def read(payload: object) -> Any:
    return inbound.event_of(payload, US, Lookups(), NOW)


@pytest.mark.parametrize(
    "content",
    [
        Post(say("x"), controls=(YES, NO)),
        Answer(ADA, say("x"), controls=(YES, NO)),
        Answer(ADA, say("x"), "https://hooks.slack.com/x#1767225600", controls=(YES, NO)),
        Edit(say("x"), message=MessageId("17.1"), made=ID, controls=(YES, NO)),
    ],
)
def test_controls_are_buttons_below_the_block_that_names_the_delivery(content: Any) -> None:
    made = request(content)
    blocks = made.body["blocks"] if isinstance(made, Respond) else made.parameters["blocks"]
    assert blocks[0]["block_id"] == ID
    (row,) = blocks[1:]
    assert row["type"] == "actions"
    assert [(each["value"], each.get("style")) for each in row["elements"]] == [
        ("confirm", "primary"),
        ("refuse w-7kq2", "danger"),
    ]


def test_five_buttons_make_a_row_and_no_two_are_named_alike() -> None:
    controls = [Control(str(number), f"show {number}", "👀") for number in range(40)]
    rows = buttons.rows(controls, ID)
    assert [len(each["elements"]) for each in rows] == [5, 5, 5, 5, 5]
    names = [each["block_id"] for each in rows]
    names += [each["action_id"] for row in rows for each in row["elements"]]
    assert len({*names}) == len(names) == 30


def test_a_call_that_is_too_long_has_no_button() -> None:
    assert buttons.rows([Control("x", "note " + "x" * 2000, "👀")], ID) == []


def test_an_answer_to_what_was_used_up_takes_its_place() -> None:
    made = request(Answer(ADA, say("x"), "https://hooks.slack.com/x#1767225600", replaces=True))
    assert isinstance(made, Respond)
    assert made.body["replace_original"] is True


def test_pressing_is_typing_what_the_button_stands_for() -> None:
    event = read(pressed())
    assert isinstance(event, CommandTyped)
    assert (event.room, event.author.person, event.text) == (ROOM, ADA, "confirm")
    assert (event.answers, event.pressed, event.thread) == ("1700000000.000100", ID, None)
    assert event.reply == "https://hooks.slack.com/actions/T1/1/x#1767225600"
    assert not event.direct
    threaded = read(pressed(message={"ts": "1700000000.000100", "thread_ts": "1690000000.000100"}))
    assert threaded.thread == "1690000000.000100"
    assert read(pressed(channel={"id": "D1", "name": "directmessage"})).direct


def test_the_same_press_is_known_and_another_one_is_another() -> None:
    assert read(pressed()).call == read(pressed(trigger_id="another")).call
    others = [
        action(action_ts="1700000002.000000"), action(action_id="press-1"),
        pressed(user={"id": "U2", "name": "ben"}),
    ]  # fmt: skip
    assert read(pressed()).call not in {read(each).call for each in others}


@pytest.mark.parametrize(
    "payload",
    [
        action(block_id="theirs"), action(action_id="theirs"), action(block_id=f"press-0-{ID}x"),
        pressed(actions=[{"type": "static_select", "action_id": "x", "block_id": "y"}]),
    ],
)  # fmt: skip
def test_what_is_no_button_of_ours_is_nothing_to_us(payload: object) -> None:
    assert read(payload) == Ignored("block_actions.other")


@pytest.mark.parametrize(
    "payload",
    [
        pressed(actions=[]), pressed(actions=7), pressed(channel=None), pressed(user={"id": 7}),
        pressed(channel={"id": "a/b"}), pressed(container={"message_ts": "x"}),
        action(value=" "), action(value="x" * 2001), action(action_ts="1" * 200),
        {"type": "block_actions"},
    ],
)  # fmt: skip
def test_what_is_malformed_is_a_value(payload: object) -> None:
    assert isinstance(read(payload), Unreadable)


@given(
    st.dictionaries(
        st.sampled_from(["user", "channel", "container", "actions", "message", "response_url"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["id", "type", "value", "message_ts"]), inner)
            ),
        ),
    )
)
def test_any_press_gives_a_value(fields: dict[str, Any]) -> None:
    assert isinstance(read(pressed(**fields)), CommandTyped | Ignored | Unreadable)


PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "slack" / "interactivity"


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published payloads are not beside the project"
)
def test_the_published_payload_has_every_field_that_is_read() -> None:
    published = json.loads((PUBLISHED / "BlockActionPayload.json").read_text())
    ours = pressed()
    assert ours.keys() - published.keys() == set()
    assert ours["container"].keys() - published["container"].keys() == set()
    assert ours["user"].keys() - published["user"].keys() == set()
    assert ours["actions"][0].keys() - published["actions"][0].keys() == set()
