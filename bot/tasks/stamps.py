"""Asks an authority to time-stamp the heads that were told. Nothing waits for it: one that is down
is asked again, less and less often.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
import structlog
from cryptography.x509 import Certificate
from sqlalchemy.orm import Session

from bot.decisions.ledger import stamping, witnessing
from bot.delivery.lease import Leases
from bot.feeds.fetching import Way
from bot.store.database import Database
from bot.store.patience import patience
from bot.tasks.closer import LEASE

log = structlog.get_logger()

PAUSE = 30.0
"""Seconds between looks whether a head was told."""
_LONGEST = 3600.0
_AT_ONCE = 50
_LARGEST = 100_000
"""Bytes of an answer: certificates and a signature."""


class Stamps:
    """Lets heads be time-stamped by one authority."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        authority: str,
        roots: Sequence[Certificate],
        way: Way,
        *,
        pause: float = PAUSE,
    ) -> None:
        self._database = database
        self._leases = leases
        self._authority = authority
        self._roots = roots
        self._way = way
        self._pause = pause

    async def run(self) -> None:
        """Look again and again, for ever."""
        pause = self._pause
        while True:
            done = False
            with patience():
                done = await self.look()
            pause = self._pause if done else min(pause * 2, _LONGEST)
            await asyncio.sleep(pause)

    async def look(self) -> bool:
        """Have stamped what is not; False where the authority did not do it."""
        waiting = await self._database.read(lambda s: witnessing.unstamped(s, _AT_ONCE))
        if not waiting:
            return True
        async with self._client() as client:
            for series, entry, own in waiting:
                if not await self._stamp(client, series, entry, own):
                    return False
        return True

    async def answers(self) -> bool:
        """Whether the authority stamps what it is asked to, and follows from the certificates."""
        async with self._client() as client:
            return await self._stamped(client, "", 0, "") is not None

    def _client(self) -> aiohttp.ClientSession:
        host = urlsplit(self._authority).hostname or ""
        proxy = None if self._way.goes_direct(host) else self._way.proxy
        limit = aiohttp.ClientTimeout(total=self._way.idle)
        return aiohttp.ClientSession(timeout=limit, proxy=proxy)

    async def _stamp(
        self, client: aiohttp.ClientSession, series: str, entry: int, own: bytes
    ) -> bool:
        found = await self._stamped(client, series, entry, own.hex())
        if found is None:
            return False
        await self._database.run(lambda s: self._keep(s, series, entry, *found))
        log.info("head.stamped", series=series, entry=entry)
        return True

    async def _stamped(
        self, client: aiohttp.ClientSession, series: str, entry: int, own: str
    ) -> tuple[bytes, datetime] | None:
        asked = stamping.question(series, entry, own)
        try:
            told = await self._answer(client, asked.content)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("head.not_stamped", reason=type(error).__name__)
            return None
        when = stamping.stamped_at(told, self._roots, series, entry, own, asked.nonce)
        if when is None:
            log.warning("head.not_stamped", reason="the answer proves nothing")
            return None
        return told, when

    async def _answer(self, client: aiohttp.ClientSession, content: bytes) -> bytes:
        headers = {"Content-Type": stamping.ASKED, "Accept": stamping.ANSWERED}
        trusted = ssl.create_default_context()
        if self._way.ca_file is not None:
            trusted.load_verify_locations(self._way.ca_file)
        async with client.post(
            self._authority, data=content, headers=headers, ssl=trusted, allow_redirects=False
        ) as answer:
            if answer.status != 200:
                raise aiohttp.ClientPayloadError
            return await answer.content.read(_LARGEST)

    def _keep(self, session: Session, series: str, entry: int, told: bytes, when: datetime) -> None:
        self._leases.guard(session, LEASE)
        witnessing.stamp(session, series, entry, told, when)
