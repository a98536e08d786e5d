"""A delivery → the request that carries it out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import emoji as emojis
import msgspec

from bot.errors import Refused
from bot.events import (
    Answer,
    Delete,
    Delivery,
    Edit,
    Manner,
    MessageId,
    Post,
    React,
    Share,
    Topic,
    Unreact,
    account_of,
    local,
)
from bot.platforms.matrix import markup
from bot.platforms.matrix.attachments import Handle
from bot.platforms.matrix.envelope import DELIVERY_KEY
from bot.platforms.matrix.wording import NO_PICTURES, Words, file_content, worded
from bot.platforms.twins import with_twins

LARGEST_CONTENT = 65_536 - 3_072
"""Bytes of an event's content as JSON: an event has at most 65,536 (client-server API, "Size
limits"), and what the homeserver adds (ids, hashes, signatures, ancestors) takes some of them."""
LARGEST_HIDDEN = 46_000
"""The same of what is encrypted: it is written in base64 (4 for 3), and keys and ids beside it."""

_TYPES = {Manner.SAID: "m.text", Manner.EMOTE: "m.emote", Manner.NOTICE: "m.notice"}
_SHORT = 200
"""Characters of an edit that are shown to clients that know no edits, where all is too long."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be put, and where in the room (the parts of a path)."""

    where: tuple[str, ...]
    content: Mapping[str, Any]


def request(
    delivery: Delivery,
    placed: Handle | None = None,
    *,
    largest: int = LARGEST_CONTENT,
    pictures: Mapping[str, str] = NO_PICTURES,
) -> Request:
    """The request of a delivery; `placed`: where the file of a `Share` lies on the homeserver.

    `largest`: bytes of its content; `pictures`: those of emoji (see `worded`). Raises `Refused`
    when it cannot be made short enough, or names no message to act upon.
    """
    account = account_of(delivery.room)
    match delivery.content:
        case Post(body, author, thread, manner, reply_to, controls=controls):
            more = _relation(thread, reply_to) | _mark(delivery)
            words = worded(with_twins(body, controls), account, author, pictures)
            content = _fitted(_TYPES[manner], words, more, largest)
            return _message(delivery, content)
        case Answer(body=body, thread=thread, direct=direct, controls=controls):
            # a thread is of the room that was asked in, so that elsewhere it is nothing
            more = _relation(thread if direct else None, None) | _mark(delivery)
            words = worded(with_twins(body, controls), account)
            return _message(delivery, _fitted("m.notice", words, more, largest))
        case Edit(body, author, message, manner, made, controls=controls) as edit:
            words = worded(with_twins(body, controls), account, author, pictures)
            mark = {DELIVERY_KEY: made} if made else {}
            beside = _called(words, edit) | _mark(delivery)
            content = _edit(_need(message), _TYPES[manner], words, mark, beside, largest)
            return _message(delivery, content)
        case Share(file, author, thread):
            if placed is None:
                raise Refused("no such file")
            said = file_content(file, author, placed)
            content = said | _relation(thread, None) | _mark(delivery)
            return _message(delivery, content)
        case React(emoji, message):
            relation = {"rel_type": "m.annotation", "event_id": _need(message), "key": key(emoji)}
            content = {"m.relates_to": relation, **_mark(delivery)}
            return Request(("send", "m.reaction", delivery.id), content)
        case Delete(message):
            return redaction(delivery, message)
        case Unreact(reaction=reaction):
            return redaction(delivery, reaction or MessageId(""))
        case Topic(text):
            return Request(("state", "m.room.topic", ""), {"topic": markup.storable(text)})


def redaction(delivery: Delivery, message: MessageId) -> Request:
    """The request that takes an event back."""
    return Request(("redact", _need(message), delivery.id), {})


def key(emoji: str) -> str:
    """A reaction's key: with the variation selector that clients put where there is one.

    The specification asks for it ("Event annotations and reactions"), and without it the same
    emoji would be counted apart from people's.
    """
    return _qualified().get(emoji) or markup.storable(emoji)


@cache
def _qualified() -> Mapping[str, str]:
    whole = emojis.STATUS["fully_qualified"]
    known = (text for text, about in emojis.EMOJI_DATA.items() if about["status"] == whole)
    return {text.replace("\ufe0f", ""): text for text in known if "\ufe0f" in text}


def _message(delivery: Delivery, content: Mapping[str, Any]) -> Request:
    return Request(("send", "m.room.message", delivery.id), content)


def _mark(delivery: Delivery) -> dict[str, Any]:
    return {DELIVERY_KEY: delivery.id}


def _need(message: MessageId) -> MessageId:
    if not message:
        raise Refused("no message")
    return message


def _relation(thread: MessageId | None, reply_to: MessageId | None) -> dict[str, Any]:
    """`m.relates_to` of a message; in a thread without an answer, the fallback for clients that
    know no threads (client-server API, "Threading").
    """
    answered = {} if reply_to is None else {"m.in_reply_to": {"event_id": reply_to}}
    if thread is None:
        return {"m.relates_to": answered} if answered else {}
    return {
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": thread,
            "is_falling_back": reply_to is None,
            "m.in_reply_to": {"event_id": reply_to or thread},
        }
    }


def _fitted(kind: str, words: Words, more: dict[str, Any], largest: int) -> Mapping[str, Any]:
    """The message, without its HTML where only that makes it too long."""
    for said in (words, words.bare()):
        content = said.content(kind) | more
        if _fits(content, largest):
            return content
    raise Refused("too long")


def _edit(
    message: MessageId,
    kind: str,
    words: Words,
    inside: dict[str, Any],
    beside: dict[str, Any],
    largest: int,
) -> Mapping[str, Any]:
    """An edit: the new words for clients that know edits, and beside them the same after a `* `
    for those that do not (client-server API, "Event replacements"); these are shortened first.

    `inside` and `beside` are keys for the new words and for the event.
    """
    relation = {"rel_type": "m.replace", "event_id": message}
    for new in (words, words.bare()):
        for shown in (new, new.bare(), new.bare().cut(_SHORT)):
            content = shown.after("* ").content(kind) | {
                "m.new_content": new.content(kind) | inside,
                "m.relates_to": relation,
                **beside,
            }
            if _fits(content, largest):
                return content
    raise Refused("too long")


def _called(words: Words, edit: Edit) -> dict[str, Any]:
    """Whom an edit mentions for the first time: whom the words before had called is not called
    again (client-server API, "User and room mentions").
    """
    new = {local(person) for person in edit.calls}
    known = [user for user in words.more["m.mentions"].get("user_ids", ()) if user in new]
    return {"m.mentions": {"user_ids": known} if known else {}}


def _fits(content: Mapping[str, Any], largest: int) -> bool:
    return len(msgspec.json.encode(content)) <= largest
