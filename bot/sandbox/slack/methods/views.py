"""views.*: modals and home tabs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.blocks import MOST_IN_VIEW, checked
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.methods.call import Call, Chapter
from bot.sandbox.slack.payloads import view_json
from bot.sandbox.slack.stage import Stage, Trigger
from bot.sandbox.slack.things import App, Json, View

METHODS = Chapter()
DEEPEST = 3
"""Views on one stack: https://docs.slack.dev/surfaces/modals/"""


@METHODS.method("views.open")
def open_view(call: Call) -> Json:
    """Show a modal to who did something within the last three seconds."""
    body = _body(call, "modal")
    trigger = _trigger(call)
    return _shown(call, place_view(call.stage, call.app, trigger.user, body))


@METHODS.method("views.push")
def push(call: Call) -> Json:
    """Put a modal on top of the one that stands open."""
    body = _body(call, "modal")
    trigger = _trigger(call)
    below = [view for view in call.world.views.values() if _is_modal_of(view, trigger.user)]
    if not below:
        raise SlackError("not_found")
    if len(below) >= DEEPEST:
        raise SlackError("push_limit_reached")
    return _shown(call, place_view(call.stage, call.app, trigger.user, body, below[-1]))


@METHODS.method("views.update")
def update(call: Call) -> Json:
    """Change a view that stands open."""
    wanted, outer = call.text("view_id"), call.text("external_id")
    view = call.world.views.get(wanted) if wanted else None
    if outer:
        found = (v for v in call.world.views.values() if v.body.get("external_id") == outer)
        view = next(found, None)
    if view is None or view.app != call.app.id:
        raise SlackError("not_found")
    if call.text("hash") not in {"", view.hash}:
        raise SlackError("hash_conflict")
    replace_view(call.stage, view, _body(call, view.body["type"]))
    return _shown(call, view)


@METHODS.method("views.publish")
def publish(call: Call) -> Json:
    """Set a person's home tab."""
    person = call.required("user_id")
    if person not in call.world.users:
        raise invalid_arguments("invalid `user_id` [json-pointer:/user_id]")
    body = _body(call, "home")
    for view in call.world.views.values():
        if view.user == person and view.app == call.app.id and view.body["type"] == "home":
            replace_view(call.stage, view, body)
            return _shown(call, view)
    return _shown(call, place_view(call.stage, call.app, person, body))


def place_view(stage: Stage, app: App, user: str, body: Json, below: View | None = None) -> View:
    """Open a view, above another one or alone."""
    world = stage.world
    id_ = world.new_id("V")
    root = below.root if below else id_
    view = View(id_, user, app.id, body, world.new_id("h"), root, below.id if below else "")
    world.views[id_] = view
    stage.changed()
    return view


def replace_view(stage: Stage, view: View, body: Json) -> None:
    """Give a view another content."""
    view.body, view.hash = body, stage.world.new_id("h")
    stage.changed()


def checked_view(stage: Stage, body: Any, kind: str) -> Json:
    """A view's content with its block ids; raises `invalid_arguments`."""
    if not isinstance(body, dict):
        raise invalid_arguments("missing required field: view")
    faults = list(_faults(body, kind))
    if faults:
        raise invalid_arguments(*faults)
    blocks = checked(body["blocks"], MOST_IN_VIEW, lambda: stage.world.new_id("b"))
    return body | {"blocks": blocks}


def _faults(body: Json, kind: str) -> Iterator[str]:
    if body.get("type") != kind:
        yield f"must be {kind} [json-pointer:/view/type]"
    if not isinstance(body.get("blocks"), list):
        yield "missing required field: blocks [json-pointer:/view]"
    if kind == "modal" and not isinstance(body.get("title"), dict):
        yield "missing required field: title [json-pointer:/view]"
    for name in ("title", "submit", "close"):
        text = body.get(name)
        if isinstance(text, dict) and len(text.get("text", "")) > 24:
            yield f"must be less than 25 characters [json-pointer:/view/{name}/text]"
    if len(body.get("private_metadata") or "") > 3000:
        yield "must be less than 3001 characters [json-pointer:/view/private_metadata]"


def _body(call: Call, kind: str) -> Json:
    return checked_view(call.stage, call.structure("view", "invalid_arguments"), kind)


def _trigger(call: Call) -> Trigger:
    trigger = call.stage.triggers.get(call.required("trigger_id"))
    if trigger is None or trigger.app != call.app.id:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if trigger.until < call.stage.clock():
        raise SlackError("expired_trigger_id")
    trigger.used = True
    return trigger


def _is_modal_of(view: View, user: str) -> bool:
    return view.user == user and view.body["type"] == "modal"


def _shown(call: Call, view: View) -> Json:
    return {"view": view_json(call.world, view)}
