"""Who can read a channel, and what tells that it may be somebody else now.

Slack has no encryption, and no history that begins with somebody's joining.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.errors import OutcomeUnknown, Refused
from bot.events import Author, RoomId, Standing, local, person_id, room_id
from bot.platforms.base import Roster
from bot.platforms.slack.census import Census
from bot.platforms.slack.identity import Ourselves
from bot.platforms.slack.inbound import room_in
from bot.platforms.slack.pages import pages
from bot.platforms.slack.people import ID
from bot.platforms.slack.web import Web

_PAGE = 999
"""Ids on a page: https://docs.slack.dev/reference/methods/conversations.members"""
_EVENTS = frozenset(
    {
        "channel_id_changed", "channel_left", "channel_shared", "channel_unshared", "group_left",
        "member_joined_channel", "member_left_channel",
    }
)  # fmt: skip
_NOTES = frozenset({"channel_convert_to_private", "channel_convert_to_public"})
"""What Slack itself writes into a channel when it is opened or closed."""


class Rosters:
    """The rosters of one workspace's channels."""

    def __init__(self, web: Web, census: Census, rooms: frozenset[RoomId]) -> None:
        """`rooms`: those that are configured."""
        self._web = web
        self._census = census
        self._rooms = rooms
        self._members: dict[RoomId, frozenset[str]] = {}
        """Who was in a room at the last look."""

    async def roster(self, room: RoomId, us: Ourselves) -> Roster:
        """Who can read a channel: its members and, of a public one, the whole workspace.

        Raises `PlatformError`.
        """
        private = await self._is_private(room)
        members = await self._members_of(room)
        people = await self._census.of(members)
        self._members[room] = frozenset(people)
        return Roster(
            readers=tuple(_author(each, facts, us) for each, facts in people.items() if facts),
            homes=frozenset() if private else frozenset({str(us.account)}),
            private=private,
            invitation_only=private,
        )

    def changed_by(self, payload: object, us: Ourselves) -> Iterable[RoomId]:
        """The configured rooms whose roster may be another after this payload."""
        person = self._census.note(payload)
        if person is not None:
            return [room for room, members in self._members.items() if person in members]
        channel = room_in(payload) if _is_of_roster(payload) else None
        room = None if channel is None else room_id(us.account, channel)
        return [room] if room is not None and room in self._rooms else []

    async def _is_private(self, room: RoomId) -> bool:
        if local(room).startswith("D"):
            raise Refused("direct_message")  # neither it nor who is in it may be asked for
        answer = await self._web.call("conversations.info", {"channel": local(room)})
        match answer.get("channel"):
            case {"is_private": bool(private)}:
                return private
            case _:
                raise OutcomeUnknown("unreadable")

    async def _members_of(self, room: RoomId) -> dict[str, None]:
        found: dict[str, None] = {}
        listed = pages(
            self._web.call, "conversations.members", "members", _PAGE, channel=local(room)
        )
        async for members, _after in listed:
            if not all(isinstance(each, str) and ID.fullmatch(each) for each in members):
                raise OutcomeUnknown("unreadable")
            found |= dict.fromkeys(members)
        return found


def _author(user: str, facts: tuple[str, Standing], us: Ourselves) -> Author:
    name, standing = facts
    standing = Standing.OURS if user == us.user else standing
    bot = standing in {Standing.OURS, Standing.APP}
    return Author(person_id(us.account, user), name, bot=bot, standing=standing)


def _is_of_roster(payload: Any) -> bool:
    match payload:
        case {"event": {"type": "message", "subtype": str(subtype)}}:
            return subtype in _NOTES
        case {"event": {"type": str(kind)}}:
            return kind in _EVENTS
        case _:
            return False
