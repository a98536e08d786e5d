"""The sync loop: everything that happens, in order, from the committed position on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.events import AccountId, Arrival, Ignored, Mark, RoomId, RoomRead, RosterChanged
from bot.platforms.base import Memory
from bot.platforms.matrix.crypto import AnyCrypto
from bot.platforms.matrix.feed import Feed, News
from bot.platforms.matrix.invitations import Invitations
from bot.platforms.matrix.patience import Patience
from bot.platforms.matrix.places import Places
from bot.platforms.matrix.reader import Reader
from bot.platforms.matrix.session import Session

SETTLING = 5.0
"""Seconds at the start for accepting invitations: joining a room of other servers takes longer."""


class Timeline:
    """Reads what is new and what was missed; retries for ever, and loses no place."""

    def __init__(
        self,
        account: AccountId,
        memory: Memory,
        session: Session,
        places: Places,
        feed: Feed,
        patience: Patience,
        reader: Reader,
        invitations: Invitations,
        crypto: AnyCrypto,
    ) -> None:
        self._account = account
        self._memory = memory
        self._session = session
        self._places = places
        self._feed = feed
        self._patience = patience
        self._reader = reader
        self._invitations = invitations
        self._crypto = crypto
        self._away = True
        """Whether what comes next is what was missed."""
        self._asked: set[RoomId] = set()
        """Rooms of which is to be told that they have been read."""
        self._hurry = asyncio.Event()

    async def begin(self) -> None:
        """Be ready: aliases resolved, the position of a first run kept, what waits accepted.

        From here on nothing that is said in a room the bot is in is missed. Raises
        `PlatformError`.
        """
        await self._reconnect()
        await self._start()
        await self._invitations.settle(SETTLING)

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Ask at once what is new, and tell of these rooms that they have been read."""
        self._asked.update(rooms)
        self._hurry.set()

    async def events(self) -> AsyncGenerator[Arrival, None]:
        """Everything, for ever; raises `AccountRefused` when the account is shut out.

        Whoever reads commits each arrival before asking for the next.
        """
        insist = self._patience.insist
        invitations: asyncio.Task[None] | None = None
        chores = asyncio.create_task(self._crypto.work())
        since = ""
        try:
            while True:
                if not self._patience.connected:
                    await insist(self._reconnect)
                    await _end(invitations)
                    invitations = asyncio.create_task(self._invitations.work())
                since = since or await insist(self._start)
                asked, now = set(self._asked), datetime.now(UTC)
                news = await insist(partial(self._news, since))
                await insist(partial(self._crypto.take, news.sync))
                async with aclosing(self._marked(news, since)) as arrivals:
                    async for arrival in arrivals:
                        yield arrival
                since = news.sync.next_batch
                self._asked -= asked
                for room in asked:
                    yield Arrival(RoomRead(room, now), live=False)
                async with aclosing(self._reader.again()) as arrivals:
                    async for arrival in arrivals:
                        yield arrival
        finally:
            self._patience.connected = False
            await _end(invitations)
            await _end(chores)

    async def _reconnect(self) -> None:
        await self._session.sign_in()
        await self._crypto.begin()
        await self._places.resolve()

    async def _start(self) -> str:
        """Where to read on; on the very first run, now."""
        mark = await self._memory.mark(self._account)
        if mark is None:
            now = await self._feed.now()
            await self._crypto.take(now)
            mark = now.next_batch
            await self._memory.set_mark(self._account, mark)
        return mark

    async def _news(self, since: str) -> News:
        wait = await self._crypto.due() if self._patience.connected else 0.0
        news = None if self._asked else await self._unless_hurried(since, wait)
        news = news or await self._feed.news(since, wait=0.0)
        self._away = not self._patience.connected
        self._patience.connected = True
        return news

    async def _unless_hurried(self, since: str, wait: float) -> News | None:
        """What is new, None where it is to be asked anew at once: nothing is lost by that."""
        asking = asyncio.ensure_future(self._feed.news(since, wait=wait))
        hurried = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait([asking, hurried], return_when=asyncio.FIRST_COMPLETED)
            return asking.result() if asking.done() else None
        finally:
            for task in (asking, hurried):
                task.cancel()
            await asyncio.gather(asking, hurried, return_exceptions=True)
            self._hurry.clear()

    async def _marked(self, news: News, since: str) -> AsyncGenerator[Arrival, None]:
        """The arrivals of one answer, the last of them with the position after it.

        So the position is committed when all before it is; after a crash before that, it is read
        again.
        """
        held: Arrival | None = None
        async with aclosing(self._unfold(news, since)) as arrivals:
            async for arrival in arrivals:
                if held is not None:
                    yield held
                held = arrival
        if held is not None:
            yield replace(held, mark=Mark(self._account, news.sync.next_batch))

    async def _unfold(self, news: News, since: str) -> AsyncGenerator[Arrival, None]:
        for room, invited in news.sync.rooms.invite.items():
            yield Arrival(Ignored(self._invitations.offer(room, invited)), received=news.received)
        async with aclosing(self._reader.late(news.received)) as late:
            async for arrival in late:
                yield arrival
        for room, joined in news.sync.rooms.join.items():
            place = await self._reader.place(room)
            if place is None:
                for _ in joined.timeline.events:
                    yield Arrival(Ignored("room in no channel"), received=news.received)
            for changed in self._reader.lead_elsewhere(room, joined):
                yield Arrival(RosterChanged(changed), received=news.received)
            if place is None:
                continue
            told = self._reader.news(room, place, joined, since, news.received, away=self._away)
            async with aclosing(told) as arrivals:
                async for arrival in arrivals:
                    yield arrival


async def _end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and wait for it; what it failed with, if it had failed, is raised. Whoever is
    cancelled while waiting is cancelled too.
    """
    if task is None:
        return
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
