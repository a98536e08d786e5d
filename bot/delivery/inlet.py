"""What arrives: one first-in, first-out per account. Commit, then acknowledge, then go on."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.delivery import inbox
from bot.delivery.backoff import pause
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.errors import AccountRefused, LeaseLost, PlatformError, StoreError
from bot.events import Arrival, Event, Ignored, RoomId, Unreadable
from bot.log import reference
from bot.platforms.base import Platform
from bot.store.database import Database
from bot.store.tables import InboxState

log = structlog.get_logger()

_STORE_PAUSE = 1.0
"""Seconds until the store is tried again when it could not be written."""
_REFUSED_PAUSE = 60.0
"""Seconds until an account that was refused is tried again: somebody may have mended it."""
_KINDS = 500
"""Kinds that are counted by name: their names come from outside, our memory is bounded."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What handling an event left to do after the commit."""

    lanes: set[str] = field(default_factory=set)
    command: int | None = None
    """The inbox number of a command to be run."""


Handle = Callable[[Session, Event, datetime], Handled]
"""The one handler: runs inside the transaction, decides, never sends."""


class Inlet:
    """Reads one account for ever. What it cannot store it does not acknowledge."""

    def __init__(
        self,
        database: Database,
        platform: Platform,
        leases: Leases,
        handle: Handle,
        after: Callable[[Handled], None],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._platform = platform
        self._leases = leases
        self._handle = handle
        self._after = after
        self._clock = clock
        self.counted: Counter[str] = Counter()
        """How often each kind arrived that is nothing to us."""
        self.known = asyncio.Event()
        """Set once the account is connected, or known to be down or refused."""
        self.refused: AccountRefused | None = None

    async def run(self) -> None:
        """Connect, trying for ever, and read; one that was refused is tried again now and then."""
        while True:
            try:
                await self._open()
                async for arrival in self._platform.events():
                    await self._take(arrival)
            except AccountRefused as error:
                log.error("account.refused", account=self._platform.account, mend=error.mend)  # noqa: TRY400  the words say it all
                self.refused = error
                self.known.set()
                await asyncio.sleep(_REFUSED_PAUSE)

    async def _open(self) -> None:
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._platform.open()
            except AccountRefused:
                raise
            except PlatformError as error:
                log.warning(
                    "account.unreachable", account=self._platform.account, reason=error.reason
                )
                self.known.set()
                seconds = pause(attempt, random.random(), retry_after=error.retry_after)  # noqa: S311  jitter
                await asyncio.sleep(seconds)
            else:
                self.refused = None
                self.known.set()
                return

    async def _take(self, arrival: Arrival) -> None:
        event = arrival.event
        if isinstance(event, Ignored | Unreadable):
            self._count(event)
            if arrival.mark is None:
                await arrival.acknowledge()
                return
        handled = await self._commit(arrival)
        await arrival.acknowledge()
        self._after(handled)

    async def _commit(self, arrival: Arrival) -> Handled:
        """Store an arrival and all it causes; tries for ever while the store cannot be written."""

        def work(session: Session) -> Handled:
            self._leases.guard(session, f"inlet:{self._platform.account}")
            handled = self._handle(session, arrival.event, self._clock())
            if arrival.mark is not None:
                inbox.keep_mark(session, arrival.mark)
            return handled

        while True:
            try:
                return await self._database.run(work)
            except StoreError as error:
                log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
                await asyncio.sleep(_STORE_PAUSE)
            except LeaseLost:
                raise
            except Exception:
                shown = reference()
                log.exception("event.failed", kind=type(arrival.event).__name__, reference=shown)
                return await self._set_aside(arrival, shown)

    async def _set_aside(self, arrival: Arrival, shown: str) -> Handled:
        """Remember that an event could not be handled, so that the next one is read."""

        def work(session: Session) -> Handled:
            self._leases.guard(session, f"inlet:{self._platform.account}")
            room = RoomId(getattr(arrival.event, "room", ""))
            inbox.first_seen(
                session, room, "failed", shown, now=self._clock(), state=InboxState.FAILED,
                reference=shown,
            )  # fmt: skip
            if arrival.mark is not None:
                inbox.keep_mark(session, arrival.mark)
            return Handled()

        return await self._database.run(work)

    def _count(self, event: Ignored | Unreadable) -> None:
        full = len(self.counted) >= _KINDS and event.kind not in self.counted
        kind = "other" if full else event.kind
        self.counted[kind] += 1
        number = self.counted[kind]
        if number & (number - 1) == 0:  # at each doubling: a flood does not fill the log
            name = "event.ignored" if isinstance(event, Ignored) else "event.unreadable"
            log.info(name, account=self._platform.account, kind=kind, count=number)
