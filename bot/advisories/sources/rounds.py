"""One round of a feed of advisories: read, written down, and what it stands at.

Nothing is told here: what is written down is told by whoever runs the rooms
(`bot.tasks.bulletins`), whichever process has read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.advisories.sources import shelf, sweeping
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.gathered import READ, Found, Gathered
from bot.advisories.sources.polling import gather
from bot.errors import FeedError
from bot.feeds.fetching import Way
from bot.feeds.keeping import Guard, keep, standings, unguarded
from bot.feeds.standing import Standing, failed, succeeded
from bot.feeds.timing import age_of, next_due
from bot.store.database import Database

log = structlog.get_logger()

_CHUNK = 200
_BREATH = 0.005
"""Seconds between units of work, so that others come in between."""


@dataclass(frozen=True, slots=True)
class Round:
    """How a round went: how many items are new or changed, and what is not taken over and why."""

    before: Standing
    after: Standing
    new: int = 0
    refused: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Rounds:
    """Makes rounds. `chance` gives numbers in [0, 1)."""

    database: Database
    way: Way
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    guard: Guard = unguarded

    async def make(self, feed: Feed) -> Round:
        """Read a feed once. Whatever is wrong with it is in what comes back. Raises StoreError,
        LeaseLost.
        """
        before = (await self.database.read(lambda s: standings(s, [feed.name])))[feed.name]
        try:
            gathered = await gather(feed, self.way, before.remembered)
        except FeedError as error:
            now = self.clock()
            every, pause = age_of(feed.every, now), error.retry_after
            after = failed(before, error.reason, now, every, self.chance(), pause)
            await self.database.run(lambda s: self._keep(s, feed, after))
            log.info("feed.read", feed=feed.name, problem=after.problem)
            return Round(before, after)
        new = await self._hold(feed, gathered.found)
        after = self._after(feed, before, gathered)
        first = before.remembered.cursor != READ
        moved = sweeping.NONE
        if gathered.there is not None:
            there = gathered.there
            moved = await self.database.read(lambda s: sweeping.moved(s, feed.name, there))

        def finish(session: Session) -> None:
            shelf.release(session, feed.name, first=first)
            sweeping.note(session, moved, self.clock())
            self._keep(session, feed, after)

        await self.database.run(finish)
        refused = [each for each in gathered.found if each.item is None]
        log.info("feed.read", feed=feed.name, problem=None, new=new, aside=len(refused))
        return Round(before, after, new, refused)

    async def _hold(self, feed: Feed, found: Sequence[Found]) -> int:
        new = 0
        for start in range(0, len(found), _CHUNK):
            chunk = found[start : start + _CHUNK]

            def work(session: Session, chunk: Sequence[Found] = chunk) -> int:
                self.guard(session)
                return shelf.hold(session, feed.name, chunk, self.clock())[0]

            new += await self.database.run(work)
            await asyncio.sleep(_BREATH)
        return new

    def _after(self, feed: Feed, before: Standing, gathered: Gathered) -> Standing:
        now = self.clock()
        wait = gathered.wait
        due = next_due(feed.every, now, self.chance()) if wait is None else now + wait
        return succeeded(before, gathered.remembered, gathered.listed, now, due)

    def _keep(self, session: Session, feed: Feed, standing: Standing) -> None:
        self.guard(session)
        keep(session, feed.name, standing)
