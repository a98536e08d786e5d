"""What Socket Mode carries: events, slash-commands, actions, shortcuts, views. Pure."""

from __future__ import annotations

from bot.sandbox.slack.shapes import message_json, placed_json
from bot.sandbox.slack.things import App, Channel, Json, Message, User, View
from bot.sandbox.slack.world import World

VERIFICATION_TOKEN = "stand-in"  # noqa: S105  Slack's deprecated field, no secret
_NOT_IN_BOT_MESSAGES = frozenset({"metadata", "parent_user_id", "root"})


def message_event(world: World, channel: Channel, message: Message) -> Json:
    """A message as the event that tells of it."""
    event = placed_json(world, channel, message, metadata=True)
    for name in ("is_locked", "reactions"):
        event.pop(name, None)
    if message.username:
        event = {name: value for name, value in event.items() if name not in _NOT_IN_BOT_MESSAGES}
    return event | {
        "channel": channel.id,
        "event_ts": message.ts,
        "channel_type": channel.channel_type,
    }


def mention_event(event: Json) -> Json:
    """The `app_mention` that goes with a message event."""
    kept = {name: value for name, value in event.items() if name not in _NOT_IN_MENTIONS}
    return kept | {"type": "app_mention"}


_NOT_IN_MENTIONS = frozenset(
    {"channel_type", "parent_user_id", "metadata", "subtype", "root", "files", "attachments"}
)


def changed_event(
    world: World, channel: Channel, message: Message, previous: Json, ts: str
) -> Json:
    """`message_changed`, with the message before and after."""
    return _hidden(channel, "message_changed", ts) | {
        "message": _inner(placed_json(world, channel, message)),
        "previous_message": _inner(previous),
    }


def deleted_event(channel: Channel, previous: Json, ts: str) -> Json:
    """`message_deleted`, with what was deleted."""
    return _hidden(channel, "message_deleted", ts) | {
        "deleted_ts": previous["ts"],
        "previous_message": _inner(previous),
    }


def _hidden(channel: Channel, subtype: str, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel.channel_type,
    }


def _inner(message: Json) -> Json:
    return {name: value for name, value in message.items() if name not in {"metadata", "reactions"}}


def reaction_event(kind: str, channel: Channel, message: Message, user: str, name: str) -> Json:
    """`reaction_added` or `reaction_removed`; the moment is added by the caller."""
    return {
        "type": kind,
        "user": user,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
    }


def pin_event(
    world: World, kind: str, channel: Channel, message: Message, user: str, count: int
) -> Json:
    """`pin_added` or `pin_removed`; the moment is added by the caller."""
    now = int(world.now())
    return {
        "type": kind,
        "user": user,
        "channel_id": channel.id,
        "item": {
            "type": "message",
            "created": now,
            "created_by": user,
            "channel": channel.id,
            "message": _inner(message_json(world, message)),
        },
        "item_user": message.user,
        "pin_count": count,
        "pinned_info": {"channel": channel.id, "pinned_by": user, "pinned_ts": now},
    } | ({"has_pins": count > 0} if kind == "pin_removed" else {})


def event_callback(world: World, app: App, event: Json) -> Json:
    """The payload around an event."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": world.new_id("Ev"),
        "event_time": int(world.now()),
        "authorizations": [
            {
                "team_id": world.team_id,
                "user_id": app.user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{world.team_id}-{app.id}",
    }


def slash_command(
    world: World, app: App, channel: Channel, user: User, command: str, text: str
) -> Json:
    """A typed slash-command, without trigger and response_url."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": False,
    }


def interaction(world: World, app: App, kind: str, user: User) -> Json:
    """What every action, shortcut and view payload begins with."""
    by_shortcut = kind in {"message_action", "shortcut"}
    return {
        "type": kind,
        "team": {"id": world.team_id, "domain": world.domain},
        "user": {
            "id": user.id,
            "name": user.name,
            "team_id": user.team_id,
        }
        | ({} if by_shortcut else {"username": user.name}),
        "token": VERIFICATION_TOKEN,
        "is_enterprise_install": False,
    } | ({} if by_shortcut else {"api_app_id": app.id})


def view_json(world: World, view: View) -> Json:
    """A view with what Slack adds to it."""
    app = world.apps[view.app]
    text: Json = {"type": "plain_text", "text": app.name, "emoji": True}
    defaults: Json = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "title": text,
    }
    return (
        defaults
        | view.body
        | {
            "id": view.id,
            "team_id": world.team_id,
            "state": {"values": {}},
            "hash": view.hash,
            "root_view_id": view.root,
            "app_id": app.id,
            "app_installed_team_id": world.team_id,
            "bot_id": app.bot_id,
        }
        | ({"previous_view_id": view.previous} if view.previous else {})
    )
