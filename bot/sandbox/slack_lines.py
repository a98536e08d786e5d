"""A message of the stand-in as the line that a Slack client shows. Pure.

A reader of its own on purpose, with nothing of the bot's converters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import emoji as emojis

from bot.sandbox.board import Attachment, Button, Key, Line, Reaction
from bot.sandbox.slack.things import Message
from bot.sandbox.slack.typed import unescape
from bot.sandbox.slack.world import World

SPOKEN = frozenset({"", "bot_message", "thread_broadcast", "me_message", "file_share"})
"""The subtypes that are messages of people and apps, and not notes of Slack's own."""
GONE = "tombstone"
"""The subtype of what was taken back and has replies."""


def line_of(message: Message, room: str, world: World) -> Line:
    """The line of a message; `room` by its key on the board."""
    author, text = message.username, shown_text(message.text, message.blocks)
    if message.app and message.files and text.endswith(":"):
        author, text = text[:-1], ""  # an upload has no other author's name than the line above it
    return Line(
        key=Key(room, message.ts),
        author=author or _name(message.user, world),
        said=moment(message.ts),
        text=text,
        by_bot=bool(message.app),
        edited=message.edited is not None,
        answers=Key(room, message.thread_ts) if message.is_reply else None,
        files=tuple(
            Attachment(world.files[file].name, world.files[file].length) for file in message.files
        ),
        reactions=tuple(
            Reaction(_emoji(name), tuple(_name(user, world) for user in users))
            for name, users in message.reactions.items()
        ),
        buttons=buttons_of(message.blocks),
    )


def buttons_of(blocks: Iterable[Mapping[str, Any]] | None) -> tuple[Button, ...]:
    """The buttons of a message."""
    return tuple(
        Button(str(each["action_id"]), str(each["text"]["text"]), str(each.get("style", "plain")))
        for block in blocks or ()
        if block.get("type") == "actions"
        for each in block.get("elements", ())
        if each.get("type") == "button"
    )


def moment(ts: str) -> datetime:
    """The moment of a `ts`."""
    return datetime.fromtimestamp(float(ts), UTC)


def shown_text(text: str, blocks: list[dict[str, Any]] | None) -> str:
    """What a Slack client shows: the blocks where there are some, else the text."""
    shown = "\n".join(_lines(blocks or []))
    return shown or unescape(text)


def _name(user: str, world: World) -> str:
    found = world.users[user]
    return "Liaison" if found.bot_id else found.real_name


def _emoji(name: str) -> str:
    return emojis.emojize(f":{name}:", language="alias")


def _lines(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The blocks' lines; what stands in a block of its own begins a new one."""
    for block in blocks:
        kind, inside = block.get("type"), block.get("elements", [])
        if kind == "actions":
            continue
        if kind == "rich_text":
            yield from _lines(inside)
        elif kind == "rich_text_list":
            yield from (f"• {''.join(_texts([item]))}" for item in inside)
        else:
            words = "".join(_texts([block])).removesuffix("\n")
            yield f"> {words}" if kind == "rich_text_quote" else words


def _texts(elements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for element in elements:
        text = element.get("text")
        if isinstance(text, Mapping):  # a section's text object
            text = unescape(str(text.get("text", "")))
        if isinstance(text, str):
            yield text
        elif "url" in element:
            yield str(element["url"])
        elif element.get("type") == "emoji":
            yield _emoji(str(element.get("name")))
        elif "fallback" in element:
            yield str(element["fallback"])
        yield from _texts(element.get("elements", []))
