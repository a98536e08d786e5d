"""One round of a source: polled, judged, taken over, and what it stands at written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.orm import Session

from bot.errors import FeedError
from bot.feeds.fetching import Way
from bot.feeds.keeping import Guard, keep, standings, unguarded
from bot.feeds.standing import Remembered, Standing, failed, judge, succeeded
from bot.feeds.timing import SOON, age_of, next_due
from bot.indicators import sources
from bot.indicators.counts import Counts
from bot.indicators.defined import has_defined
from bot.indicators.feeds.contents import Held
from bot.indicators.feeds.polling import Poll, poll
from bot.indicators.feeds.source import Source
from bot.indicators.importing import import_beside
from bot.indicators.raw import Asking
from bot.indicators.sources import has_other_defaults
from bot.indicators.stretches import remembered
from bot.sharing.teams import TeamKey
from bot.store.database import Database

log = structlog.get_logger()

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Round:
    """How a round went: the standing before and after; `counts`: what was taken over."""

    before: Standing
    after: Standing
    counts: Counts


@dataclass(frozen=True, slots=True)
class Rounds:
    """Makes rounds. `chance` gives numbers in [0, 1)."""

    database: Database
    way: Way
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    guard: Guard = unguarded

    async def make(self, source: Source, *, accept: bool = False) -> Round:
        """Read a source once. Whatever is wrong with it is in what comes back; `accept`: somebody
        has looked, and wants what looks suspicious. Raises StoreError, LeaseLost.
        """
        before = (await self.database.read(lambda s: standings(s, [source.name])))[source.name]
        counts, begun = Counts(), before
        try:
            begun = await self._begun(source, before)
            held, now = await self._held(source), self.clock()
            async with poll(source, self.way, begun.remembered, now, held) as found:
                total = found.total(0 if begun.remembered == Remembered() else before.count)
                if not accept:
                    judge(before, total, self.clock())
                if found.items is not None:
                    entered = stored(source)
                    items = found.items()
                    counts = await import_beside(self.database, entered, items, self.clock)
        except FeedError as error:
            after = self._after_failure(source, begun, error)
        else:
            after = self._after_success(source, before, found, total)
            if accept:  # later polls are held to what was taken now
                after = msgspec.structs.replace(after, counts=after.counts[-1:])
        await self.database.run(lambda session: self._keep(session, source, after))
        log.info(
            "feed.read", feed=source.name, problem=after.problem or None, new=counts.new,
            updated=counts.updated, aside=counts.quarantined.total(),
        )  # fmt: skip
        return Round(before, after, counts)

    async def _begun(self, source: Source, before: Standing) -> Standing:
        """From where it is read: from its beginning where other defaults hold now, also if that is
        broken off.
        """
        if not await self.database.read(lambda s: has_other_defaults(Asking(s), stored(source))):
            return before
        anew = msgspec.structs.replace(before, remembered=Remembered())
        await self.database.run(lambda s: self._guarded(s, source, anew))
        return anew

    async def _held(self, source: Source) -> Held:
        """What came before: bundles alone have stretches."""

        def defined(ref: str) -> bool:  # asked for where files are read: not in the event loop
            return self.database.read_now(lambda s: has_defined(s, stored(source), ref))

        if source.form != "stix":
            return Held(has_defined=defined)
        return Held(await self.database.read(lambda s: remembered(s, stored(source))), defined)

    def _guarded(self, session: Session, source: Source, standing: Standing) -> None:
        self.guard(session)
        keep(session, source.name, standing)

    def _after_success(self, source: Source, before: Standing, found: Poll, total: int) -> Standing:
        now = self.clock()
        due = next_due(source.every, now, self.chance()) if found.finished else now + SOON
        total = before.count if found.items is None else total
        return succeeded(before, found.remembered, total, now, due)

    def _after_failure(self, source: Source, before: Standing, error: FeedError) -> Standing:
        now = self.clock()
        every, pause = age_of(source.every, now), error.retry_after
        return failed(before, error.reason, now, every, self.chance(), pause)

    def _keep(self, session: Session, source: Source, standing: Standing) -> None:
        self._guarded(session, source, standing)
        asking = Asking(session)
        number = sources.met(asking, stored(source)) if standing.problem else None
        if number is None:
            number = sources.enter(asking, stored(source))
        sources.was_read(asking, number, self.clock(), standing.problem or None)


def stored(source: Source) -> sources.Source:
    """A source as the store knows it."""
    return sources.Source(
        sources.By.FEED,
        source.name,
        None if source.originator is None else TeamKey(source.originator),
        source.marking,
        source.confidence,
        None if source.ttl is None else source.ttl // _MICROSECOND,
    )
