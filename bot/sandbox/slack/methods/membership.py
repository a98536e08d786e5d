"""conversations.members, .join, .invite, .kick and .leave."""

from __future__ import annotations

from bot.sandbox.slack import rooms
from bot.sandbox.slack.errors import SlackError, invalid_arguments
from bot.sandbox.slack.methods.call import Call, Chapter, page
from bot.sandbox.slack.shapes import channel_json
from bot.sandbox.slack.things import Json

METHODS = Chapter()


@METHODS.method("conversations.members")
def members(call: Call) -> Json:
    """Who is in a room."""
    channel = call.channel()
    call.need(f"{channel.kind}:read")
    found, cursor = page(list(channel.members), call, 100, 1000)
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


@METHODS.method("conversations.join", "channels:join")
def join(call: Call) -> Json:
    """Enter a public room."""
    channel = call.channel()
    if channel.kind != "channels":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    known = call.app.user in channel.members
    rooms.join(call.stage, channel, call.app.user)
    answer: Json = {"channel": channel_json(call.world, channel, call.app.user)}
    if known:
        answer |= {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    return answer


@METHODS.method("conversations.invite")
def invite(call: Call) -> Json:
    """Bring people in."""
    channel = call.joined()
    call.need("groups:write" if channel.private else "channels:manage")
    if channel.archived:
        raise SlackError("is_archived")
    people = [word for word in call.text("users").split(",") if word]
    if not people:
        raise SlackError("no_user")
    for person in people:
        if person == call.app.user:
            raise SlackError("cant_invite_self")
        if person in channel.members:
            raise SlackError("already_in_channel")
        call.user(person)
    for person in people:
        rooms.join(call.stage, channel, person, inviter=call.app.user)
    return {"channel": channel_json(call.world, channel, call.app.user)}


@METHODS.method("conversations.kick")
def kick(call: Call) -> Json:
    """Put somebody out."""
    channel = call.joined()
    call.need("groups:write" if channel.private else "channels:manage")
    person = call.user(call.required("user")).id
    if person == call.app.user:
        raise SlackError("cant_kick_self")
    if person not in channel.members:
        raise SlackError("not_in_channel")
    rooms.leave(call.stage, channel, person, actor=call.app.user)
    return {}


@METHODS.method("conversations.leave")
def leave(call: Call) -> Json:
    """Go away."""
    channel = call.channel()
    call.need("groups:write" if channel.private else "channels:manage")
    if channel.general:
        raise SlackError("cant_leave_general")
    if call.app.user not in channel.members:
        raise invalid_arguments("not_in_channel")
    rooms.leave(call.stage, channel, call.app.user)
    return {}
