"""What was said in a room since a time: positions are no times, so it is walked back first.

`/messages` without `from` begins at the newest event (`dir=b`) or at the first one (`dir=f`):
https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3roomsroomidmessages
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.events import Arrival, Event, MessagePosted
from bot.platforms.matrix.envelope import Place, RoomEvent, decode
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.members import Members

Read = Callable[[RoomEvent, Place], Awaitable[tuple[Event, ...]]]
_MOST_PAGES = 500
"""Pages that are walked back: 50,000 events."""
_SAID = frozenset({"m.room.message", "m.room.encrypted", "m.sticker"})


async def past(
    feed: Feed, room: str, place: Place, since: datetime, most: int, read: Read
) -> AsyncGenerator[Arrival, None]:
    """What was said in a room (by the homeserver's id), oldest first, a page at a time.

    People have the names that they had then. Raises `PlatformError`.
    """
    earliest = since.timestamp() * 1000
    members = Members()
    place = replace(place, name_of=partial(members.name, room))
    position, count = await _walk_back(feed, room, earliest, most)
    skipped = max(count - most, 0)
    while True:
        page = (await feed.page(room, position)).page
        members.learn(room, page.state)
        for raw in page.chunk:
            event = decode(raw)
            if event is None or _moment(event) < earliest:
                continue
            members.note(room, event)
            for told in await read(event, place):
                if skipped and isinstance(told, MessagePosted):
                    skipped -= 1
                else:
                    yield Arrival(told, live=False)
        position = page.next_after(position)
        if position is None:
            return


async def _walk_back(feed: Feed, room: str, earliest: float, most: int) -> tuple[str | None, int]:
    """A position before what is wanted (None: the room's beginning), and the messages after it."""
    position: str | None = None
    count = 0
    for _ in range(_MOST_PAGES):
        page = (await feed.page(room, position, back=True)).page
        events = [event for raw in page.chunk if (event := decode(raw)) is not None]
        fresh = [event for event in events if _moment(event) >= earliest]
        count += sum(_is_said(event) for event in fresh)
        position = page.next_after(position)
        if position is None or len(fresh) < len(events) or count >= most:
            break
    return position, count


def _is_said(event: RoomEvent) -> bool:
    return event.type in _SAID and event.state_key is None


def _moment(event: RoomEvent) -> float:
    """When an event was made, in milliseconds; what does not say is of no time."""
    told = event.origin_server_ts
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else -1.0
