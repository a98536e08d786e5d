"""reactions.* and pins.*: what hangs on a message."""

from __future__ import annotations

import re

from bot.sandbox.slack import acts
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.methods.call import Call, Chapter
from bot.sandbox.slack.shapes import message_json
from bot.sandbox.slack.things import Channel, Json, Message

METHODS = Chapter()
_EMOJI = re.compile(r"[\w+'-]{1,100}(?:::skin-tone-[2-6])?")


@METHODS.method("reactions.add", "reactions:write")
def add(call: Call) -> Json:
    """React."""
    channel, message, name = _reaction(call)
    if channel.archived:
        raise SlackError("is_archived")
    if not acts.react(call.stage, channel, message, call.app.user, name):
        raise SlackError("already_reacted")
    return {}


@METHODS.method("reactions.remove", "reactions:write")
def remove(call: Call) -> Json:
    """Take a reaction back."""
    channel, message, name = _reaction(call)
    if not acts.unreact(call.stage, channel, message, call.app.user, name):
        raise SlackError("no_reaction")
    return {}


@METHODS.method("reactions.get", "reactions:read")
def get(call: Call) -> Json:
    """A message with its reactions."""
    channel = call.channel()
    message = call.message(channel, "timestamp")
    shown = message_json(call.world, message)
    return {"type": "message", "channel": channel.id, "message": shown}


@METHODS.method("pins.add", "pins:write")
def pin(call: Call) -> Json:
    """Pin a message."""
    channel = call.joined()
    message = call.message(channel, "timestamp")
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    acts.pin(call.stage, channel, message, call.app.user)
    return {}


@METHODS.method("pins.remove", "pins:write")
def unpin(call: Call) -> Json:
    """Unpin a message."""
    channel = call.joined()
    message = call.message(channel, "timestamp")
    if message.ts not in channel.pins:
        raise SlackError("no_pin")
    acts.unpin(call.stage, channel, message, call.app.user)
    return {}


@METHODS.method("pins.list", "pins:read")
def pins(call: Call) -> Json:
    """What is pinned, newest first."""
    channel = call.joined()
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created": created,
            "created_by": user,
            "message": message_json(call.world, channel.messages[ts]),
        }
        for ts, (user, created) in channel.pins.items()
    ]
    return {"items": items[::-1]}


def _reaction(call: Call) -> tuple[Channel, Message, str]:
    name = call.text("name").strip(":")
    if not name:
        raise invalid_arguments("missing required field: name")
    if not _EMOJI.fullmatch(name) or not name.isascii():
        raise SlackError("invalid_name")
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.channel()
    if call.app.user not in channel.members:
        raise SlackError("not_in_channel" if channel.private else "channel_not_found")
    return channel, call.message(channel, "timestamp"), name
