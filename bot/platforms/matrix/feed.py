"""The requests that read: what is new, what was missed, invitations that wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.matrix.connection import Connection, path, read
from bot.platforms.matrix.envelope import RoomEvent, decode
from bot.platforms.matrix.wire import Invited, Page, Sync

PAGE = 100
"""Events in a page: Synapse's default limit of a filter, and more than its timeline's 10."""
POLL = 30.0
"""Seconds that the homeserver holds a request while nothing happens."""

_LAZY = {"lazy_load_members": True, "include_redundant_members": True}
_NOTHING: dict[str, Any] = {"types": []}
_QUIET = {"presence": _NOTHING, "account_data": _NOTHING}
_LIVE = {
    **_QUIET,
    "room": {
        "ephemeral": _NOTHING,
        "account_data": _NOTHING,
        "state": {"types": ["m.room.member"], **_LAZY},
        "timeline": {"limit": PAGE, **_LAZY},
    },
}
# A room that cannot be: no room's content is read, and invitations come all the same.
_NO_ROOM = {**_QUIET, "room": {"rooms": ["!none:liaison.invalid"]}}


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the last time, and the `time.perf_counter()` at which it was read."""

    sync: Sync
    received: float


@dataclass(frozen=True, slots=True)
class Past:
    """A page of what was said, and the `time.perf_counter()` at which it was read."""

    page: Page
    received: float


class Feed:
    """Reads from the homeserver; every method raises as `Connection.fetch`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def news(self, since: str, *, wait: float) -> News:
        """What happened since a position; waits so many seconds for something to happen."""
        poll = min(wait, POLL)
        fetched = await self._connection.fetch(
            "GET",
            path(
                "sync",
                since=since,
                timeout=str(int(poll * 1000)),
                set_presence="offline",
                filter=_as_json(_LIVE),
            ),
            wait=poll + self._connection.timeout / 2,
        )
        return News(read(fetched, Sync), fetched.received)

    async def now(self) -> Sync:
        """The position of now, and what waits for this device."""
        return await self._bare()

    async def to_device(self, since: str) -> Sync:
        """What waits for this device since a position, and nothing of rooms."""
        return await self._bare(since=since)

    async def invitations(self) -> dict[str, Invited]:
        """Every invitation that waits for an answer."""
        return (await self._bare()).rooms.invite

    async def _bare(self, **since: str) -> Sync:
        asked = {"timeout": "0", "set_presence": "offline", "filter": _as_json(_NO_ROOM)}
        where = path("sync", **asked, **since)
        return await self._connection.call(Sync, "GET", where)

    async def page(
        self,
        room: str,
        since: str | None,
        until: str | None = None,
        *,
        back: bool = False,
        only: Mapping[str, Any] = _LAZY,
    ) -> Past:
        """A page of a room, from a position on, forwards or `back`; `only` is a filter."""
        asked = {"dir": "b" if back else "f", "limit": str(PAGE), "filter": _as_json(only)}
        if since is not None:
            asked["from"] = since
        if until is not None:
            asked["to"] = until
        fetched = await self._connection.fetch("GET", path("rooms", room, "messages", **asked))
        return Past(read(fetched, Page), fetched.received)

    async def last_entry(self, room: str, me: str, since: str, until: str) -> str | None:
        """The event with which the bot last came into a room between two positions, if it did."""
        found: str | None = None
        while True:
            only = {"types": ["m.room.member"], "senders": [me]}
            page = (await self.page(room, since, until, only=only)).page
            for raw in page.chunk:
                event = decode(raw)
                if event is not None and is_entry(event, me) and isinstance(event.event_id, str):
                    found = event.event_id
            after = page.next_after(since)
            if after is None:
                return found
            since = after


def is_entry(event: RoomEvent, me: str) -> bool:
    """Whether a membership event is the bot's coming into a room, not only its new name."""
    content = event.content
    if event.state_key != me or not isinstance(content, dict):
        return False
    if content.get("membership") != "join":
        return False
    before = event.unsigned.get("prev_content") if isinstance(event.unsigned, dict) else None
    return not isinstance(before, dict) or before.get("membership") != "join"


def _as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))
