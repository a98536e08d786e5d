"""Looks for a delivery where it would have landed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.events import Delivery, MessageId
from bot.platforms.base import Sent
from bot.platforms.matrix.envelope import DELIVERY_KEY, RoomEvent, decode
from bot.platforms.matrix.feed import Feed
from bot.platforms.matrix.utterances import ENCRYPTED, MESSAGE

MARGIN = timedelta(hours=1)
"""How far the homeserver's clock may be behind ours."""


async def look_up(feed: Feed, room: str, me: str, delivery: Delivery) -> Sent | None:
    """The message that a delivery made in a room (by the homeserver's id), None if it made none.

    Only our own messages are asked for: their times are our own homeserver's, and not anybody's
    to forge. Reads back to the first try, or to the room's beginning where that is not known.
    Raises `PlatformError` where the look-up cannot be completed.
    """
    only: dict[str, Any] = {"types": [MESSAGE, ENCRYPTED, "m.reaction"], "senders": [me]}
    oldest = (delivery.tried - MARGIN).timestamp() * 1000 if delivery.tried else 0.0
    position: str | None = None
    while True:
        page = (await feed.page(room, position, back=True, only=only)).page
        events = [event for event in map(decode, page.chunk) if event is not None]
        for event in events:
            if isinstance(event.event_id, str) and _is_of(event, delivery):
                return Sent(MessageId(event.event_id))
        ends = page.end is None or page.end == position
        if ends or any(_is_before(event, oldest) for event in events):
            return None
        position = page.end


def _is_of(event: RoomEvent, delivery: Delivery) -> bool:
    return isinstance(event.content, dict) and event.content.get(DELIVERY_KEY) == delivery.id


def _is_before(event: RoomEvent, oldest: float) -> bool:
    said = event.origin_server_ts
    return isinstance(said, int | float) and said < oldest
