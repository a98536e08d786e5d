"""The one who looks at what is being decided when its time has come, and tells the heads of what
was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from bot.custody.heads import day_of
from bot.decisions import closing, context, heralding, indexing
from bot.decisions.house import House
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.events import AccountId, account_of
from bot.log import reference
from bot.platforms.base import Platform
from bot.store.database import Database
from bot.store.tables.decisions import Decision

if TYPE_CHECKING:
    from bot.decisions.ledger.signing import Signer

log = structlog.get_logger()

LEASE = "decisions"
PAUSE = 0.5
"""Seconds between looks."""
_TOGETHER = 10
"""Proposals of one transaction at most,"""
BUDGET = 0.008
"""and seconds after which none is added to it: no relayed message waits behind more than one."""
_BREATH = 0.005
_GIVING = timedelta(seconds=3)
"""Between two looks at what was taken back of what stands on record."""
_PIECES = 20
"""Transactions of one look in which what nobody can find yet is indexed."""


class Closer:
    """Closes what has expired, as long as the lease is ours."""

    def __init__(
        self,
        database: Database,
        house: House,
        platforms: Mapping[AccountId, Platform],
        leases: Leases,
        *,
        signer: Signer | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`signer`: signs the heads that are told."""
        self._signer = signer
        self._database = database
        self._house = house
        self._platforms = platforms
        self._leases = leases
        self._clock = clock
        self._indexed = False
        """Whether every decision can be found: those of before there was an index, too."""
        self._gave: datetime | None = None
        self._told: date | None = None
        """The day whose heads were told, so that nobody is asked before the next."""

    async def look(self) -> set[str]:
        """Do what is due; the lanes to wake. Raises LeaseLost where another process does it now."""
        due = await self._database.read(lambda session: closing.due(session, self._clock()))
        for account, platform in self._platforms.items():
            rooms = [room for room in due.rooms if account_of(room) == account]
            if rooms:
                platform.read_up(rooms)
        lanes: set[str] = set()
        left = due.refs
        while left:
            done, woken = await self._database.run(partial(self._close, left[:_TOGETHER]))
            left = left[done:]
            lanes |= woken
            await asyncio.sleep(_BREATH)
        await self._index_missing()
        await self._give_back()
        day = day_of(self._clock())
        if day != self._told:
            lanes |= await self._database.run(self._tell)
            self._told = day
        return lanes

    async def _index_missing(self) -> None:
        for _ in range(_PIECES):
            if self._indexed:
                return
            self._indexed = not await self._database.run(self._index)
            await asyncio.sleep(_BREATH)

    async def _give_back(self) -> None:
        """Let go of words that were taken back where they were said."""
        now = self._clock()
        if self._gave is not None and now - self._gave < _GIVING:
            return
        markings = self._house.custody().markings
        back = await self._database.read(lambda session: context.to_return(session, markings))
        for ref, entries in back.items():
            await self._database.run(partial(self._return, {ref: entries}))
        self._gave = now

    def _return(self, back: Mapping[str, Sequence[int]], session: Session) -> None:
        self._leases.guard(session, LEASE)
        context.give_back(session, back, self._clock())

    def _index(self, session: Session) -> int:
        self._leases.guard(session, LEASE)
        return indexing.index_missing(session, _TOGETHER)

    def _tell(self, session: Session) -> set[str]:
        self._leases.guard(session, LEASE)
        now = self._clock()
        if not heralding.is_due(session, self._house, now):
            return set()
        return outbox.put(session, heralding.tell(session, self._house, now, self._signer), now)

    def _close(self, refs: Sequence[str], session: Session) -> tuple[int, set[str]]:
        """Look at the first of these, as many as there is time for; how many those were."""
        self._leases.guard(session, LEASE)
        lanes: set[str] = set()
        begun = time.perf_counter()
        for number, ref in enumerate(refs):
            if time.perf_counter() - begun > BUDGET:
                return number, lanes
            row, now = session.get(Decision, ref), self._clock()
            if row is None:
                continue
            try:
                with session.begin_nested():
                    lanes |= outbox.put(session, closing.look(session, self._house, row, now), now)
            except (ValueError, TypeError, LookupError, AssertionError):
                log.exception("decision.failed", ref=ref, reference=reference())
        return len(refs), lanes
