"""The rooms' past as arrivals: what `bot.platforms.gaps` asks for."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import structlog

from bot.events import Arrival, LeftOut, Mark, MessageId, RoomId, local
from bot.platforms.base import CatchUp, Memory, Recollection
from bot.platforms.slack.past import Left, Message, Page, PastReader, ts_of
from bot.platforms.slack.reading import Reading
from bot.platforms.slack.said import time_of

log = structlog.get_logger()

OVERLAP = 300.0
"""Seconds before the mark that are read again: Slack may deliver late."""
_TOGETHER = 200
"""Messages of which it is asked at once whether they were taken in."""


class History:
    """A `bot.platforms.past.Past` on Slack; a position is a `ts`."""

    def __init__(
        self, past: PastReader, reading: Reading, memory: Memory, recollection: Recollection
    ) -> None:
        self._past = past
        self._reading = reading
        self._memory = memory
        self._recollection = recollection
        self._newest: dict[RoomId, Page] = {}

    async def all(
        self, room: RoomId, since: str, most: int | None = None
    ) -> AsyncGenerator[Arrival, None]:
        """All that was said after a `ts`, or the newest `most` messages of it, oldest first.

        A message is given as it stands, then its edit and its reactions, so that what is known
        already is mended; the mark goes with the last of these.
        """
        walk = await self._past.walk_back(local(room), since, most=most)
        async with aclosing(self._past.messages(local(room), since, walk)) as messages:
            async for message in messages:
                *before, last = [
                    Arrival(event, live=False)
                    for event in await self._reading.of_history(message, room)
                ]
                for arrival in before:
                    yield arrival
                yield replace(last, mark=Mark(room, ts_of(message)))

    async def read(self, room: RoomId, since: str, limit: CatchUp) -> AsyncGenerator[Arrival, None]:
        """What was said after a `ts` and is not known, oldest first, within the limit; before it,
        how much of what is new lies beyond the limit.

        A message has the words that it has now. What else became of it, and of what is known, is
        for `comparing`.
        """
        known = await self._memory.mark(room) or since
        since = max(since, position(time.time() - limit.age.total_seconds()))
        walk = await self._past.walk_back(
            local(room), since, most=limit.messages, known=known, counts=self._reading.is_said
        )
        self._newest = {room: walk.newest} if walk.newest else {}
        if walk.left.count or walk.left.more:
            log.warning("catch_up.left_out", room=room, messages=walk.left.count)
            yield Arrival(_left_out(room, walk.left, known), live=False)
        read: list[Message] = []
        async with aclosing(self._past.messages(local(room), since, walk)) as messages:
            async for message in messages:
                read.append(message)
                if ts_of(message) > known or len(read) == _TOGETHER:
                    for each in await self._unseen(room, read, known):
                        yield await self._arrival(room, each)
                    read = []
        for each in await self._unseen(room, read, known):
            yield await self._arrival(room, each)

    def newest_page(self, room: RoomId) -> Page | None:
        """The newest page of the room that was read last, once."""
        return self._newest.pop(room, None)

    async def newest(self, room: RoomId) -> str:
        """The `ts` of the newest message."""
        return await self._past.newest(local(room))

    def earlier(self, position_: str) -> str:
        """Five minutes before a `ts`."""
        return position(float(position_) - OVERLAP)

    def is_later(self, position_: str, than: str) -> bool:
        """Whether a `ts` is later than another."""
        return position_ > than

    async def _arrival(self, room: RoomId, message: Message) -> Arrival:
        event = await self._reading.said_in_history(message, room)
        return Arrival(event, Mark(room, ts_of(message)), live=False)

    async def _unseen(self, room: RoomId, messages: list[Message], known: str) -> list[Message]:
        """Those that are to be handed out: what came after `known` is new in any case."""
        ids = [MessageId(ts) for ts in map(ts_of, messages) if ts <= known]
        unseen = await self._recollection.unseen(room, ids)
        return [each for each in messages if ts_of(each) > known or ts_of(each) in unseen]


def position(seconds: float) -> str:
    """A time as a `ts`, in the ten digits and six that keep text order."""
    return f"{max(seconds, 0.0):017.6f}"


def _left_out(room: RoomId, left: Left, known: str) -> LeftOut:
    """It begins after what was known, and is told of once, however often that is read."""
    first = known if left.more else left.first
    since, until = time_of(first), time_of(left.last or known)
    assert since is not None
    assert until is not None
    return LeftOut(room, f"after {known}", left.count, since, until, left.more)
