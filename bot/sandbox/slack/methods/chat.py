"""chat.*: posting, editing, deleting, whispering."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack import acts, rooms
from bot.sandbox.slack.acts import Draft
from bot.sandbox.slack.blocks import MOST_IN_MESSAGE, checked
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.call import Call, Chapter
from bot.sandbox.slack.shapes import placed_json
from bot.sandbox.slack.stage import Ephemeral
from bot.sandbox.slack.things import Channel, Json, Message
from bot.sandbox.slack.typed import settle

METHODS = Chapter()
LONGEST_TEXT = 40_000
"""Characters; a longer text is cut: https://docs.slack.dev/reference/methods/chat.postMessage"""
LONGEST_UPDATE = 4_000
"""Characters: https://docs.slack.dev/reference/methods/chat.update"""
_TS = re.compile(r"\d{1,12}\.\d{6}")


@METHODS.method("chat.postMessage", "chat:write")
def post_message(call: Call) -> Json:
    """Say something in a channel, a thread or, by a person's id, in their direct message."""
    channel = _target(call)
    draft = _draft(call, channel)
    message = acts.post(call.stage, channel, draft)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": placed_json(call.world, channel, message, metadata=True),
    }


@METHODS.method("chat.meMessage", "chat:write")
def me_message(call: Call) -> Json:
    """Say something about oneself."""
    channel = _open_for_writing(call, call.channel())
    text = settle(call.text("text"))
    if not text:
        raise SlackError("no_text")
    draft = Draft(user=call.app.user, app=call.app.id, text=text, subtype="me_message")
    return {"channel": channel.id, "ts": acts.post(call.stage, channel, draft).ts}


@METHODS.method("chat.update", "chat:write")
def update(call: Call) -> Json:
    """Change a message of one's own."""
    channel = _open_for_writing(call, call.channel())
    message = _own(call, channel, "cant_update_message")
    blocks, text = _blocks(call), call.arguments.get("text")
    if text is None and blocks is None:
        raise SlackError("no_text")
    if text is not None and len(call.text("text")) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    new_text = message.text if text is None else settle(call.text("text"))
    if call.arguments.get("metadata") is not None:
        message.metadata = _metadata(call)
    acts.edit(call.stage, channel, message, new_text, message.blocks if blocks is None else blocks)
    shown = placed_json(call.world, channel, message, metadata=True)
    shown = {name: value for name, value in shown.items() if name in _SHOWN_BY_UPDATE}
    return {"channel": channel.id, "ts": message.ts, "text": new_text, "message": shown}


_SHOWN_BY_UPDATE = frozenset(
    [
        "type",
        "text",
        "user",
        "team",
        "bot_id",
        "app_id",
        "bot_profile",
        "edited",
        "blocks",
        "attachments",
        "metadata",
        "files",
        "upload",
        "display_as_bot",
    ]
)


@METHODS.method("chat.delete", "chat:write")
def delete(call: Call) -> Json:
    """Take back a message of one's own."""
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    acts.delete(call.stage, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@METHODS.method("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> Json:
    """Show one member of a channel something that cannot be fetched again."""
    channel = _open_for_writing(call, call.channel())
    person = call.required("user")
    if person not in channel.members:
        raise SlackError("user_not_in_channel")
    draft = _draft(call, channel)
    ts = call.world.stamp(channel)
    shown = Ephemeral(person, channel.id, draft.text, ts, "api", draft.blocks, draft.thread_ts)
    acts.whisper(call.stage, shown)
    return {"message_ts": ts}


@METHODS.method("chat.getPermalink")
def permalink(call: Call) -> Json:
    """A message's address for people."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    digits = message.ts.replace(".", "")
    link = f"https://{call.world.domain}.slack.com/archives/{channel.id}/p{digits}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _target(call: Call) -> Channel:
    word = call.text("channel")
    person = call.world.users.get(word)
    if person is not None and not person.bot_id:
        return rooms.open_direct(call.stage, call.app, person.id)
    return _open_for_writing(call, call.channel(named=True))


def _open_for_writing(call: Call, channel: Channel) -> Channel:
    if channel.archived:
        raise SlackError("is_archived")
    public = channel.kind == "channels" and "chat:write.public" in call.app.scopes
    if call.app.user not in channel.members and not public:
        raise SlackError("not_in_channel")
    return channel


def _draft(call: Call, channel: Channel) -> Draft:
    blocks = _blocks(call)
    attachments = call.structure("attachments", "invalid_attachments") or None
    text = settle(call.text("text")[:LONGEST_TEXT])
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    username = call.text("username")
    icons = _icons(call)
    if username or icons:
        call.need("chat:write.customize")
    root = _root(call, channel)
    broadcast = bool(root) and call.flag("reply_broadcast")
    return Draft(
        user=call.app.user,
        app=call.app.id,
        text=text,
        blocks=blocks,
        attachments=attachments,
        username=username,
        icons=icons,
        metadata=_metadata(call),
        thread_ts=root,
        subtype="thread_broadcast" if broadcast else "",
    )


def _root(call: Call, channel: Channel) -> str:
    wanted = call.text("thread_ts")
    if not wanted:
        return ""
    if not _TS.fullmatch(wanted):
        raise SlackError("invalid_thread_ts")
    parent = channel.messages.get(wanted)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _own(call: Call, channel: Channel, refusal: str) -> Message:
    message = call.message(channel, "ts")
    if message.app != call.app.id or (
        message.subtype and refusal == "cant_update_message" and message.subtype not in _EDITABLE
    ):
        raise SlackError(refusal)
    return message


_EDITABLE = frozenset({"bot_message", "thread_broadcast", "file_share"})


def _blocks(call: Call) -> list[Json] | None:
    given = call.structure("blocks", "invalid_blocks_format")
    if given is None:
        return None
    return checked(given, MOST_IN_MESSAGE, lambda: call.world.new_id("b"))


def _icons(call: Call) -> dict[str, str] | None:
    if call.text("icon_emoji"):
        return {"emoji": call.text("icon_emoji")}
    address = call.text("icon_url")
    return {f"image_{size}": address for size in (36, 48, 72)} if address else None


def _metadata(call: Call) -> Json | None:
    given: Any = call.structure("metadata", "invalid_metadata_format")
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(given.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return {"event_type": given["event_type"], "event_payload": given["event_payload"]}
