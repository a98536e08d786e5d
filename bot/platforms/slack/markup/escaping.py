"""Slack's escaping, and what of a text can be stored at all."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<([^<>\n]*)>")
_USER = re.compile(r"@([A-Z0-9]+)(?:\|(.*))?")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTER = {"amp": "&", "lt": "<", "gt": ">"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for what no database or network takes: null, lone surrogates."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return _UNSTORABLE.sub("\ufffd", text)


def unescape(text: str) -> str:
    """Undo Slack's three entities, once: `&amp;lt;` is the text `&lt;`
    (https://docs.slack.dev/messaging/formatting-message-text, escaping text).
    """
    return _ENTITY.sub(lambda match: _CHARACTER[match[1]], text) if "&" in text else text


def escape(text: str) -> str:
    """Make text that can hold no entity, mention, link or command of Slack's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(text: str) -> tuple[str, ...]:
    """The user ids that a text mentions."""
    return tuple(match[1] for token in _TOKEN.findall(text) if (match := _USER.fullmatch(token)))
