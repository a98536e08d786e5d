"""Leaves as those that Slack can hold: what it has no form for becomes characters, and mentions
are such only where the person or room is of the workspace that is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.events import AccountId, PersonId, RoomId, account_of, local
from bot.platforms.slack.markup import emoji_names, links
from bot.platforms.slack.markup.elements import STYLES
from bot.platforms.slack.markup.escaping import storable
from bot.platforms.slack.markup.flat import Leaves
from bot.platforms.slack.markup.flatten import Held
from bot.platforms.slack.markup.phrases import PHRASES, Phrases
from bot.platforms.slack.markup.tokens import EVERYONE, moment
from bot.richtext import (
    HIDDEN,
    Emoji,
    Everyone,
    Inline,
    LineBreak,
    Link,
    Math,
    Mention,
    RoomMention,
    Style,
    Text,
    Time,
)

_PERSON = re.compile(r"[UW][A-Z0-9]{1,40}")
_ROOM = re.compile(r"[CGD][A-Z0-9]{1,40}")
_SPOILER, _CODE = int(Style.SPOILER), int(Style.CODE)
_ALL = sum(STYLES.values())


def holding(account: AccountId | None, phrases: Phrases = PHRASES) -> Held:
    """Makes leaves those that Slack can hold: with `account`, its people and rooms are mentions."""

    def held(content: Iterable[Inline]) -> Leaves:
        found: list[Inline] = []
        hiding = False
        for leaf in content:
            if isinstance(leaf, LineBreak) or _is_plain(leaf):
                found.append(leaf)
                hiding = False
            elif leaf.style & _SPOILER:
                if not hiding:
                    found.append(Text(f"{HIDDEN} ({phrases.hidden})"))
                hiding = True
            else:
                hiding = False
                _hold(leaf, account, found)
        return tuple(found)

    return held


def _is_plain(leaf: Inline) -> bool:
    return isinstance(leaf, Text) and leaf.style < _SPOILER and storable(leaf.text) is leaf.text


def _hold(leaf: Inline, account: AccountId | None, found: list[Inline]) -> None:
    match leaf:
        case Text(text, style):
            kept = storable(text)
            found.append(
                leaf if kept is text and style == style & _ALL else Text(kept, style & _ALL)
            )
        case Link():
            shown = Link(storable(leaf.url), storable(leaf.text), leaf.style & _ALL, leaf.made)
            found.extend(links.held(shown))
        case Mention(person, name, style):
            ours = account is not None and account_of(PersonId(person)) == account
            known = ours and _PERSON.fullmatch(local(PersonId(person)))
            found.append(
                Mention(person, name, style & ~_CODE) if known else Text(f"@{_line(name)}", style)
            )
        case RoomMention(place, name, style):
            ours = account is not None and account_of(RoomId(place)) == account
            known = ours and _ROOM.fullmatch(local(RoomId(place)))
            found.append(
                RoomMention(place, name, style & ~_CODE)
                if known
                else Text(f"#{_line(name)}", style)
            )
        case Everyone(word, ping, style):
            found.append(
                Everyone(word if word in EVERYONE else "here", True, style & ~_CODE)
                if ping
                else Text(f"@{_line(word)}", style)
            )
        case Emoji(text, style):
            found.append(_emoji(leaf, storable(text), style))
        case Time(seconds, text, style):
            found.append(moment(seconds, storable(text), style & ~_CODE))
        case Math(tex, style):
            found.append(Text(storable(tex), style | _CODE))


def _emoji(leaf: Emoji, text: str, style: int) -> Inline:
    """An emoji that Slack has a name for, or a workspace's own; any other is its characters."""
    name = emoji_names.name_of(text)
    if name is None or (text.startswith(":") and not emoji_names.is_custom(name)):
        return Text(text, style)
    return leaf if not style & _CODE else Emoji(text, style & ~_CODE)


def _line(name: str) -> str:
    return " ".join(storable(name).split())
