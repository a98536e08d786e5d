"""What does not work in a workspace, by a few requests; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.errors import Refused
from bot.events import RoomId, local, room_id
from bot.platforms.base import Trouble
from bot.platforms.slack.checks import channels
from bot.platforms.slack.web import Web


async def troubles(web: Web, rooms: Iterable[RoomId]) -> list[Trouble]:
    """What is wrong with the rooms. Raises `AccountRefused` where the token is, and other
    `PlatformError`.
    """
    await web.call("auth.test")
    mine = {each.get("id"): each for each in await channels(web, "users.conversations", gone=True)}
    found: list[Trouble] = []
    for room in sorted(rooms):
        channel = local(room)
        if channel.startswith("D"):
            continue  # a direct message is not listed, and nobody can be put out of it
        # what is not listed is asked for: better a question more than a false alarm
        reason = _wrong(mine[channel], member=True) if channel in mine else await _asked(web, room)
        now = web.places.actual(channel)
        if reason is not None:
            found.append(Trouble(reason, room))
        elif now != channel:
            found.append(Trouble("moved", room, now=room_id(web.account, now)))
    return found


async def _asked(web: Web, room: RoomId) -> str | None:
    try:
        answer = await web.call("conversations.info", {"channel": local(room)})
    except Refused as error:
        return error.reason
    info = answer.get("channel")
    return _wrong(info if isinstance(info, dict) else {}, member=False)


def _wrong(channel: dict[str, Any], *, member: bool) -> str | None:
    if channel.get("is_archived") is True:
        return "is_archived"
    return None if member or channel.get("is_member") is True else "not_in_channel"
