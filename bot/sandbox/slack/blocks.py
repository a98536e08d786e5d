"""Block Kit: what Slack accepts in a message or a view, and how much text it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.things import Json

LONGEST_TEXT = 13_200
"""Characters of block text in one message; above it `msg_blocks_too_long`, seen in practice."""
MOST_IN_MESSAGE = 50
MOST_IN_VIEW = 100
"""https://docs.slack.dev/reference/block-kit/blocks"""
KINDS = frozenset(
    [
        "actions",
        "call",
        "context",
        "context_actions",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "markdown",
        "rich_text",
        "section",
        "table",
        "video",
    ]
)


def checked(blocks: Any, most: int, new_id: Callable[[], str]) -> list[Json]:
    """The blocks with a `block_id` each; raises `invalid_blocks` or `msg_blocks_too_long`."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    faults = list(_faults(blocks, most))
    if faults:
        lines = [f"[ERROR] {fault}" for fault in faults]
        raise SlackError("invalid_blocks", errors=faults, response_metadata={"messages": lines})
    if sum(map(_length, blocks)) > LONGEST_TEXT:
        raise SlackError("msg_blocks_too_long")
    return [block if block.get("block_id") else block | {"block_id": new_id()} for block in blocks]


def _faults(blocks: list[Any], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    ids: set[str] = set()
    for at, block in enumerate(blocks):
        if not isinstance(block, dict) or block.get("type") not in KINDS:
            kind = block.get("type") if isinstance(block, dict) else None
            yield f"unsupported type: {kind} [json-pointer:/blocks/{at}/type]"
            continue
        name = block.get("block_id") or ""
        if name and name in ids:
            yield f"`block_id` {name} already exists [json-pointer:/blocks/{at}/block_id]"
        if len(name) > 255:
            yield f"must be less than 256 characters [json-pointer:/blocks/{at}/block_id]"
        ids.add(name)
        yield from (f"{fault} [json-pointer:/blocks/{at}{path}]" for path, fault in _limits(block))


def _limits(block: Json) -> Iterator[tuple[str, str]]:
    """(pointer inside the block, what is wrong)."""
    match block["type"]:
        case "section":
            if "text" not in block and "fields" not in block:
                yield "", "missing required field: fields"
            if "text" in block:
                yield from _text(block["text"], 3000, "/text")
            if len(block.get("fields", ())) > 10:
                yield "/fields", "no more than 10 items allowed"
        case "header":
            yield from _text(block.get("text"), 150, "/text")
        case "markdown":
            if not isinstance(block.get("text"), str) or len(block["text"]) > 12_000:
                yield "/text", "must be less than 12001 characters"
        case "context" if not 1 <= len(block.get("elements", ())) <= 10:
            yield "/elements", "must have 1 to 10 items"
        case "actions" if not 1 <= len(block.get("elements", ())) <= 25:
            yield "/elements", "must have 1 to 25 items"
        case "actions":
            yield from _buttons(block["elements"])


def _buttons(elements: list[Any]) -> Iterator[tuple[str, str]]:
    for at, element in enumerate(elements):
        if not isinstance(element, dict) or "type" not in element:
            yield f"/elements/{at}", "missing required field: type"
        elif element["type"] == "button":
            yield from _text(element.get("text"), 75, f"/elements/{at}/text")
            if len(element.get("value", "")) > 2000:
                yield f"/elements/{at}/value", "must be less than 2001 characters"
            if len(element.get("action_id", "")) > 255:
                yield f"/elements/{at}/action_id", "must be less than 256 characters"
            if len(element.get("url", "")) > 3000:
                yield f"/elements/{at}/url", "must be less than 3001 characters"


def _text(text: Any, longest: int, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        yield path, "missing required field: text"
    elif not text["text"]:
        yield f"{path}/text", "must be more than 0 characters"
    elif len(text["text"]) > longest:
        yield f"{path}/text", f"must be less than {longest + 1} characters"


def _length(part: Any) -> int:
    """Characters a reader sees: every `text` string, however deep."""
    if isinstance(part, list):
        return sum(map(_length, part))
    if not isinstance(part, dict):
        return 0
    own = len(part["text"]) if isinstance(part.get("text"), str) else 0
    return own + sum(_length(value) for value in part.values() if isinstance(value, (dict, list)))
