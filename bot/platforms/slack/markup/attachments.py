"""Reading the old attachments of other bots and forwarded messages: quotes with a title.

https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments. Link previews
are attachments too; they say nothing that their author said, and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.platforms.slack.markup.blocks import BlockReader
from bot.platforms.slack.markup.escaping import storable, unescape
from bot.platforms.slack.markup.links import link
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.richtext import Block, Inline, LineBreak, Paragraph, Quote, Style, Text

_BOLD = int(Style.BOLD)
MOST = 100
"""Attachments that are read of one message: Slack's own limit."""
_PREVIEWS = ("from_url", "original_url", "is_msg_unfurl", "is_app_unfurl", "app_unfurl_url")


def is_preview(attachment: Mapping[str, Any]) -> bool:
    """Whether Slack made the attachment of a link; a message that was forwarded is none."""
    return not attachment.get("is_share") and any(attachment.get(key) for key in _PREVIEWS)


def read(attachments: Any, reader: BlockReader, phrases: Phrases = PHRASES) -> Iterator[Block]:
    """What the attachments show."""
    for attachment in (attachments if isinstance(attachments, list) else [])[:MOST]:
        if isinstance(attachment, Mapping) and not is_preview(attachment):
            yield from reader.text(_string(attachment, "pretext"))
            inner = tuple(_inner(attachment, reader, phrases))
            if inner:
                yield Quote(inner)


def _inner(attachment: Mapping[str, Any], reader: BlockReader, phrases: Phrases) -> Iterator[Block]:
    found = [
        *_paragraph(_linked(attachment, "author_name", "author_link")),
        *_paragraph(_linked(attachment, "title", "title_link")),
        *_body(attachment, reader),
        *_fields(attachment.get("fields"), reader),
        *_paragraph(_image(attachment, phrases)),
        *_actions(attachment.get("actions")),
        *_paragraph(_leaf(_words(attachment, "footer"), int(Style.ITALIC))),
    ]
    yield from found or reader.text(_string(attachment, "fallback"))


def _body(attachment: Mapping[str, Any], reader: BlockReader) -> Iterable[Block]:
    blocks = reader.read(attachment.get("blocks"))
    if blocks:
        return blocks
    shared = attachment.get("message_blocks")
    for each in shared if isinstance(shared, list) else []:
        match each:
            case {"message": {"blocks": list(inner)}}:
                blocks += reader.read(inner)
    return blocks or reader.text(_string(attachment, "text"))


def _fields(fields: Any, reader: BlockReader) -> Iterator[Block]:
    for each in fields if isinstance(fields, list) else []:
        if isinstance(each, Mapping):
            title = _leaf(_words(each, "title"), _BOLD)
            first, *rest = reader.text(_string(each, "value")) or (Paragraph(()),)
            if isinstance(first, Paragraph) and first.content and title:
                yield Paragraph((*title, LineBreak(), *first.content))
            else:
                yield from (*_paragraph(title), *((first,) if first != Paragraph(()) else ()))
            yield from rest


def _actions(actions: Any) -> Iterable[Block]:
    labels = [
        f"[{_words(each, 'text')}]"
        for each in (actions if isinstance(actions, list) else [])
        if isinstance(each, Mapping) and _words(each, "text")
    ]
    return _paragraph(_leaf(" ".join(labels), 0))


def _linked(attachment: Mapping[str, Any], words: str, address: str) -> tuple[Inline, ...]:
    shown, url = _words(attachment, words), _string(attachment, address)
    if shown and url:
        return (link(url, shown, _BOLD),)
    return _leaf(shown, _BOLD)


def _image(attachment: Mapping[str, Any], phrases: Phrases) -> tuple[Inline, ...]:
    url = _string(attachment, "image_url") or _string(attachment, "thumb_url")
    described = _words(attachment, "alt_text") or phrases.image
    return (link(url, described),) if url else ()


def _paragraph(content: tuple[Inline, ...]) -> tuple[Block, ...]:
    return (Paragraph(content),) if content else ()


def _leaf(text: str, style: int) -> tuple[Inline, ...]:
    return (Text(text, style),) if text else ()


def _words(found: Mapping[str, Any], key: str) -> str:
    """A value on one line, with its entities undone."""
    return " ".join(unescape(_string(found, key)).split())


def _string(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return storable(value) if isinstance(value, str) else ""
