"""The rooms' past as arrivals: what `bot.platforms.gaps` asks for."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from bot.events import Arrival, Event, Mark, RoomId, local
from bot.platforms.base import CatchUp
from bot.platforms.slack import inbound, people
from bot.platforms.slack.inbound import Ourselves
from bot.platforms.slack.names import Names
from bot.platforms.slack.past import Message, PastReader, ts_of

OVERLAP = 300.0
"""Seconds before the mark that are read again: Slack may deliver late."""


class History:
    """A `bot.platforms.gaps.Past` on Slack; a position is a `ts`."""

    def __init__(self, past: PastReader, names: Names, us: Callable[[], Ourselves]) -> None:
        """`us`: who the bot is, known once the account is open."""
        self._past = past
        self._names = names
        self._us = us

    async def read(
        self, room: RoomId, since: str, limit: CatchUp | None
    ) -> AsyncGenerator[Arrival, None]:
        """What was said after a `ts`, oldest first; without a limit, all of it."""
        most = None
        if limit is not None:
            most = limit.messages
            since = max(since, position(time.time() - limit.age.total_seconds()))
        async with aclosing(self._past.messages(local(room), since, most=most)) as messages:
            async for message in messages:
                yield Arrival(
                    await self._event(room, message), Mark(room, ts_of(message)), live=False
                )

    async def newest(self, room: RoomId) -> str:
        """The `ts` of the newest message."""
        return await self._past.newest(local(room))

    def earlier(self, position_: str) -> str:
        """Five minutes before a `ts`."""
        return position(float(position_) - OVERLAP)

    def is_later(self, position_: str, than: str) -> bool:
        """Whether a `ts` is later than another."""
        return position_ > than

    async def _event(self, room: RoomId, message: Message) -> Event:
        await self._names.learn(people.people_in(message))
        return inbound.message_of(message, room, self._us(), self._names.get)


def position(seconds: float) -> str:
    """A time as a `ts`, in the ten digits and six that keep text order."""
    return f"{max(seconds, 0.0):017.6f}"
