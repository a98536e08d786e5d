"""Fetching anew what may go further than before, beside everything else (`bot.bridge.fetching`).

What is to be fetched stands in the store, so it goes on after a restart; while a network cannot be
reached it is tried again, ever more rarely.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from bot.bridge import fetching
from bot.delivery.backoff import pause
from bot.delivery.lanes import Lanes, utc_now
from bot.errors import Barred, PlatformError, Refused, StoreError
from bot.events import AccountId, MessageId, MessagePosted, RoomId, account_of
from bot.log import reference
from bot.platforms.base import Platform
from bot.store.database import Database
from bot.store.patience import patience
from bot.tasks.crew import Crew

log = structlog.get_logger()

_LOOK = 0.5
"""Seconds between two looks for something to fetch."""


Wanted = tuple[int, RoomId, MessageId]
"""A request by its number, and where what it asks for was said."""


class Relays(Protocol):
    """Gives what was fetched to whom may have it: see `bot.handler.Handler.fetched`."""

    def fetched(
        self,
        session: Session,
        key: int,
        event: MessagePosted | None,
        now: datetime,
        *,
        failed: bool = False,
    ) -> set[str] | None:
        """The lanes to wake; None where it may not be read at present."""


class Refetches:
    """Fetches what is asked for, each as a task of its own."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[AccountId, Platform],
        handler: Relays,
        lanes: Lanes,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._handler = handler
        self._lanes = lanes
        self._clock = clock

    async def run(self) -> None:
        """Look for something to fetch, for ever."""
        await Crew(self._waiting, self._insist, self._give_up).run(_LOOK)

    async def _waiting(self) -> list[Wanted]:
        found = await self._database.read(fetching.waiting)
        return [(key, *place) for key, place in found.items()]

    async def _insist(self, wanted: Wanted) -> None:
        """Fetch one, again and again while its network or the store cannot be used."""
        key, room, message = wanted
        since, attempt = self._clock(), 0
        while True:
            attempt, after = attempt + 1, None
            try:
                with patience():
                    if await self.carry_out(key, room, message, since):
                        return
            except PlatformError as error:
                log.info("refetch.postponed", room=room, reason=error.reason)
                after = error.retry_after
            await asyncio.sleep(pause(attempt, random.random(), retry_after=after))  # noqa: S311  jitter

    async def _give_up(self, wanted: Wanted, failure: BaseException) -> None:
        """Something unforeseen: nothing is relayed, and who asked for it hears that."""
        log.error("refetch.failed", reference=reference(), exc_info=failure)
        with suppress(StoreError):  # it is begun again, and fails again
            await self._end(wanted[0], None, failed=True)

    async def carry_out(self, key: int, room: RoomId, message: MessageId, since: datetime) -> bool:
        """Fetch one and have it relayed; False where that is not to be at present. Raises
        `PlatformError` where it makes sense to try again, and `StoreError`.
        """
        try:
            event = await self._fetched(room, message)
        except PlatformError as error:
            over = self._clock() - since > fetching.LAST
            lasting = isinstance(error, Refused) and not isinstance(error, Barred)
            if not lasting and not over:
                raise
            log.warning("refetch.refused", room=room, reason=error.reason)
            return await self._end(key, None, failed=True)
        return await self._end(key, event, failed=False)

    async def _end(self, key: int, event: MessagePosted | None, *, failed: bool) -> bool:
        def work(session: Session) -> set[str] | None:
            return self._handler.fetched(session, key, event, self._clock(), failed=failed)

        lanes = await self._database.run(work)
        self._lanes.wake(lanes or set())
        return lanes is not None

    async def _fetched(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        platform = self._platforms.get(account_of(room))
        if platform is None:
            raise Refused("its network is configured no more")
        return await platform.fetch(room, message)
