"""Slack: Socket Mode and the Web API."""

from __future__ import annotations

import re

from bot.platforms.base import Network, Platform, Surroundings
from bot.platforms.slack.links import read_link, room_link
from bot.platforms.slack.manifest import manifest
from bot.platforms.slack.reasons import REASONS
from bot.platforms.slack.settings import SlackSettings

_ROOM = re.compile(r"[CGD][A-Z0-9]{1,30}")
_MEMBER = re.compile(r"([^/]+)(?:/([UW][A-Z0-9]{1,30}))?")


def connect(settings: SlackSettings, surroundings: Surroundings) -> Platform:
    """Make the adapter; the SDK is imported only now, as it takes a third of a second."""
    from bot.platforms.slack.connection import SlackPlatform  # noqa: PLC0415  see above

    return SlackPlatform(settings, surroundings)


def parse_room(text: str) -> str | None:
    """A channel's id: C, G or D with capitals and digits. Names change, ids do not."""
    return text if _ROOM.fullmatch(text) else None


def parse_member(text: str, accounts: frozenset[str]) -> str | None:
    """A configured workspace, `alpha`, or a person in one, `alpha/U123`."""
    match = _MEMBER.fullmatch(text)
    return text if match and match[1] in accounts else None


def is_person(member: str) -> bool:
    """Whether a member in normal form is a person."""
    return "/" in member


def member_of(account: str, person: str) -> str:
    """A person as members are written: in the workspace that sees them."""
    return f"{account}/{person}"


def home_of(member: str) -> str:
    """The workspace of a person."""
    return member.partition("/")[0]


NETWORK = Network(
    name="slack",
    settings=SlackSettings,
    connect=connect,
    room_syntax="slack:<workspace>/<channel id>",
    parse_room=parse_room,
    parse_member=parse_member,
    is_person=is_person,
    member_of=member_of,
    home_of=home_of,
    read_link=read_link,
    room_link=room_link,
    one_id=True,
    reasons=REASONS,
    manifest=manifest,
)
