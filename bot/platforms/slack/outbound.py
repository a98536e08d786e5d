"""Deliveries as requests to Slack: pure. Nothing that a person typed can act in what is made here.

Limits: https://docs.slack.dev/reference/methods/chat.postMessage and .../blocks/rich-text-block.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.events import Answer, Author, Delivery, Post, React, local
from bot.platforms.slack import markup
from bot.platforms.slack.inbound import METADATA_TYPE
from bot.richtext import RichText

LONGEST_TEXT = 8_000
"""Characters of one message: Slack refuses about 13,200 in blocks (`msg_blocks_too_long`)."""
LONGEST_NAME = 80
"""Characters of `username` that Slack shows."""
LONGEST_FALLBACK = 39_000
"""Characters of `text`, which Slack cuts above 40,000."""
REPLY_FOR = 29 * 60
"""Seconds for which a response address is used; Slack takes it for 30 minutes."""
EMOJI = {
    "✓": "white_check_mark",
    "✅": "white_check_mark",
    "✔": "heavy_check_mark",
    "⚠": "warning",
    "❌": "x",
    "❓": "question",
    "👀": "eyes",
}
"""Slack's name of each emoji that the bot reacts with, without variation selectors."""


@dataclass(frozen=True, slots=True)
class Call:
    """A Web API call."""

    method: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Respond:
    """A post to a response address, and the call to make where the address is used up."""

    url: str
    body: dict[str, Any]
    otherwise: Call


Request = Call | Respond


def request_of(delivery: Delivery, now: datetime) -> Request:
    """The one request that carries a delivery out."""
    channel = local(delivery.room)
    match delivery.content:
        case Post(body, author, thread):
            return _post(delivery, body, author=author, thread=thread)
        case Answer(body=body, thread=thread, direct=True):
            return _post(delivery, body, author=None, thread=thread)
        case Answer(person, body, reply, thread):
            return _answer(channel, local(person), body, reply, thread, now)
        case React(message, emoji):
            name = reaction(emoji)
            return Call("reactions.add", {"channel": channel, "timestamp": message, "name": name})


def _post(delivery: Delivery, body: RichText, *, author: Author | None, thread: str | None) -> Call:
    """A message that all see. The id stands twice: in the metadata, and as first `block_id`."""
    parameters: dict[str, Any] = {
        "channel": local(delivery.room),
        **_shown(body, block_id=delivery.id),
        "metadata": {"event_type": METADATA_TYPE, "event_payload": {"id": delivery.id}},
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if author is not None:
        parameters["username"] = username(author)
    if thread is not None:
        parameters["thread_ts"] = thread
    return Call("chat.postMessage", parameters)


def _answer(
    channel: str, user: str, body: RichText, reply: str | None, thread: str | None, now: datetime
) -> Request:
    parameters = {"channel": channel, "user": user, **_shown(body)}
    if thread is not None:
        parameters["thread_ts"] = thread
    ephemeral = Call("chat.postEphemeral", parameters)
    if reply is None:
        return ephemeral
    url, _, given = reply.partition("#")
    if given.isdecimal() and now.timestamp() - int(given) > REPLY_FOR:
        return ephemeral
    private = {"response_type": "ephemeral", "replace_original": False, **_shown(body)}
    return Respond(url, private, ephemeral)


def _shown(body: RichText, block_id: str | None = None) -> dict[str, Any]:
    """The text, as a `rich_text` block in which nothing is looked for, and escaped beside it."""
    text = markup.write(body)
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text or " "}]}
    block: dict[str, Any] = {"type": "rich_text", "elements": [section]}
    if block_id is not None:
        block["block_id"] = block_id
    return {
        "text": fallback(text),
        "blocks": [block],
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
    }


def fallback(text: str) -> str:
    """The text for notifications: escaped, and cut before a character, never inside an entity."""
    escaped = markup.escape(text)
    while len(escaped) > LONGEST_FALLBACK:
        text = text[: len(text) * LONGEST_FALLBACK // len(escaped) - 1]
        escaped = markup.escape(text)
    return escaped


def username(author: Author) -> str:
    """The author's name as Slack takes it: on one line, not empty, nothing that does not show
    or that turns the writing direction of what follows.
    """
    kept = (
        " " if character.isspace() else character
        for character in markup.storable(author.name)
        if character.isspace()
        or character == "\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn"}
    )
    name = " ".join("".join(kept).split())[:LONGEST_NAME].rstrip()
    return name.strip("\u200d") or local(author.person)[:LONGEST_NAME] or "?"


def reaction(emoji: str) -> str:
    """Slack's name of an emoji; a word that is no emoji stays as it is."""
    return EMOJI.get(emoji.replace("\ufe0f", ""), emoji)
