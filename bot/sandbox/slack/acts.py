"""What is said and done in a room: each act changes the world and tells the apps. People and apps
alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack import payloads
from bot.sandbox.slack.shapes import file_json, placed_json, user_json
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
