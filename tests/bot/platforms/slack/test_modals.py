"""Message shortcuts and their forms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import AccountId, CommandTyped, FormFilled, Ignored, MessageId, RoomId, Unreadable
from bot.forms import Field, Form, Kind
from bot.platforms.slack import inbound, modals
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups

NOW = datetime(2026, 1, 1, tzinfo=UTC)
US = Ourselves(AccountId("slack:alpha"), "UBOT", "B1", workspace="T1")
FORM = Form(
    "mark", "Mark", (
        Field("words", "A label", Kind.TEXT, required=True),
        Field("level", "A level", Kind.CHOICE, choices=("low", "high")),
        Field("loud", "Loudly", Kind.SWITCH),
    ), "Do it", "Cancel",
)  # fmt: skip


def chosen(**fields: Any) -> dict[str, Any]:
    """A shortcut as Slack tells of it (reference/interaction-payloads/shortcuts-interaction-…)."""
    return {
        "type": "message_action",
        "token": "x",
        "action_ts": "1700000002.000000",
        "team": {"id": "T1", "domain": "alpha"},
        "user": {"id": "U1", "name": "ada", "team_id": "T1"},
        "channel": {"id": "C1", "name": "general"},
        "is_enterprise_install": False,
        "callback_id": "mark",
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.slack.com/app/T1/1/x",
        "message_ts": "1700000000.000100",
        "message": {
            "type": "message", "user": "U2", "text": "x", "ts": "1700000000.000100",
            "thread_ts": "1690000000.000100",
        },
    } | fields  # fmt: skip


def read(payload: object) -> Any:
    return inbound.event_of(payload, US, Lookups(), NOW)


def submitted(values: dict[str, Any], **view: Any) -> dict[str, Any]:
    made = modals.view(FORM, read(chosen()))
    return {
        "type": "view_submission",
        "team": {"id": "T1", "domain": "alpha"},
        "user": {"id": "U1", "username": "ada", "name": "ada", "team_id": "T1"},
        "api_app_id": "A1",
        "token": "x",
        "trigger_id": "4.5.6",
        "view": made | {"id": "V1", "state": {"values": values}} | view,
    }


def test_a_shortcut_is_its_command_in_answer_to_the_message() -> None:
    event = read(chosen())
    assert isinstance(event, CommandTyped)
    assert (event.room, event.text, event.opens) == ("slack:alpha/C1", "mark", "1.2.3")
    assert (event.answers, event.thread) == ("1700000000.000100", "1690000000.000100")
    assert event.author.person == "slack:alpha/U1"
    assert event.reply is not None


def test_a_form_is_a_modal_of_inputs_that_tells_slack_nothing_but_ids() -> None:
    view = modals.view(FORM, read(chosen()))
    assert view["type"] == "modal"
    assert [each["block_id"] for each in view["blocks"]] == ["words", "level", "loud"]
    assert [each["optional"] for each in view["blocks"]] == [False, True, True]
    assert [each["element"]["type"] for each in view["blocks"]] == [
        "plain_text_input", "static_select", "checkboxes",
    ]  # fmt: skip
    assert json.loads(view["private_metadata"]) == {
        "room": "C1", "answers": "1700000000.000100", "thread": "1690000000.000100",
        "reply": f"https://hooks.slack.com/app/T1/1/x#{int(NOW.timestamp())}",
    }  # fmt: skip


def test_what_was_written_before_stands_in_it() -> None:
    begun = [replace(f, value=v) for f, v in zip(FORM.fields, ("x", "high", "on"), strict=True)]
    blocks = modals.view(replace(FORM, fields=tuple(begun)), read(chosen()))["blocks"]
    elements = [each["element"] for each in blocks]
    assert elements[0]["initial_value"] == "x"
    assert elements[1]["initial_option"]["value"] == "high"
    assert elements[2]["initial_options"] == elements[2]["options"]


def test_the_form_of_a_word_that_follows_a_command_comes_back() -> None:
    event = read(submitted({}, callback_id="liaison-form advisory draft"))
    assert isinstance(event, FormFilled)
    assert event.command == "advisory draft"


def test_texts_that_are_too_long_for_slack_are_cut() -> None:
    view = modals.view(replace(FORM, title="x" * 100, send="y" * 100), read(chosen()))
    assert len(view["title"]["text"]) == len(view["submit"]["text"]) == 24


def test_a_form_that_was_filled_in_comes_back_to_where_it_was_asked_for() -> None:
    values = {
        "words": {"value": {"type": "plain_text_input", "value": "TLP:AMBER"}},
        "level": {
            "value": {
                "type": "static_select",
                "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": "high"},
            }
        },
        "loud": {"value": {"type": "checkboxes", "selected_options": [{"value": "on"}]}},
    }
    event = read(submitted(values))
    assert isinstance(event, FormFilled)
    assert event.values == {"words": "TLP:AMBER", "level": "high", "loud": "on"}
    assert (event.room, event.command, event.call) == (RoomId("slack:alpha/C1"), "mark", "V1")
    assert (event.answers, event.thread) == (
        MessageId("1700000000.000100"),
        MessageId("1690000000.000100"),
    )


def test_what_was_left_empty_is_not_there() -> None:
    values = {
        "words": {"value": {"type": "plain_text_input", "value": None}},
        "level": {"value": {"type": "static_select", "selected_option": None}},
        "loud": {"value": {"type": "checkboxes", "selected_options": []}},
    }
    assert read(submitted(values)).values == {}


def test_mistakes_are_shown_beside_their_fields() -> None:
    assert modals.errors({"words": "no label"}) == {
        "response_action": "errors",
        "errors": {"words": "no label"},
    }


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "message_action"}, chosen(channel=None), chosen(message_ts="x"),
        chosen(user={"id": "a/b"}), {"type": "view_submission"},
        submitted({}, private_metadata="{"), submitted({}, private_metadata='{"room":"a/b"}'),
        submitted({}, state=None), submitted({}, id=""),
        submitted({"words": {"value": {"type": "plain_text_input", "value": "x" * 100_000}}}),
    ],
)  # fmt: skip
def test_what_is_malformed_is_a_value(payload: object) -> None:
    assert isinstance(read(payload), Unreadable)


@pytest.mark.parametrize(
    "payload",
    [
        chosen(callback_id="Theirs!"), submitted({}, callback_id="theirs"),
        {"type": "view_closed", "view": {}}, {"type": "shortcut", "callback_id": "mark"},
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_nothing_to_us(payload: object) -> None:
    assert isinstance(read(payload), Ignored)


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "value", "type", "selected_options"]), inner)
    ),
)


@given(st.dictionaries(st.text(max_size=5), _JSON), _JSON)
def test_whatever_is_filled_in_gives_a_value(values: dict[str, Any], anything: Any) -> None:
    kinds = FormFilled | CommandTyped | Ignored | Unreadable
    assert isinstance(read(submitted(values)), kinds)
    assert isinstance(read(submitted({}, state=anything, private_metadata=anything)), kinds)
    assert isinstance(read(chosen(user=anything, channel=anything, callback_id=anything)), kinds)


PUBLISHED = Path(__file__).parents[5] / "shared" / "data" / "slack" / "interactivity"


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published payloads are not beside the project"
)
def test_the_published_payloads_have_every_field_that_is_read() -> None:
    published = json.loads((PUBLISHED / "MessageShortcutPayload.json").read_text())
    assert chosen().keys() - published.keys() == set()
    assert chosen()["user"].keys() - published["user"].keys() == set()
    published = json.loads((PUBLISHED / "ViewSubmissionPayload.json").read_text())
    assert submitted({}).keys() - published.keys() == set()
    assert submitted({})["view"].keys() - {*published["view"], "blocks"} == set()
