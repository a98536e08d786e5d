"""The one who seals the audit, and tells its heads to the rooms that witness it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody import heads, sealing
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.events import Outgoing, Post, RoomId
from bot.richtext import say
from bot.store.database import Database
from bot.words import Words

PAUSE = 0.25
"""Seconds between looks: what was written down is sealed within a second."""
_BREATH = 0.005
"""Seconds between transactions, so that the relay's commits do not wait behind a backlog."""


class Sealer:
    """Seals what waits and tells the day's head, as long as the lease `sealing.LEASE` is ours."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        rooms: Sequence[RoomId],
        words: Words,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._leases = leases
        self._rooms = rooms
        self._words = words
        self._clock = clock

    async def look(self) -> set[str]:
        """Do what is due; the lanes to wake. Raises LeaseLost where another process does it now."""
        unsealed, due = await self._database.read(self._due)
        while unsealed and await self._database.run(self._seal) == sealing.MOST:  # noqa: ASYNC110  a pause for others, not a wait
            await asyncio.sleep(_BREATH)
        return await self._database.run(self._tell) if due else set()

    def _due(self, session: Session) -> tuple[bool, bool]:
        due = bool(self._rooms) and heads.is_due(session, self._clock())
        return sealing.is_due(session), due

    def _seal(self, session: Session) -> int:
        self._leases.guard(session, sealing.LEASE)
        return sealing.seal(session)

    def _tell(self, session: Session) -> set[str]:
        self._leases.guard(session, sealing.LEASE)
        now = self._clock()
        head = heads.next_head(session, now, sealing.end(session))
        if head is None:
            return set()
        text = self._words(
            "The audit has {n} rows; its head is {hash}. Keep this line: "
            "liaison audit verify --head {hash}",
            n=head.number,
            hash=head.hash,
        )
        posts = [
            Outgoing(room, Post(say(text)), id=heads.head_id(session, now, room))
            for room in self._rooms
        ]
        heads.told_by(session, [post.id for post in posts if post.id is not None])
        return outbox.put(session, posts, now)
