"""Deliveries as requests to Slack: pure. Nothing that a person typed can act in what is made here.

Limits: https://docs.slack.dev/reference/methods/chat.postMessage and .../blocks/rich-text-block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.errors import Refused
from bot.events import (
    Answer,
    Control,
    Delete,
    Delivery,
    Edit,
    Manner,
    PersonId,
    Post,
    React,
    RoomId,
    Share,
    Topic,
    Unreact,
    account_of,
    local,
)
from bot.platforms.slack import buttons, home, markup
from bot.platforms.slack.identity import METADATA_TYPE
from bot.platforms.slack.labels import icon, username
from bot.platforms.slack.markup import emoji_names
from bot.richtext import Block, Heading, LineBreak, Paragraph, RichText, Style

LONGEST_TEXT = 8_000
"""Characters of one message: Slack refuses about 13,200 in blocks (`msg_blocks_too_long`)."""
LONGEST_CHANGED = 4_000
"""Characters of `text` that `chat.update` takes (reference/methods/chat.update)."""
LARGEST_FILE = 1_000_000_000
"""Bytes (https://slack.com/help/articles/201330736)."""
REPLY_FOR = 29 * 60
"""Seconds for which a response address is used; Slack takes it for 30 minutes."""


MARKS = {"✓": "white_check_mark"}
"""What the bot marks messages with and is no emoji."""


@dataclass(frozen=True, slots=True)
class Call:
    """A Web API call; `done`: the refusals that say that it is so already."""

    method: str
    parameters: dict[str, Any]
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Respond:
    """A post to a response address, and the call to make where the address is used up."""

    url: str
    body: dict[str, Any]
    otherwise: Call


Request = Call | Respond

_GONE = frozenset({"message_not_found"})


def request_of(delivery: Delivery, now: datetime) -> Request:
    """The one request that carries a delivery out (a file takes several: `uploads`).

    Raises `Refused` for what Slack has no way to do.
    """
    channel = local(delivery.room)
    match delivery.content:
        case Post() as post:
            return _post(delivery, post)
        case Answer(body=body, person=person, reply=home.HANDLE):
            shown = {"user_id": local(person), "view": home.view(body)}
            return Call("views.publish", shown)
        case Answer(body=body, thread=thread, direct=True, controls=controls):
            return _post(delivery, Post(body, thread=thread, controls=controls))
        case Answer(body=body, person=person, lasting=True, controls=controls):
            # By a person's id Slack opens their direct message with the bot (chat.postMessage).
            return _post(replace(delivery, room=beside(delivery.room, person)),
                         Post(body, controls=controls))  # fmt: skip
        case Answer(person=person) as answer:
            return _answer(delivery, {"channel": channel, "user": local(person)}, answer, now)
        case Edit() as edit:
            return _edit(delivery, edit)
        case Delete(message):
            return Call("chat.delete", {"channel": channel, "ts": message}, _GONE)
        case React(shown, message):
            return Call(
                "reactions.add", _reaction(channel, message, shown), frozenset({"already_reacted"})
            )
        case Unreact(shown, message):
            done = _GONE | {"no_reaction"}
            return Call("reactions.remove", _reaction(channel, message, shown), done)
        case Topic():
            raise Refused("topic")  # needs a scope that nothing else does
        case Share():
            raise Refused("file")


def beside(room: RoomId, person: PersonId) -> RoomId:
    """Where a person is spoken to directly, in the workspace of a room."""
    return RoomId(f"{account_of(room)}/{local(person)}")


def thread_of(content: Post | Answer | Share) -> str | None:
    """The thread in which something is posted. An answer to one message is shown in the thread
    below it: Slack has no other.
    """
    if isinstance(content, Post):
        return content.thread or content.reply_to
    return content.thread


def _post(delivery: Delivery, post: Post) -> Call:
    """A message that all see. The id stands twice: in the metadata, and as first `block_id`."""
    parameters: dict[str, Any] = {
        "channel": local(delivery.room),
        **_shown(delivery, post.body, post.manner, block_id=delivery.id, controls=post.controls),
        "metadata": {"event_type": METADATA_TYPE, "event_payload": {"id": delivery.id}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if post.author is not None:
        parameters["username"] = username(post.author)
        if address := icon(post.author):
            parameters["icon_url"] = address
    thread = thread_of(post)
    if thread is not None:
        parameters["thread_ts"] = thread
        if post.broadcast:
            parameters["reply_broadcast"] = True
    return Call("chat.postMessage", parameters)


def _edit(delivery: Delivery, edit: Edit) -> Call:
    """Other words. The metadata stays as it is not named; the first `block_id` is said again."""
    made, controls = edit.made or None, edit.controls
    shown = _shown(delivery, edit.body, edit.manner, block_id=made, controls=controls)
    shown["text"] = _cut(shown["text"], LONGEST_CHANGED)
    return Call("chat.update", {"channel": local(delivery.room), "ts": edit.message, **shown})


def _reaction(channel: str, message: str, shown: str) -> dict[str, Any]:
    name = MARKS.get(shown) or emoji_names.name_of(shown)
    if name is None:
        raise Refused("invalid_name")
    return {"channel": channel, "timestamp": message, "name": name}


def _answer(delivery: Delivery, place: dict[str, Any], answer: Answer, now: datetime) -> Request:
    block_id = delivery.id if answer.controls else None
    shown = _shown(delivery, answer.body, block_id=block_id, controls=answer.controls)
    in_thread = {} if answer.thread is None else {"thread_ts": answer.thread}
    ephemeral = Call("chat.postEphemeral", {**place, **shown, **in_thread})
    if answer.reply is None:
        return ephemeral
    url, _, given = answer.reply.partition("#")
    if given.isdecimal() and now.timestamp() - int(given) > REPLY_FOR:
        return ephemeral
    private = {
        "response_type": "ephemeral",
        "replace_original": answer.replaces,
        **shown,
        **in_thread,
    }
    return Respond(url, private, ephemeral)


def _shown(
    delivery: Delivery,
    body: RichText,
    manner: Manner = Manner.SAID,
    *,
    block_id: str | None = None,
    controls: Sequence[Control] = (),
) -> dict[str, Any]:
    """The blocks, in which nothing is looked for, and the escaped text beside them."""
    if manner is Manner.EMOTE:
        body = RichText(tuple(map(_emoted, body.blocks)))
    written = markup.write_blocks(body, account_of(delivery.room), block_id=block_id)
    return {
        "text": written.text,
        "blocks": [*written.blocks, *buttons.rows(controls, block_id)],
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
    }


def _emoted(block: Block) -> Block:
    """What was said about oneself, in italics, as Slack shows its own `/me`."""
    if not isinstance(block, Paragraph | Heading):
        return block
    content = tuple(
        leaf
        if isinstance(leaf, LineBreak)
        else msgspec.structs.replace(leaf, style=leaf.style | Style.ITALIC)
        for leaf in block.content
    )
    return msgspec.structs.replace(block, content=content)


def _cut(escaped: str, longest: int) -> str:
    """The beginning of an escaped text, not cut inside an entity."""
    if len(escaped) <= longest:
        return escaped
    kept = escaped[:longest]
    entity = kept.rfind("&")
    return kept if ";" in kept[entity:] or entity < 0 else kept[:entity]
