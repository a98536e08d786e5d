"""Trying again until it works: what reads is never given up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import AccountRefused, PlatformError, Refused
from bot.events import AccountId
from bot.platforms.matrix.connection import Connection
from bot.platforms.matrix.problems import TokenRefused
from bot.platforms.matrix.session import Session

log = structlog.get_logger()

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""Seconds between two tries: the first time, and at most."""

T = TypeVar("T")


class Patience:
    """Repeats reading requests, with growing pauses, and knows whether they work at present."""

    def __init__(self, account: AccountId, session: Session, connection: Connection) -> None:
        self.connected = False
        self._account = account
        self._session = session
        self._connection = connection

    async def insist(self, work: Callable[[], Awaitable[T]], *, refusable: bool = False) -> T:
        """What `work` returns once it succeeds.

        Raises `AccountRefused`, and if `refusable` also `Refused`: nothing else.
        """
        attempt = 0
        while True:
            token = self._connection.token
            try:
                return await work()
            except TokenRefused as refusal:
                error: PlatformError = refusal
                renewed = await self._renew(token, refusal)
            except AccountRefused:
                self.connected = False
                raise
            except Refused as refusal:
                if refusable:
                    raise
                error, renewed = refusal, False
            except PlatformError as trouble:
                error, renewed = trouble, False
            if not renewed or attempt:
                await self._pause(error, attempt)
            attempt += 1

    async def _renew(self, token: str, refusal: TokenRefused) -> bool:
        try:
            await self._session.renew(token, refusal)
        except AccountRefused:
            self.connected = False
            raise
        except PlatformError:
            return False
        return True

    async def _pause(self, error: PlatformError, attempt: int) -> None:
        self.connected = False
        pause = min(FIRST_PAUSE * 2 ** min(attempt, 16), LONGEST_PAUSE)
        pause *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads tries, hides nothing
        pause = max(pause, error.retry_after or 0.0)
        log.info("matrix.waiting", account=self._account, reason=error.reason, seconds=pause)
        await asyncio.sleep(pause)
