"""What stands between `<` and `>` in Slack's text: links, mentions, commands, dates.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.events import AccountId, person_id, room_id
from bot.platforms.slack.lookups import Lookups
from bot.platforms.slack.markup.escaping import unescape
from bot.platforms.slack.markup.links import link
from bot.richtext import Everyone, Inline, Mention, RoomMention, Text, Time, lines

TOKEN = re.compile(r"<([^<>\n]*)>")
EVERYONE = frozenset({"here", "channel", "everyone"})

_USER = re.compile(r"@([A-Z0-9]{1,64})(?:\|(.*))?")
_ROOM = re.compile(r"#([A-Z0-9]{1,64})(?:\|(.*))?")
_SPECIAL = re.compile(r"!([a-z]{1,40})(?:\^([^|]*))?(?:\|(.*))?")
_SECONDS = re.compile(r"-?[0-9]{1,12}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s|]*")


def token(inner: str, account: AccountId, lookups: Lookups, style: int = 0) -> Iterator[Inline]:
    """The leaves of one token, escaped as Slack gives it; what is no mark of Slack's stays."""
    first = inner[:1]
    if first == "@" and (match := _USER.fullmatch(inner)):
        yield mention(match[1], unescape(match[2] or ""), account, lookups, style)
    elif first == "#" and (match := _ROOM.fullmatch(inner)):
        yield room(match[1], unescape(match[2] or ""), account, lookups, style)
    elif first == "!" and (match := _SPECIAL.fullmatch(inner)):
        yield _special(match[1], match[2] or "", unescape(match[3] or ""), lookups, style)
    elif _ADDRESS.fullmatch(inner.partition("|")[0]):
        url, _, label = inner.partition("|")
        yield link(unescape(url), unescape(label), style)
    else:
        yield from lines(unescape(f"<{inner}>"), style)


def mention(user: str, label: str, account: AccountId, lookups: Lookups, style: int = 0) -> Mention:
    """A person by the name that is known, else by the label, else by id."""
    name = lookups.people(user) or label.removeprefix("@") or user
    return Mention(person_id(account, user), name, style)


def room(
    channel: str, label: str, account: AccountId, lookups: Lookups, style: int = 0
) -> RoomMention:
    """A channel by the name that is known, else by the label, else by id."""
    name = lookups.rooms(channel) or label.removeprefix("#") or channel
    return RoomMention(room_id(account, channel), name, style)


def group(local: str, label: str, lookups: Lookups, style: int = 0) -> Text:
    """A user group by its handle: no other network has it, so it is a word."""
    name = lookups.groups(local) or label or local
    return Text(f"@{name.removeprefix('@')}", style)


def moment(seconds: int, shown: str, style: int = 0) -> Time:
    """A date; without words of its own it is said in UTC."""
    return Time(seconds, shown or _utc(seconds), style)


def _special(kind: str, values: str, label: str, lookups: Lookups, style: int) -> Inline:
    value = values.partition("^")[0]
    if kind in EVERYONE:
        return Everyone(kind, style=style)
    if kind == "subteam":
        return group(value, label, lookups, style)
    if kind == "date" and _SECONDS.fullmatch(value):
        return moment(int(value), label, style)
    return Text(label or value or kind, style)


def _utc(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return str(seconds)
