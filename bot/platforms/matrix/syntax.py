"""How rooms, servers and persons of Matrix are written (the specification's appendices)."""

from __future__ import annotations

import re

ROOM_SYNTAX = "matrix:<account>/<room id or alias>"

LONGEST_ID = 255
"""Bytes of an id or alias, its sigil included."""

_SERVER = r"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::[0-9]{1,5})?"
_USER = re.compile(rf"@[^:\s\x00]+:({_SERVER})")
_ALIAS = re.compile(rf"#[^:\s\x00]+:{_SERVER}")
_ROOM = re.compile(r"![^\s\x00]+")
_SERVER_ONLY = re.compile(_SERVER)


def parse_room(text: str) -> str | None:
    """A room's id (opaque: those of today name no server) or alias, None if it can be neither."""
    good = (_ROOM.fullmatch(text) or _ALIAS.fullmatch(text)) and _fits(text)
    return text if good else None


def is_user_id(text: str) -> bool:
    """Whether this can be a person's id: `@name:server`."""
    return bool(_USER.fullmatch(text)) and _fits(text)


def parse_member(text: str, _accounts: frozenset[str]) -> str | None:
    """A person's id or a server's name in lower case, None if it can be neither."""
    if is_user_id(text):
        return text
    if _SERVER_ONLY.fullmatch(text) and _fits(text):
        return text.lower()
    return None


def is_person(member: str) -> bool:
    """Whether a member is one person, and not a server."""
    return member.startswith("@")


def member_of(_account: str, user_id: str) -> str:
    """A person as members are written: the same through whichever account they are seen."""
    return user_id


def home_of(member: str) -> str:
    """The server of a person, in lower case; with its port, where the id has one."""
    return member.partition(":")[2].lower() if is_person(member) else member


def localpart(user_id: str) -> str:
    """`ada` of `@ada:example.org`: what to call a person whose name is not known."""
    return user_id.removeprefix("@").partition(":")[0] or user_id


def _fits(text: str) -> bool:
    return len(text.encode("utf-8", "replace")) <= LONGEST_ID
