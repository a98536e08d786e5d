"""Slack's text and the tree: plain text in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.events import AccountId, person_id
from bot.richtext import Inline, LineBreak, Link, Mention, Paragraph, RichText, Text, plain

Names = Callable[[str], str | None]
"""A person's shown name by Slack's user id, None where it is not known."""

_TOKEN = re.compile(r"<([^<>\n]*)>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTER = {"amp": "&", "lt": "<", "gt": ">"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_USER = re.compile(r"@([A-Z0-9]+)(?:\|(.*))?")
_ROOM = re.compile(r"#([A-Z0-9]+)(?:\|(.*))?")
_SPECIAL = re.compile(r"!([a-z]+)(?:\^([^|]*))?(?:\|(.*))?")
_SCHEMES = ("", "http://", "https://", "mailto:", "tel:")
"""What Slack puts before what it makes a link of by itself."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s|]*")


def storable(text: str) -> str:
    """The text with U+FFFD for what no database or network takes: null, lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text)


def unescape(text: str) -> str:
    """Undo Slack's three entities, once: `&amp;lt;` is the text `&lt;`
    (https://docs.slack.dev/messaging/formatting-message-text, escaping text).
    """
    return _ENTITY.sub(lambda match: _CHARACTER[match[1]], text)


def escape(text: str) -> str:
    """Make text that can hold no entity, mention, link or command of Slack's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(text: str) -> tuple[str, ...]:
    """The user ids that a text mentions."""
    return tuple(match[1] for token in _TOKEN.findall(text) if (match := _USER.fullmatch(token)))


def read(text: str, account: AccountId, names: Names) -> RichText:
    """A message's text as the tree; what Slack's marks mean stays, `*bold*` stays as typed."""
    content: list[Inline] = []
    text = storable(text)
    position = 0
    for match in _TOKEN.finditer(text):
        content.extend(_lines(unescape(text[position : match.start()])))
        content.extend(_token(match[1], account, names))
        position = match.end()
    content.extend(_lines(unescape(text[position:])))
    return RichText((Paragraph(tuple(_joined(content))),) if content else ())


def typed(text: str, account: AccountId, names: Names) -> str:
    """What a person typed after a command, with Slack's own links and escapes undone."""
    return plain(_unlinked(read(text, account, names)))


def write(body: RichText) -> str:
    """The body as the characters that are to be shown: links that a network made by itself are
    what was typed, others their text with the address.
    """
    return storable(plain(_unlinked(body)))


def _unlinked(body: RichText) -> RichText:
    return RichText(
        tuple(Paragraph(tuple(_as_typed(item) for item in block.content)) for block in body.blocks)
    )


def _as_typed(item: Inline) -> Inline:
    """The text alone of a link whose address is that text, or is it with a scheme before it."""
    match item:
        case Link(url, text) if text and url.rstrip("/") in {
            f"{scheme}{text}".rstrip("/") for scheme in _SCHEMES
        }:
            return Text(text)
        case _:
            return item


def _lines(text: str) -> Iterator[Inline]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield LineBreak()
        if line:
            yield Text(line)


def _token(token: str, account: AccountId, names: Names) -> Iterator[Inline]:
    """What stands between `<` and `>`; what is none of Slack's marks stays as it was."""
    if match := _USER.fullmatch(token):
        name = names(match[1]) or unescape(match[2] or "") or match[1]
        yield Mention(person_id(account, match[1]), name)
    elif match := _ROOM.fullmatch(token):
        yield Text(f"#{unescape(match[2] or '') or match[1]}")
    elif match := _SPECIAL.fullmatch(token):
        yield Text(_special(match[1], match[2] or "", unescape(match[3] or "")))
    elif _ADDRESS.fullmatch(token.partition("|")[0]):
        url, _, label = token.partition("|")
        yield Link(unescape(url), unescape(label) or unescape(url))
    else:
        yield from _lines(unescape(f"<{token}>"))


def _special(kind: str, values: str, label: str) -> str:
    if kind in {"here", "channel", "everyone"}:
        return f"@{kind}"
    shown = label or values.partition("^")[0] or kind
    return shown if kind != "subteam" or shown.startswith("@") else f"@{shown}"


def _joined(content: list[Inline]) -> Iterator[Inline]:
    """Neighbouring texts as one, so that the same text gives the same tree."""
    run: list[str] = []
    for item in content:
        if isinstance(item, Text):
            run.append(item.text)
            continue
        if run:
            yield Text("".join(run))
            run.clear()
        yield item
    if run:
        yield Text("".join(run))


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
