"""The text of blocks in Slack's escaped form, for looking into messages without reading them."""

from __future__ import annotations

from typing import Any

from bot.platforms.slack.markup.escaping import escape


def of_blocks(blocks: Any, *, depth: int = 12) -> str:
    """The text of Slack's blocks, in Slack's escaped form, for messages whose `text` is empty.

    Anything may be given; what is not understood is passed over.
    """
    if depth <= 0:
        return ""
    if isinstance(blocks, list):
        parts = [of_blocks(block, depth=depth - 1) for block in blocks]
        return "\n".join(part for part in parts if part)
    if not isinstance(blocks, dict):
        return ""
    match blocks:
        case {
            "type": "rich_text_section" | "rich_text_preformatted" | "rich_text_quote",
            "elements": list(found),
        }:
            return "".join(_element(element) for element in found)
        case {"text": str(text), "type": kind}:
            return escape(text) if kind in {"plain_text", "text"} else text
        case {"text": dict(inner)}:
            fields = blocks.get("fields")
            return "\n".join(
                filter(
                    None, (of_blocks(inner, depth=depth - 1), of_blocks(fields, depth=depth - 1))
                )
            )
        case {"elements": list(found)} | {"fields": list(found)}:
            return of_blocks(found, depth=depth - 1)
        case _:
            return ""


def _element(element: Any) -> str:
    match element:
        case {"type": "text", "text": str(text)}:
            return escape(text)
        case {"type": "link", "url": str(url), **rest}:
            label = rest.get("text")
            return (
                f"<{escape(url)}|{escape(label)}>" if isinstance(label, str) else f"<{escape(url)}>"
            )
        case {"type": "user", "user_id": str(user)}:
            return f"<@{user}>"
        case {"type": "channel", "channel_id": str(room)}:
            return f"<#{room}>"
        case {"type": "broadcast", "range": str(who)}:
            return f"<!{who}>"
        case {"type": "emoji", "name": str(name)}:
            return f":{name}:"
        case {"type": "usergroup", "usergroup_id": str(group)}:
            return f"<!subteam^{group}>"
        case {"type": "date", "fallback": str(shown)}:
            return escape(shown)
        case _:
            return ""
