"""conversations.*: listing, making and changing rooms."""

from __future__ import annotations

import re

from bot.sandbox.slack import rooms
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.methods.call import Call, Chapter, page
from bot.sandbox.slack.shapes import channel_json
from bot.sandbox.slack.things import Channel, Json

METHODS = Chapter()
KINDS = {
    "public_channel": "channels",
    "private_channel": "groups",
    "im": "im",
    "mpim": "mpim",
}
_NAME = re.compile(r"[^\sA-Z.,!?\"'`#@<>&()\[\]{}]{1,80}")


@METHODS.method("conversations.list")
def listing(call: Call) -> Json:
    """The rooms of the workspace that the app may know of."""
    kinds = _kinds(call)
    found = [
        channel
        for channel in call.world.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channels" or call.app.user in channel.members)
        and not (call.flag("exclude_archived") and channel.archived)
    ]
    return _paged(call, found, count=True)


@METHODS.method("users.conversations")
def memberships(call: Call) -> Json:
    """The rooms that a user, by default the app, is in."""
    kinds = _kinds(call)
    user = call.text("user", call.app.user)
    found = [
        channel
        for channel in call.world.channels.values()
        if channel.kind in kinds
        and user in channel.members
        and not (call.flag("exclude_archived") and channel.archived)
    ]
    answer = _paged(call, found, count=False)
    for channel in answer["channels"]:
        channel.pop("is_member", None)
    return answer


@METHODS.method("conversations.info")
def info(call: Call) -> Json:
    """One room."""
    channel = call.channel()
    call.need(f"{channel.kind}:read")
    counted = call.flag("include_num_members")
    return {"channel": channel_json(call.world, channel, call.app.user, count=counted)}


@METHODS.method("conversations.open")
def open_direct(call: Call) -> Json:
    """The direct message with a person."""
    call.need("im:write")
    people = [word for word in call.text("users").split(",") if word]
    if call.text("channel"):
        channel = call.channel()
        people = [channel.im_with]
    if len(people) != 1:
        raise invalid_arguments("one user is what the stand-in plays [json-pointer:/users]")
    person = call.world.users.get(people[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    if person.bot_id:
        raise SlackError("cannot_dm_bot")
    known = call.world.direct(call.app, person.id) is not None
    channel = rooms.open_direct(call.stage, call.app, person.id)
    shown: Json = {"id": channel.id}
    if call.flag("return_im"):
        shown = channel_json(call.world, channel, call.app.user)
        del shown["is_user_deleted"]
    return {"no_op": known, "already_open": known, "channel": shown}


@METHODS.method("conversations.create")
def create(call: Call) -> Json:
    """A new room with the app in it."""
    private = call.flag("is_private")
    call.need("groups:write" if private else "channels:manage")
    name = _name(call)
    channel = rooms.create_channel(call.stage, name, call.app.user, private=private)
    return {"channel": channel_json(call.world, channel, call.app.user)}


@METHODS.method("conversations.rename")
def rename(call: Call) -> Json:
    """Another name for a room."""
    channel = _managed(call)
    rooms.rename(call.stage, channel, call.app.user, _name(call))
    return {"channel": channel_json(call.world, channel, call.app.user)}


@METHODS.method("conversations.archive")
def archive(call: Call) -> Json:
    """Close a room."""
    channel = _managed(call)
    if channel.general:
        raise SlackError("cant_archive_general")
    rooms.archive(call.stage, channel, call.app.user)
    return {}


@METHODS.method("conversations.setTopic")
def set_topic(call: Call) -> Json:
    """Another topic for a room."""
    channel = _managed(call)
    topic = call.text("topic")
    if len(topic) > 250:
        raise SlackError("too_long")
    rooms.set_topic(call.stage, channel, call.app.user, topic)
    return {"channel": channel_json(call.world, channel, call.app.user)}


def _managed(call: Call) -> Channel:
    channel = call.joined()
    call.need("groups:write" if channel.private else "channels:manage")
    if channel.im_with:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived" if "topic" in call.arguments else "already_archived")
    return channel


def _name(call: Call) -> str:
    name = call.text("name")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if not _NAME.fullmatch(name):
        raise SlackError("invalid_name_specials")
    if any(channel.name == name for channel in call.world.channels.values()):
        raise SlackError("name_taken")
    return name


def _kinds(call: Call) -> set[str]:
    words = [word.strip() for word in call.text("types", "public_channel").split(",")]
    if any(word not in KINDS for word in words):
        raise SlackError("invalid_types")
    for word in words:
        call.need(f"{KINDS[word]}:read")
    return {KINDS[word] for word in words}


def _paged(call: Call, found: list[Channel], *, count: bool) -> Json:
    channels, cursor = page(found, call, 100, 1000)
    return {
        "channels": [
            channel_json(call.world, channel, call.app.user, count=count and not channel.im_with)
            for channel in channels
        ],
        "response_metadata": {"next_cursor": cursor},
    }
