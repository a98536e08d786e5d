"""What happens in a room: each act changes the world and tells the apps. People and apps alike."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack import payloads
from bot.sandbox.slack.shapes import channel_json, file_json, placed_json, user_json
from bot.sandbox.slack.stage import Ephemeral, Stage
from bot.sandbox.slack.things import App, Channel, File, Json, Message, User

SPOKEN = frozenset({"", "thread_broadcast", "file_share"})
"""Subtypes that a person typed; what Slack itself notes mentions nobody."""
_USUAL = {"thumbsup": "+1", "thumbsdown": "-1"}
"""Names of emoji that Slack takes, and the one that it keeps instead."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has a `ts`."""

    user: str
    text: str
    app: str = ""
    subtype: str = ""
    username: str = ""
    icons: dict[str, str] | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    thread_ts: str = ""
    files: tuple[str, ...] = ()
    client_msg_id: str = ""
    extra: Json | None = None


def post(stage: Stage, channel: Channel, draft: Draft) -> Message:
    """Put a message into a channel."""
    world = stage.world
    message = Message(
        ts=world.stamp(channel),
        user=draft.user,
        text=draft.text,
        app=draft.app,
        subtype=draft.subtype or ("bot_message" if draft.username else ""),
        username=draft.username,
        icons=draft.icons,
        blocks=draft.blocks,
        attachments=draft.attachments,
        metadata=draft.metadata,
        thread_ts=draft.thread_ts,
        files=list(draft.files),
        client_msg_id=draft.client_msg_id,
        extra=draft.extra,
    )
    world.remember(channel, message)
    event = payloads.message_event(world, channel, message)
    for app in world.apps.values():
        spoken_to = app.user in channel.members and f"<@{app.user}>" in message.text
        if spoken_to and message.subtype in SPOKEN and not message.app and not channel.im_with:
            stage.tell(app, payloads.mention_event(event))
    stage.announce(event, channel)
    return message


def note(stage: Stage, channel: Channel, user: str, subtype: str, text: str, **more: str) -> None:
    """What Slack itself writes into a channel: joins, topics, names."""
    post(stage, channel, Draft(user=user, text=text, subtype=subtype, extra=dict(more) or None))


def edit(
    stage: Stage, channel: Channel, message: Message, text: str, blocks: list[Json] | None
) -> None:
    """Change a message's text and blocks."""
    world = stage.world
    previous = placed_json(world, channel, message)
    message.text, message.blocks = text, blocks
    stamp = world.stamp(channel)
    message.edited = (message.user, stamp)
    stage.announce(payloads.changed_event(world, channel, message, previous, stamp), channel)


def delete(stage: Stage, channel: Channel, message: Message) -> None:
    """Take a message away; of one that has replies a tombstone stays."""
    previous = placed_json(stage.world, channel, message)
    if message.ts in channel.threads:
        _entomb(stage, channel, message, previous)
        return
    channel.drop(message.ts)
    stamp = stage.world.stamp(channel)
    stage.announce(payloads.deleted_event(channel, previous, stamp), channel)


def _entomb(stage: Stage, channel: Channel, message: Message, previous: Json) -> None:
    message.app = message.username = ""
    message.text, message.subtype = "This message was deleted.", "tombstone"
    message.blocks = message.attachments = message.metadata = message.edited = None
    message.files.clear()
    message.reactions.clear()
    message.extra = {"hidden": True, "user": "USLACKBOT"}
    stamp = stage.world.stamp(channel)
    stage.announce(payloads.changed_event(stage.world, channel, message, previous, stamp), channel)


def _usual(name: str) -> str:
    """The name that Slack keeps and tells of, whichever of an emoji's names it was given."""
    base, colons, tone = name.partition("::")
    return _USUAL.get(base, base) + colons + tone


def react(stage: Stage, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Add a reaction; False where it stood already."""
    name = _usual(name)
    users = message.reactions.setdefault(name, [])
    if user in users:
        return False
    users.append(user)
    event = payloads.reaction_event("reaction_added", channel, message, user, name)
    stage.announce(event | {"event_ts": stage.world.moment()}, channel)
    return True


def unreact(stage: Stage, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Take a reaction back; False where there was none."""
    name = _usual(name)
    users = message.reactions.get(name, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del message.reactions[name]
    event = payloads.reaction_event("reaction_removed", channel, message, user, name)
    stage.announce(event | {"event_ts": stage.world.moment()}, channel)
    return True


def pin(stage: Stage, channel: Channel, message: Message, user: str) -> None:
    """Pin a message."""
    channel.pins[message.ts] = (user, int(stage.world.now()))
    _tell_of_pin(stage, "pin_added", channel, message, user)


def unpin(stage: Stage, channel: Channel, message: Message, user: str) -> None:
    """Unpin a message."""
    del channel.pins[message.ts]
    _tell_of_pin(stage, "pin_removed", channel, message, user)


def _tell_of_pin(stage: Stage, kind: str, channel: Channel, message: Message, user: str) -> None:
    event = payloads.pin_event(stage.world, kind, channel, message, user, len(channel.pins))
    stage.announce(event | {"event_ts": stage.world.moment()}, channel)


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


def welcome(stage: Stage, user: User) -> None:
    """Tell that somebody has come into the workspace."""
    moment = stage.world.moment()
    stage.announce({"type": "team_join", "user": user_json(user), "event_ts": moment})


def change_user(stage: Stage, user: User) -> None:
    """Tell that a person's facts have changed."""
    user.updated = int(stage.world.now())
    event = {"type": "user_change", "user": user_json(user), "cache_ts": user.updated}
    stage.announce(event)


def share_file(stage: Stage, channel: Channel, file: File, draft: Draft) -> Message:
    """Show an upload in a channel."""
    app = stage.world.app_of_bot(draft.user)
    placed = Draft(
        user=draft.user,
        text=draft.text,
        app=app.id if app else "",
        subtype="file_share",
        thread_ts=draft.thread_ts,
        blocks=draft.blocks,
        files=(file.id, *draft.files),
    )
    message = post(stage, channel, placed)
    file.shares.setdefault(channel.id, []).append(message.ts)
    event = {
        "type": "file_shared",
        "file_id": file.id,
        "user_id": file.user,
        "file": {"id": file_json(stage.world, file)["id"]},
        "channel_id": channel.id,
        "event_ts": message.ts,
    }
    stage.announce(event, channel)
    return message


def whisper(stage: Stage, shown: Ephemeral) -> None:
    """Show one person something that nobody else sees and nobody can fetch."""
    stage.ephemerals.append(shown)
    stage.changed()


def revoke(stage: Stage, app: App) -> None:
    """Take an app's bot token away."""
    event: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.user]}}
    stage.tell(app, event)
    app.revoked = True
    stage.changed()
