"""What happens to a room itself: who is in it, what it is called, who may see it."""

from __future__ import annotations

from bot.sandbox.slack import payloads
from bot.sandbox.slack.acts import note
from bot.sandbox.slack.shapes import channel_json
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.things import App, Channel, Json


def join(stage: Stage, channel: Channel, user: str, inviter: str = "") -> None:
    """Make somebody a member."""
    if user in channel.members:
        return
    channel.members[user] = None
    more = {"inviter": inviter} if inviter else {}
    event = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": channel.id[:1],
        "team": stage.world.team_id,
        "event_ts": stage.world.moment(),
    }
    stage.announce(event | more, channel)
    note(stage, channel, user, "channel_join", f"<@{user}> has joined the channel", **more)


def leave(stage: Stage, channel: Channel, user: str, actor: str = "") -> None:
    """Take somebody out; an app that is taken out is told `channel_left` or `group_left`."""
    if user not in channel.members:
        return
    del channel.members[user]
    moment = stage.world.moment()
    app = stage.world.app_of_bot(user)
    if app is not None:
        kind = "group_left" if channel.private else "channel_left"
        gone = {"type": kind, "channel": channel.id, "actor_id": actor or user}
        stage.tell(app, gone | {"event_ts": moment})
    event = {
        "type": "member_left_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": channel.id[:1],
        "team": stage.world.team_id,
        "event_ts": moment,
    }
    stage.announce(event, channel)
    note(stage, channel, user, "channel_leave", f"<@{user}> has left the channel")


def archive(stage: Stage, channel: Channel, user: str) -> None:
    """Archive a channel: nobody can post in it any more."""
    channel.archived = True
    kind = "group_archive" if channel.private else "channel_archive"
    event = {"type": kind, "channel": channel.id, "user": user, "is_moved": 0}
    stage.announce(event | {"event_ts": stage.world.moment()}, channel)


def unarchive(stage: Stage, channel: Channel, user: str) -> None:
    """Open a channel again."""
    channel.archived = False
    kind = "group_unarchive" if channel.private else "channel_unarchive"
    event = {"type": kind, "channel": channel.id, "user": user}
    stage.announce(event | {"event_ts": stage.world.moment()}, channel)


def rename(stage: Stage, channel: Channel, user: str, name: str) -> None:
    """Give a channel another name."""
    old, channel.name = channel.name, name
    channel.previous_names.insert(0, old)
    described = {
        "id": channel.id,
        "name": name,
        "name_normalized": name,
        "is_channel": not channel.private,
        "is_mpim": False,
        "created": channel.created,
    }
    kind = "group_rename" if channel.private else "channel_rename"
    event = {"type": kind, "channel": described, "event_ts": stage.world.moment()}
    stage.announce(event, channel)
    text = f'has renamed the channel from "{old}" to "{name}"'
    note(stage, channel, user, "channel_name", text, name=name, old_name=old)


def change_id(stage: Stage, channel: Channel) -> str:
    """Convert a channel so that it gets another id; the old one is none any more."""
    world, old = stage.world, channel.id
    del world.channels[old]
    channel.id = world.new_id("C")
    world.channels[channel.id] = channel
    for file in world.files.values():
        if old in file.shares:
            file.shares[channel.id] = file.shares.pop(old)
    event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": channel.id}
    stage.announce(event | {"event_ts": world.moment()}, channel)
    return channel.id


def make_private(stage: Stage, channel: Channel, user: str) -> None:
    """Make a public channel a private one."""
    channel.private = True
    text = "made this channel *private*. Now, it can only be viewed or joined by invitation."
    note(stage, channel, user, "channel_convert_to_private", text)


def make_public(stage: Stage, channel: Channel, user: str) -> None:
    """Make a private channel a public one."""
    channel.private = False
    text = "made this channel *public*. Any member in this workspace can see and join it."
    note(stage, channel, user, "channel_convert_to_public", text)


def share(stage: Stage, channel: Channel, team: str, *, shared: bool) -> None:
    """Share a channel with another workspace (Slack Connect), or share it no more."""
    channel.shared = shared
    event: Json = {"type": "channel_shared", "connected_team_id": team}
    if not shared:
        event = {
            "type": "channel_unshared",
            "previously_connected_team_id": team,
            "is_ext_shared": False,
        }
    moment = stage.world.moment()
    stage.announce(event | {"channel": channel.id, "event_ts": moment}, channel)


def set_topic(stage: Stage, channel: Channel, user: str, topic: str) -> None:
    """Give a channel another topic."""
    channel.topic = topic
    subtype = "group_topic" if channel.private else "channel_topic"
    note(stage, channel, user, subtype, f"set the channel topic: {topic}", topic=topic)


def create_channel(
    stage: Stage, name: str, creator: str, *, private: bool = False, shared: bool = False
) -> Channel:
    """A new room with its creator in it."""
    channel = stage.world.add_channel(name, creator, private=private, shared=shared)
    channel.members[creator] = None
    if not private:
        described = channel_json(stage.world, channel, creator)
        del described["is_member"]
        event = {"type": "channel_created", "channel": described}
        stage.announce(event | {"event_ts": stage.world.moment()})
    return channel


def open_direct(stage: Stage, app: App, user: str) -> Channel:
    """The direct message between an app and a person, made where there is none."""
    found = stage.world.direct(app, user)
    if found is None:
        found = stage.world.add_channel("", app.user, im_with=user)
        found.members |= {user: None, app.user: None}
    return found


def open_home(stage: Stage, app: App, user: str) -> None:
    """A person opens the app's Home tab; the app hears of it, with what stands there already."""
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": open_direct(stage, app, user).id,
        "tab": "home",
        "event_ts": stage.world.moment(),
    }
    for view in stage.world.views.values():
        if view.user == user and view.app == app.id and view.body["type"] == "home":
            event["view"] = payloads.view_json(stage.world, view)
    stage.tell(app, event)
    stage.changed()
