"""What lies between two answers of the homeserver: read page by page, within the room's limit."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial

import msgspec
import structlog

from bot.errors import Refused
from bot.events import Arrival, Ignored
from bot.platforms.base import CatchUp, Surroundings
from bot.platforms.matrix.envelope import Place, decode
from bot.platforms.matrix.feed import Feed, Past
from bot.platforms.matrix.limiting import Tally, beginning
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.unread import Unread

log = structlog.get_logger()

Read = Callable[
    [str, Place, Sequence[msgspec.Raw], Sequence[msgspec.Raw], float], Awaitable[list[Arrival]]
]
"""Reads a page of a room: its events, the state that goes with them, and when it was received."""


class Missed:
    """Reads the gaps of one account."""

    def __init__(
        self, surroundings: Surroundings, feed: Feed, patience: Patience, read: Read
    ) -> None:
        self._limits = surroundings.catch_up
        self._unread = Unread(surroundings.memory)
        self._feed = feed
        self._patience = patience
        self._read = read

    def tally(self, place: Place) -> Tally:
        """A tally of what is handed out of a room, from the newest on."""
        return Tally.within(self._limit(place), place.me)

    async def gap(
        self, room: str, place: Place, since: str, until: str, tally: Tally
    ) -> AsyncGenerator[Arrival, None]:
        """What lies between two positions; where that is refused, it is tried again later."""
        try:
            async with aclosing(self._between(room, place, since, until, tally)) as arrivals:
                async for arrival in arrivals:
                    yield arrival
        except Refused as error:
            log.warning("gap.refused", room=place.room, reason=error.reason)
            await self._unread.add(room, since, until)
            yield Arrival(Ignored("gap that cannot be read"), live=False)

    async def again(
        self, place_of: Callable[[str], Awaitable[Place | None]]
    ) -> AsyncGenerator[Arrival, None]:
        """What was refused before, now and then: late, but not lost."""
        for room, gap in (await self._unread.due()).items():
            place = await place_of(room)
            if place is None:
                continue
            told = self._between(room, place, gap.since, gap.until, self.tally(place))
            try:
                async with aclosing(told) as arrivals:
                    async for arrival in arrivals:
                        yield arrival
            except Refused:
                if time.time() - gap.noticed < self._limit(place).age.total_seconds():
                    continue
                log.warning("gap.given_up", room=place.room)
            await self._unread.remove(room)

    async def _between(
        self, room: str, place: Place, since: str, until: str, tally: Tally
    ) -> AsyncGenerator[Arrival, None]:
        """Never all of it in memory; before it, how much lies beyond the limit."""
        insist = partial(self._patience.insist, refusable=True)
        entry = None
        if place.partner is None:
            scan = partial(self._feed.last_entry, room, place.me, since, until)
            entry = await insist(scan)

        async def back(position: str) -> Past:
            return await insist(partial(self._feed.page, room, position, since, back=True))

        position, entry = await beginning(back, tally, since, until, entry)
        if left := tally.left_out(place.room, since):
            log.warning("gap.left_out", room=place.room, messages=left.count)
            yield Arrival(left, live=False)
        while position is not None:
            past = await insist(partial(self._feed.page, room, position, until))
            events, entry = _after(past.page.chunk, entry)
            state = past.page.state
            for arrival in await self._read(room, place, events, state, past.received):
                yield arrival
            position = past.page.next_after(position)

    def _limit(self, place: Place) -> CatchUp:
        return self._limits.get(place.room, CatchUp())


def _after(
    events: Sequence[msgspec.Raw], entry: str | None
) -> tuple[Sequence[msgspec.Raw], str | None]:
    """The events from `entry` on, and None once it was found; all of them where it is None."""
    if entry is None:
        return events, None
    for index, raw in enumerate(events):
        event = decode(raw)
        if event is not None and event.event_id == entry:
            return events[index:], None
    return (), entry
