"""A network of JSON lines over TCP: the smallest that does all that a network must."""

from __future__ import annotations

import re

from bot.platforms.base import Network
from tiny_network.connection import TinyPlatform
from tiny_network.settings import TinyAccount


def _parse_room(local: str) -> str | None:
    return local if re.fullmatch(r"[a-z][a-z0-9-]*", local) else None


def _parse_member(text: str, accounts: frozenset[str]) -> str | None:
    account, slash, person = text.partition("/")
    return text if account in accounts and (not slash or _parse_room(person)) else None


NETWORK = Network(
    name="tiny",
    settings=TinyAccount,
    connect=TinyPlatform,
    room_syntax="tiny:<account>/<room>",
    parse_room=_parse_room,
    parse_member=_parse_member,
    is_person=lambda member: "/" in member,
    member_of=lambda account, person: f"{account}/{person}",
    home_of=lambda member: member.partition("/")[0],
)
