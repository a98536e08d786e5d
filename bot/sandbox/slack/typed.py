"""What people and apps type, as Slack stores it: escaped text, and the blocks a client makes."""

from __future__ import annotations

import re

from bot.sandbox.slack.things import Json

_MARKUP = re.compile(r"<([^<>\n]+)>")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_SPECIAL = re.compile(r"<(?=[@#!]|[a-zA-Z][a-zA-Z0-9+.-]*:)[^<>]+>")
"""What an angle bracket may open in a message: mention, command or link."""


def escape(text: str) -> str:
    """Text as typed, with the three characters that Slack escapes, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The reverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def settle(text: str) -> str:
    """Text of an app: entities and markup stay, stray `&`, `<` and `>` are escaped."""
    if "&" not in text and "<" not in text and ">" not in text:
        return text
    parts: list[str] = []
    end = 0
    text = _ENTITY.sub("&amp;", text)
    for found in _SPECIAL.finditer(text):
        parts += [_brackets(text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _brackets(text[end:])])


def rich_text(text: str, block_id: str) -> list[Json]:
    """The `rich_text` block that Slack's own clients send along with a person's text."""
    elements: list[Json] = []
    end = 0
    for found in _MARKUP.finditer(text):
        if found.start() > end:
            elements.append({"type": "text", "text": unescape(text[end : found.start()])})
        elements.append(_element(found[1]))
        end = found.end()
    if end < len(text):
        elements.append({"type": "text", "text": unescape(text[end:])})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]


def _brackets(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _element(inner: str) -> Json:
    target, _, label = inner.partition("|")
    match target[:1], target:
        case "@", _:
            return {"type": "user", "user_id": target[1:]}
        case "#", _:
            return {"type": "channel", "channel_id": target[1:]}
        case "!", _ if target.startswith("!subteam^"):
            return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
        case "!", _:
            return {"type": "broadcast", "range": target[1:]}
    link: Json = {"type": "link", "url": unescape(target)}
    return link | ({"text": unescape(label)} if label else {})
