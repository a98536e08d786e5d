"""The rooms' past as arrivals: what `bot.platforms.gaps` asks for."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from bot.events import Arrival, Mark, RoomId, local
from bot.platforms.base import CatchUp
from bot.platforms.slack.past import PastReader, ts_of
from bot.platforms.slack.reading import Reading

OVERLAP = 300.0
"""Seconds before the mark that are read again: Slack may deliver late."""


class History:
    """A `bot.platforms.gaps.Past` on Slack; a position is a `ts`."""

    def __init__(self, past: PastReader, reading: Reading) -> None:
        self._past = past
        self._reading = reading

    async def read(
        self, room: RoomId, since: str, limit: CatchUp | None
    ) -> AsyncGenerator[Arrival, None]:
        """What was said after a `ts`, oldest first; without a limit, all of it.

        A message is given as it stands, then its edit and its reactions, so that what is known
        already is mended; the mark goes with the last of these.
        """
        most = None
        if limit is not None:
            most = limit.messages
            since = max(since, position(time.time() - limit.age.total_seconds()))
        async with aclosing(self._past.messages(local(room), since, most=most)) as messages:
            async for message in messages:
                *before, last = [
                    Arrival(event, live=False)
                    for event in await self._reading.of_history(message, room)
                ]
                for arrival in before:
                    yield arrival
                yield replace(last, mark=Mark(room, ts_of(message)))

    async def newest(self, room: RoomId) -> str:
        """The `ts` of the newest message."""
        return await self._past.newest(local(room))

    def earlier(self, position_: str) -> str:
        """Five minutes before a `ts`."""
        return position(float(position_) - OVERLAP)

    def is_later(self, position_: str, than: str) -> bool:
        """Whether a `ts` is later than another."""
        return position_ > than


def position(seconds: float) -> str:
    """A time as a `ts`, in the ten digits and six that keep text order."""
    return f"{max(seconds, 0.0):017.6f}"
