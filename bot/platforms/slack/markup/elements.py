"""Reading `rich_text` blocks: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.events import AccountId
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup import emoji_names
from bot.platforms.slack.markup.escaping import storable
from bot.platforms.slack.markup.flat import DEEPEST_INDENT, Bullet, Code, Flat, Leaves, Section
from bot.platforms.slack.markup.links import link
from bot.platforms.slack.markup.tokens import group, mention, moment, room
from bot.richtext import (
    Emoji,
    Everyone,
    Inline,
    LineBreak,
    Link,
    Style,
    Text,
    lines,
    plain_inline,
)

STYLES = {
    "bold": int(Style.BOLD),
    "italic": int(Style.ITALIC),
    "strike": int(Style.STRIKE),
    "underline": int(Style.UNDERLINE),
    "code": int(Style.CODE),
}
_MOST_OFFSET = 1_000_000


def run_of(block: Mapping[str, Any], account: AccountId, lookups: Lookups) -> list[Flat]:
    """What a `rich_text` block shows; elements that nobody knows are their text, if any.

    A section that something follows ends with a line break of its own; sections beside each other
    are lines of one.
    """
    elements = [element for element in _list(block.get("elements")) if isinstance(element, Mapping)]
    run: list[Flat] = []
    for place, element in enumerate(elements):
        border = element.get("border") == 1
        match element.get("type"):
            case "rich_text_list":
                run.extend(_bullets(element, account, lookups, border=border))
            case "rich_text_preformatted":
                run.append(_code(element, account, lookups, border=border))
            case kind:
                content = leaves(element.get("elements"), account, lookups)
                _add(run, content, kind == "rich_text_quote", last=place == len(elements) - 1)
    return run


def leaves(elements: Any, account: AccountId, lookups: Lookups) -> Leaves:
    """The leaves of a section's elements; whatever is none is passed over."""
    found: list[Inline] = []
    for element in _list(elements):
        if isinstance(element, Mapping):
            found.extend(_leaf(element, account, lookups))
    return tuple(found)


def _add(run: list[Flat], content: Leaves, border: bool, *, last: bool) -> None:
    if not last and not border and content and isinstance(content[-1], LineBreak):
        content = content[:-1]
    before = run[-1] if run else None
    if isinstance(before, Section) and before.border == border:
        run[-1] = Section((*before.content, LineBreak(), *content), border)
    elif content:
        run.append(Section(content, border))


def _bullets(
    element: Mapping[str, Any], account: AccountId, lookups: Lookups, *, border: bool
) -> Iterator[Bullet]:
    indent = min(_number(element.get("indent")), DEEPEST_INDENT)
    offset = min(_number(element.get("offset")), _MOST_OFFSET)
    ordered = element.get("style") == "ordered"
    for place, item in enumerate(_list(element.get("elements"))):
        if isinstance(item, Mapping):
            content = leaves(item.get("elements"), account, lookups)
            yield Bullet(content, indent, offset + place + 1 if ordered else 0, border)


def _code(
    element: Mapping[str, Any], account: AccountId, lookups: Lookups, *, border: bool
) -> Code:
    language = element.get("language")
    text = plain_inline(as_typed(leaves(element.get("elements"), account, lookups)))
    return Code(text, storable(language) if isinstance(language, str) else "", border)


def as_typed(content: Iterable[Inline]) -> Iterator[Inline]:
    """In code a link is its text: there Slack makes links of what was typed."""
    for leaf in content:
        yield Text(leaf.text) if isinstance(leaf, Link) else leaf


def _leaf(element: Mapping[str, Any], account: AccountId, lookups: Lookups) -> Iterable[Inline]:
    style = _style(element.get("style"))
    match element:
        case {"type": "text", "text": str(text)}:
            return lines(storable(text), style)
        case {"type": "link", "url": str(url)}:
            label = element.get("text")
            return (link(storable(url), storable(label) if isinstance(label, str) else "", style),)
        case {"type": "user", "user_id": str(user)}:
            return (mention(storable(user), "", account, lookups, style),)
        case {"type": "channel", "channel_id": str(channel)}:
            return (room(storable(channel), "", account, lookups, style),)
        case {"type": "usergroup", "usergroup_id": str(local)}:
            return (group(storable(local), "", lookups, style),)
        case {"type": "team", "team_id": str(team)}:
            return (Text(storable(lookups.teams(team) or team), style),)
        case {"type": "broadcast", "range": str(word)}:
            return (Everyone(storable(word), style=style),)
        case {"type": "emoji", "name": str(name)}:
            shown = emoji_names.shown(name, element.get("unicode"), element.get("skin_tone"))
            return (Emoji(storable(shown), style),)
        case {"type": "date", "timestamp": int() | float() | str() as seconds}:
            return _date(seconds, element, style)
        case {"type": "color", "value": str(value)}:
            return (Text(storable(value), style),)
        case {"text": str(text)} | {"fallback": str(text)} | {"value": str(text)}:
            return lines(storable(text), style)
        case _:
            return ()


def _date(seconds: float | str, element: Mapping[str, Any], style: int) -> Iterable[Inline]:
    fallback = element.get("fallback")
    shown = storable(fallback) if isinstance(fallback, str) else ""
    try:
        return (moment(int(seconds), shown, style),)
    except (ValueError, OverflowError):
        return (Text(shown, style),)


def _style(style: Any) -> int:
    if not isinstance(style, Mapping):
        return 0
    return sum(flag for name, flag in STYLES.items() if style.get(name) is True)


def _number(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
