"""The tree as what Slack is sent: one `rich_text` block, in which nothing is looked for, and the
escaped text beside it that notifications show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.events import AccountId, PersonId, RoomId, local
from bot.platforms.slack.markup import emoji_names
from bot.platforms.slack.markup.elements import STYLES
from bot.platforms.slack.markup.escaping import escape, storable
from bot.platforms.slack.markup.flat import Bullet, Code, Flat, Leaves
from bot.platforms.slack.markup.flatten import flatten
from bot.platforms.slack.markup.holding import holding
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.richtext import (
    Emoji,
    Everyone,
    Inline,
    LineBreak,
    Link,
    Mention,
    RichText,
    RoomMention,
    Style,
    Text,
    Time,
    plain,
    plain_inline,
)

LONGEST_FALLBACK = 39_000
"""Characters of `text`, which Slack cuts above 40,000."""
DATE_FORMAT = "{date_short_pretty} {time}"
"""https://docs.slack.dev/messaging/formatting-message-text, date formatting."""

_CODE = int(Style.CODE)
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,40}")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What Slack is sent: `blocks`, and `text` for where they cannot be shown, escaped."""

    blocks: list[Json]
    text: str


def write_blocks(
    body: RichText, account: AccountId, phrases: Phrases = PHRASES, *, block_id: str | None = None
) -> Written:
    """The body as Slack shows it. People and rooms are mentioned where they are of `account`.

    Nothing that is a `Text` can act: `rich_text` is not searched for marks, mentions, links or
    emoji, and in the fallback `&`, `<` and `>` are escaped (send it with `mrkdwn` off).
    """
    run = flatten(body.blocks, holding(account, phrases))
    block: Json = {"type": "rich_text", "elements": _elements(run) or [_section([_text(" ")])]}
    if block_id is not None:
        block["block_id"] = block_id
    return Written([block], fallback(shown(run)))


def write(body: RichText) -> str:
    """The body as the characters that are to be shown, spoilers hidden."""
    return storable(plain(body, spoilers=False))


def shown(run: Iterable[Flat]) -> str:
    """The run as bare text: what is shown where blocks are not."""
    return "\n".join(map(_line_of, run))


def _line_of(flat: Flat) -> str:
    if isinstance(flat, Code):
        text = storable(flat.text)
    elif isinstance(flat, Bullet):
        mark = f"{flat.number}. " if flat.number else "• "
        text = "  " * flat.indent + mark + "".join(map(_words, flat.content))
    else:
        text = "".join(map(_words, flat.content))
    return "> " + text.replace("\n", "\n> ") if flat.border else text


def _words(leaf: Inline) -> str:
    if isinstance(leaf, Text):
        return leaf.text
    return "\n" if isinstance(leaf, LineBreak) else plain_inline((leaf,))


def fallback(text: str) -> str:
    """The text for notifications: escaped, and cut before a character, never inside an entity."""
    escaped = escape(text)
    while len(escaped) > LONGEST_FALLBACK:
        text = text[: len(text) * LONGEST_FALLBACK // len(escaped) - 1]
        escaped = escape(text)
    return escaped


def _elements(run: Sequence[Flat]) -> list[Json]:
    found: list[Json] = []
    for place, flat in enumerate(run):
        last = place == len(run) - 1
        match flat:
            case Bullet() if place and _goes_on(run[place - 1], flat):
                found[-1]["elements"].append(_section(_leaves(flat.content)))
            case Bullet():
                found.append(_list(flat))
            case Code(text, language, border):
                found.append(_code(text, language, border))
            case _ if flat.border:
                found.append({"type": "rich_text_quote", "elements": _leaves(flat.content)})
            case _:
                content = flat.content if last else (*flat.content, LineBreak())
                found.append(_section(_leaves(content)))
    return found


def _goes_on(before: Flat, bullet: Bullet) -> bool:
    if not isinstance(before, Bullet):
        return False
    number = before.number + 1 if before.number else 0
    return (before.indent, number, before.border) == (bullet.indent, bullet.number, bullet.border)


def _list(bullet: Bullet) -> Json:
    made: Json = {
        "type": "rich_text_list",
        "style": "ordered" if bullet.number else "bullet",
        "indent": bullet.indent,
        "elements": [_section(_leaves(bullet.content))],
    }
    if bullet.number > 1:
        made["offset"] = bullet.number - 1
    return _bordered(made, bullet.border)


def _code(text: str, language: str, border: bool) -> Json:
    made: Json = {"type": "rich_text_preformatted", "elements": [_text(storable(text) or " ")]}
    if _LANGUAGE.fullmatch(language):
        made["language"] = language
    return _bordered(made, border)


def _bordered(made: Json, border: bool) -> Json:
    return {**made, "border": 1} if border else made


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements}


def _text(text: str, style: int = 0) -> Json:
    return _styled({"type": "text", "text": text}, style)


def _leaves(content: Leaves) -> list[Json]:
    """The elements of leaves: texts of one style are one, with the line breaks after them."""
    found: list[Json] = []
    run: list[str] = []
    style = 0
    for leaf in content:
        if isinstance(leaf, Text):
            if run and leaf.style != style:
                found.append(_text("".join(run), style))
                run.clear()
            style = leaf.style
            run.append(leaf.text)
        elif isinstance(leaf, LineBreak):
            if run and style & _CODE:
                found.append(_text("".join(run), style))
                run.clear()
            style = style if run else 0
            run.append("\n")
        else:
            if run:
                found.append(_text("".join(run), style))
                run.clear()
            found.append(_styled(_element(leaf), leaf.style))
    if run:
        found.append(_text("".join(run), style))
    return found


def _element(leaf: Inline) -> Json:
    match leaf:
        case Link(url, text):
            return {"type": "link", "url": url} | ({} if text == url else {"text": text})
        case Mention(person):
            return {"type": "user", "user_id": local(PersonId(person))}
        case RoomMention(place):
            return {"type": "channel", "channel_id": local(RoomId(place))}
        case Everyone(word):
            return {"type": "broadcast", "range": word}
        case Emoji(text):
            return _emoji_element(text)
        case Time(seconds, text):
            made = {"type": "date", "timestamp": seconds, "format": DATE_FORMAT}
            return made | {"fallback": text}
        case _:
            return {"type": "text", "text": " "}


def _emoji_element(text: str) -> Json:
    made: Json = {"type": "emoji", "name": emoji_names.name_of(text)}
    if not text.startswith(":"):
        made["unicode"] = "-".join(f"{ord(character):04x}" for character in text)
    return made


def _styled(element: Json, style: int) -> Json:
    if style:
        element["style"] = {name: True for name, flag in STYLES.items() if style & flag}
    return element
