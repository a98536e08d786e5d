"""What a person does to an app: a command, a press, a shortcut, a form filled in."""

from __future__ import annotations

import uuid

from bot.sandbox.slack import payloads
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.views import checked_view, place_view, replace_view
from bot.sandbox.slack.responses import show
from bot.sandbox.slack.shapes import message_json
from bot.sandbox.slack.sockets import Envelope
from bot.sandbox.slack.stage import Ephemeral, Interaction, Stage
from bot.sandbox.slack.things import App, Channel, Json, Message, User, View


def command(
    stage: Stage, app: App, channel: Channel, user: User, name: str, text: str
) -> Interaction:
    """Type a slash-command."""
    deed = _begin(stage, app, "slash_commands", user, channel)
    payload = payloads.slash_command(stage.world, app, channel, user, name, text)
    payload |= {"response_url": deed.response_url, "trigger_id": deed.trigger_id}
    return _send(stage, app, deed, payload, "slash_commands")


def press(
    stage: Stage,
    app: App,
    channel: Channel,
    user: User,
    message: Message | Ephemeral,
    action: Json,
) -> Interaction:
    """Press a button of a message; `action` is the element with its `block_id`. Of a message that
    only the one who presses sees, the payload does not bring the message itself.
    """
    deed = _begin(stage, app, "block_actions", user, channel, message)
    whole = {} if deed.ephemeral else {"message": message_json(stage.world, message)}  # type: ignore[arg-type]  # it is none
    root = message.thread_ts
    payload = payloads.interaction(stage.world, app, "block_actions", user) | {
        "trigger_id": deed.trigger_id,
        "response_url": deed.response_url,
        "channel": _place(channel),
        **whole,
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": deed.ephemeral,
        }
        | ({"thread_ts": root} if root else {}),
        "state": {"values": {}},
        "actions": [action | {"action_ts": stage.world.moment()}],
    }
    return _send(stage, app, deed, payload, "interactive")


def repeat(stage: Stage, app: App, deed: Interaction) -> None:
    """Send an interaction's payload once more, as Slack does where it heard no answer."""
    stage.boards[app.id].send(Envelope(str(uuid.uuid4()), "interactive", deed.payload))


def shortcut(
    stage: Stage, app: App, channel: Channel, user: User, message: Message, callback_id: str
) -> Interaction:
    """Choose a message shortcut."""
    deed = _begin(stage, app, "message_action", user, channel, message)
    payload = payloads.interaction(stage.world, app, "message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": deed.trigger_id,
        "response_url": deed.response_url,
        "channel": _place(channel),
        "message_ts": message.ts,
        "message": message_json(stage.world, message),
        "action_ts": stage.world.moment(),
    }
    return _send(stage, app, deed, payload, "interactive")


def global_shortcut(stage: Stage, app: App, user: User, callback_id: str) -> Interaction:
    """Choose a shortcut that belongs to no message."""
    deed = _begin(stage, app, "shortcut", user, None)
    payload = payloads.interaction(stage.world, app, "shortcut", user) | {
        "callback_id": callback_id,
        "trigger_id": deed.trigger_id,
        "action_ts": stage.world.moment(),
    }
    return _send(stage, app, deed, payload, "interactive")


def submit(stage: Stage, app: App, user: User, view: View, values: Json) -> Interaction:
    """Send a form off; `values` is block id → action id → value, as Slack's `state`.

    What the app answers with (`response_action`) is done to the view.
    """
    deed = _begin(stage, app, "view_submission", user, None)
    shown = payloads.view_json(stage.world, view) | {"state": {"values": values}}
    payload = payloads.interaction(stage.world, app, "view_submission", user) | {
        "trigger_id": deed.trigger_id,
        "view": shown,
    }
    return _send(stage, app, deed, payload, "interactive", view)


def close(stage: Stage, app: App, user: User, view: View) -> Interaction | None:
    """Close a view; the app hears of it only where it asked to (`notify_on_close`)."""
    stage.world.views.pop(view.id, None)
    if not view.body.get("notify_on_close"):
        stage.changed()
        return None
    deed = _begin(stage, app, "view_closed", user, None)
    payload = payloads.interaction(stage.world, app, "view_closed", user) | {
        "view": payloads.view_json(stage.world, view),
        "is_cleared": False,
    }
    return _send(stage, app, deed, payload, "interactive")


def _begin(
    stage: Stage,
    app: App,
    kind: str,
    user: User,
    channel: Channel | None,
    message: Message | Ephemeral | None = None,
) -> Interaction:
    id_ = uuid.uuid4().hex
    trigger = stage.trigger(app, user.id, channel.id if channel else "")
    deed = Interaction(
        id=id_,
        kind=kind,
        user=user.id,
        channel=channel.id if channel else "",
        trigger_id=trigger.id,
        response_url=f"{stage.world.address}/response/{id_}" if channel else "",
        app=app.id,
        until=stage.clock() + stage.response_life,
        message_ts=message.ts if message else "",
        ephemeral=isinstance(message, Ephemeral),
    )
    stage.interactions[id_] = deed
    while len(stage.interactions) > (stage.calls.maxlen or 10_000):
        del stage.interactions[next(iter(stage.interactions))]
    return deed


def _send(
    stage: Stage, app: App, deed: Interaction, payload: Json, kind: str, view: View | None = None
) -> Interaction:
    def done(envelope: Envelope) -> None:
        if not envelope.acknowledged:
            deed.state = "operation_timeout" if envelope.sent else "dispatch_failed"
            return
        deed.state = "acknowledged"
        deed.answer = envelope.answer if isinstance(envelope.answer, dict) else None
        if view is not None:
            _answer_view(stage, app, deed, view)
        elif deed.answer and deed.channel and (deed.answer.keys() & {"text", "blocks"}):
            _show(stage, deed)

    deed.payload = payload
    takes_answer = deed.kind in {"slash_commands", "view_submission"}
    envelope = Envelope(str(uuid.uuid4()), kind, payload, accepts_response=takes_answer, done=done)
    stage.boards[app.id].send(envelope)
    stage.changed()
    return deed


def _show(stage: Stage, deed: Interaction) -> None:
    try:
        show(stage, deed, deed.answer or {}, "answer")
    except SlackError as error:
        deed.state = error.name


def _answer_view(stage: Stage, app: App, deed: Interaction, view: View) -> None:
    """Do what `response_action` says; without one the view closes."""
    answer = deed.answer or {}
    try:
        match answer.get("response_action"):
            case "errors":
                pass
            case "update":
                replace_view(stage, view, checked_view(stage, answer.get("view"), "modal"))
            case "push":
                body = checked_view(stage, answer.get("view"), "modal")
                place_view(stage, app, deed.user, body, view)
            case "clear":
                for id_ in [v.id for v in stage.world.views.values() if v.root == view.root]:
                    del stage.world.views[id_]
            case _:
                stage.world.views.pop(view.id, None)
    except SlackError as error:
        deed.state = error.name


def _place(channel: Channel) -> Json:
    return {"id": channel.id, "name": channel.name or "directmessage"}
