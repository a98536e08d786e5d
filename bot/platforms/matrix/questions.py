"""Polls and places as text that can be read: what they ask, and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.platforms.matrix.envelope import as_list, as_object, as_text
from bot.richtext import Inline, Item, List, Paragraph, RichText, Style, Text, lines, say

POLLS = {"m.poll.start": "m.poll", "org.matrix.msc3381.poll.start": "org.matrix.msc3381.poll.start"}
"""The types of polls that begin, and the key under which each has its question."""

_MOST_ANSWERS = 50
"""More than the 20 that MSC3381 allows."""


def read_poll(kind: str, content: Mapping[str, Any]) -> RichText | None:
    """A poll (MSC3381, as merged and before) as its question and its answers, numbered."""
    poll = as_object(content.get(POLLS[kind]))
    question = extensible_text(as_object(poll.get("question")))
    if not question.strip():
        return None
    asked: tuple[Inline, ...] = (Text("📊 "), *lines(question, Style.BOLD))
    answers = [extensible_text(as_object(one)) for one in as_list(poll.get("answers"))]
    items = tuple(_item(answer) for answer in answers[:_MOST_ANSWERS] if answer.strip())
    if not items:
        return RichText((Paragraph(asked),))
    return RichText((Paragraph(asked), List(ordered=True, items=items)))


def read_location(content: Mapping[str, Any]) -> RichText | None:
    """A place as what its sender says of it, and its `geo:` address where that leaves it out."""
    place = as_object(content.get("m.location") or content.get("org.matrix.msc3488.location"))
    where = as_text(content.get("geo_uri")) or as_text(place.get("uri"))
    said = as_text(content.get("body")) or as_text(place.get("description"))
    if where.partition(";")[0] not in said:
        said = f"{said}\n{where}".strip()
    return say(said) if said.strip() else None


def extensible_text(content: Mapping[str, Any]) -> str:
    """The plain text of extensible content (MSC1767, as merged and before), "" if it has none."""
    old = content.get("org.matrix.msc1767.text")
    if isinstance(old, str):
        return as_text(old)
    kinds = ("m.text", "org.matrix.msc1767.message", "m.message")
    for one in _representations(content.get(key) for key in kinds):
        if as_text(one.get("mimetype")) in {"", "text/plain"} and isinstance(one.get("body"), str):
            return as_text(one["body"])
    return as_text(content.get("body"))


def _representations(values: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    for value in values:
        yield from (as_object(one) for one in as_list(value))


def _item(answer: str) -> Item:
    return Item((Paragraph(tuple(lines(answer))),))
