"""A delivery → the event to send. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

import msgspec

from bot.errors import Refused
from bot.events import Answer, Author, Delivery, MessageId, Post, React, local
from bot.platforms.matrix import markup
from bot.platforms.matrix.inbound import DELIVERY_KEY

LARGEST_CONTENT = 65_536 - 3_072
"""Bytes of an event's content as JSON: an event has at most 65,536 (client-server API, "Size
limits"), and what the homeserver adds (ids, hashes, signatures, ancestors) takes some of them."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent into a room."""

    type: str
    content: Mapping[str, Any]


def request(delivery: Delivery) -> Request:
    """The event of a delivery; raises `Refused` when it cannot be made short enough."""
    match delivery.content:
        case Post(body, author, thread):
            return _fitting(delivery, _post(markup.write(body), author, thread))
        case Answer(body=body, thread=thread, direct=direct):
            # a thread is of the room that was asked in, so that elsewhere it is nothing
            content = _text("m.notice", markup.write(body), thread if direct else None)
            return _fitting(delivery, content)
        case React(message, emoji):
            relation = {
                "rel_type": "m.annotation",
                "event_id": message,
                "key": markup.storable(emoji),
            }
            content = {"m.relates_to": relation, DELIVERY_KEY: delivery.id}
            return Request("m.reaction", content)
        case _ as never:
            assert_never(never)


def _post(text: str, author: Author | None, thread: MessageId | None) -> dict[str, Any]:
    if author is None:
        return _text("m.text", text, thread)
    name = markup.shown_name(author.name) or markup.shown_name(local(author.person))
    formatted = f"<strong data-mx-profile-fallback>{markup.as_html(name)}: </strong>"
    return _text("m.text", f"{name}: {text}", thread) | {
        "format": "org.matrix.custom.html",
        "formatted_body": formatted + markup.as_html(text),
        # MSC4144, under the name that is in use until it is merged
        "com.beeper.per_message_profile": {
            "id": hashlib.sha256(author.person.encode("utf-8", "replace")).hexdigest()[:16],
            "displayname": name,
            "has_fallback": True,
        },
    }


def _text(kind: str, text: str, thread: MessageId | None) -> dict[str, Any]:
    # `m.mentions` is there even though empty: without it clients look for names in the text
    content: dict[str, Any] = {"msgtype": kind, "body": text, "m.mentions": {}}
    if thread is not None:
        content["m.relates_to"] = {
            "rel_type": "m.thread",
            "event_id": thread,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": thread},
        }
    return content


def _fitting(delivery: Delivery, content: dict[str, Any]) -> Request:
    """The message, without its HTML where only that makes it too long."""
    content[DELIVERY_KEY] = delivery.id
    if not _fits(content):
        for key in ("format", "formatted_body"):
            content.pop(key, None)
    if not _fits(content):
        raise Refused("too long")
    return Request("m.room.message", content)


def _fits(content: Mapping[str, Any]) -> bool:
    return len(msgspec.json.encode(content)) <= LARGEST_CONTENT
