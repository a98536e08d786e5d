"""Forms on the page: what stands open for one person, read from a modal of the stand-in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.sandbox.slack.things import View


class Input(NamedTuple):
    """One thing to fill in: `kind` is line, text, choice or switch."""

    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    """Values, and what they are called."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that stands open for a person. `errors`: what the bot says is wrong, by input."""

    form: str
    person: str
    title: str
    send: str
    inputs: tuple[Input, ...]
    errors: tuple[tuple[str, str], ...] = ()


def sheet_of(view: View, person: str, errors: Mapping[str, str]) -> Sheet:
    """A modal as a form."""
    body = view.body
    inputs = tuple(_input(block) for block in body["blocks"] if block["type"] == "input")
    send = _words(body.get("submit")) or "Send"
    return Sheet(view.id, person, _words(body["title"]), send, inputs, tuple(errors.items()))


def state_of(view: View, filled: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in, as Slack's `state.values`."""
    values: dict[str, Any] = {}
    for block in view.body["blocks"]:
        if block["type"] == "input":
            element, text = block["element"], filled.get(block["block_id"], "")
            values[block["block_id"]] = {element["action_id"]: _value(element, text)}
    return values


def _input(block: Mapping[str, Any]) -> Input:
    element = block["element"]
    options = tuple((each["value"], _words(each["text"])) for each in element.get("options", ()))
    kind = {"static_select": "choice", "checkboxes": "switch"}.get(element["type"])
    kind = kind or ("text" if element.get("multiline") else "line")
    required = not block.get("optional")
    return Input(block["block_id"], _words(block["label"]), kind, required, options)


def _value(element: Mapping[str, Any], text: str) -> dict[str, Any]:
    chosen = [each for each in element.get("options", ()) if each["value"] == text]
    match element["type"]:
        case "static_select":
            return {"type": "static_select", "selected_option": chosen[0] if chosen else None}
        case "checkboxes":
            return {"type": "checkboxes", "selected_options": chosen}
        case kind:
            return {"type": kind, "value": text or None}


def _words(text: object) -> str:
    return str(text.get("text", "")) if isinstance(text, Mapping) else ""
