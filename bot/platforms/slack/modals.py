"""Message shortcuts, and the forms of what they stand for: pure.

https://docs.slack.dev/interactivity/implementing-shortcuts,
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload and
https://docs.slack.dev/reference/block-kit/blocks/input-block
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from bot.events import (
    CommandTyped,
    Event,
    FormFilled,
    Ignored,
    MessageId,
    Unreadable,
    local,
    room_id,
)
from bot.forms import ON, Field, Form, Kind
from bot.platforms.slack import markup
from bot.platforms.slack.buttons import author_of, thread_of
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.people import ID
from bot.platforms.slack.slash import handle

LONGEST_TITLE = 24
LONGEST_LABEL = 2_000
LONGEST_OPTION = 75
MOST_OPTIONS = 100
LONGEST_INPUT = 3_000
_MOST_FILLED = 10 * LONGEST_INPUT
_OURS = "liaison-form "
"""Before the command's name in a view's `callback_id`."""
_NAME = re.compile(r"[a-z]+(?:[- ][a-z]+)*")
_VALUE = "value"
_LONGEST_METADATA = 3_000


class _Place(msgspec.Struct, omit_defaults=True):
    """Where a form was asked for: what Slack keeps with it. Ids alone, nothing that was said."""

    room: str
    answers: str | None = None
    thread: str | None = None
    reply: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Place).decode


def view(form: Form, typed: CommandTyped) -> dict[str, Any]:
    """A form as a modal."""
    kept = _Place(local(typed.room), typed.answers, typed.thread, typed.reply)
    return {
        "type": "modal",
        "callback_id": _OURS + form.command,
        "private_metadata": _encode(kept).decode(),
        "title": _text(form.title, LONGEST_TITLE),
        "submit": _text(form.send, LONGEST_TITLE),
        "close": _text(form.cancel, LONGEST_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def errors(mistakes: Mapping[str, str]) -> dict[str, Any]:
    """The acknowledgement by which a modal stays open and says what is wrong."""
    return {
        "response_action": "errors",
        "errors": {name: text[:LONGEST_LABEL] for name, text in mistakes.items()},
    }


def chosen(payload: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """The event that a message shortcut means: as if its command was typed in answer to that
    message. A shortcut's `callback_id` is its command.
    """
    match payload:
        case {
            "callback_id": str(name),
            "user": {"id": str(user)},
            "channel": {"id": str(room)},
            "message_ts": str(ts),
            "trigger_id": str(trigger),
        }:
            pass
        case _:
            return Unreadable("message_action")
    if not (ID.fullmatch(room) and ID.fullmatch(user) and re.fullmatch(r"\d{10}\.\d{1,6}", ts)):
        return Unreadable("message_action")
    if not _NAME.fullmatch(name) or not 0 < len(trigger) <= 255:
        return Ignored("message_action.other")
    return CommandTyped(
        room=room_id(us.account, room),
        call=trigger,
        author=author_of(payload, us, lookups),
        text=name,
        said=now,
        reply=handle(payload.get("response_url"), now),
        direct=room.startswith("D"),
        answers=MessageId(ts),
        thread=thread_of(payload),
        opens=trigger,
    )


def submitted(payload: Mapping[str, Any], us: Ourselves, lookups: Lookups, now: datetime) -> Event:
    """The event that a form means which was sent off."""
    match payload:
        case {
            "user": {"id": str(user)},
            "view": {
                "id": str(key),
                "callback_id": str(name),
                "private_metadata": str(metadata),
                "state": {"values": dict(values)},
            },
        }:
            pass
        case _:
            return Unreadable("view_submission")
    command = name.removeprefix(_OURS)
    if not name.startswith(_OURS) or not _NAME.fullmatch(command):
        return Ignored("view_submission.other")
    try:
        place = _decode(metadata[:_LONGEST_METADATA])
    except (msgspec.DecodeError, UnicodeError):
        return Unreadable("view_submission.place")
    if not (ID.fullmatch(place.room) and ID.fullmatch(user) and 0 < len(key) <= 255):
        return Unreadable("view_submission")
    filled = dict(_filled(values))
    if sum(map(len, filled.values())) > _MOST_FILLED:
        return Unreadable("view_submission.values")
    return FormFilled(
        room=room_id(us.account, place.room),
        call=key,
        author=author_of(payload, us, lookups),
        command=command,
        values=filled,
        said=now,
        reply=place.reply,
        direct=place.room.startswith("D"),
        answers=None if place.answers is None else MessageId(place.answers),
        thread=None if place.thread is None else MessageId(place.thread),
    )


def _filled(values: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """What was filled in, by the fields' names."""
    for name, elements in values.items():
        match elements:
            case {"value": {"type": "plain_text_input", "value": str(text)}} if text:
                yield str(name), markup.storable(text)
            case {"value": {"type": "static_select", "selected_option": {"value": str(option)}}}:
                yield str(name), option
            case {"value": {"type": "checkboxes", "selected_options": [{"value": "on"}, *_]}}:
                yield str(name), ON


def _input(field: Field) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": _text(field.label, LONGEST_LABEL),
        "element": {"action_id": _VALUE, **_element(field)},
    }


def _element(field: Field) -> dict[str, Any]:
    match field.kind:
        case Kind.CHOICE:
            options = [_option(each, each) for each in field.choices[:MOST_OPTIONS]]
            element: dict[str, Any] = {"type": "static_select", "options": options}
            if field.value in field.choices:
                element["initial_option"] = _option(field.value, field.value)
            return element
        case Kind.SWITCH:
            options = [_option(field.label, ON)]
            set_ = {"initial_options": options} if field.value == ON else {}
            return {"type": "checkboxes", "options": options} | set_
        case Kind.LINE | Kind.TEXT:
            several = field.kind is Kind.TEXT
            begun = {"initial_value": field.value[:LONGEST_INPUT]} if field.value else {}
            return {
                "type": "plain_text_input", "multiline": several, "max_length": LONGEST_INPUT,
            } | begun  # fmt: skip


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": _text(label, LONGEST_OPTION), "value": value[:LONGEST_OPTION]}


def _text(text: str, longest: int) -> dict[str, Any]:
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}
