"""Recovers a restored store: reads every room since the copy, and ends that when it is told to.

What was found is written down in one transaction with the end, so that it happens once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import freezing, heads, hearing, recovering, sealing
from bot.custody.audit import BOT, Act, Action
from bot.custody.frozen import Frozen
from bot.custody.identifying import FOUND
from bot.custody.recovering import told_of
from bot.decisions import restoring
from bot.decisions.house import House
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.events import AccountId, Outgoing, Post, RoomId, account_of
from bot.platforms.base import Platform
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Outbox
from bot.store.tables.recovery import Found, Recovery
from bot.words import Words

log = structlog.get_logger()

PAUSE = 0.5
"""Seconds between looks."""
_ASK = 5.0
"""Seconds until a room is asked for again that has not been read."""


class Recoveries:
    """Recovers, once; where the store was not restored there is nothing to do."""

    def __init__(
        self,
        database: Database,
        house: House,
        platforms: Mapping[AccountId, Platform],
        frozen: Frozen,
        rooms: Collection[RoomId],
        admin_rooms: Collection[RoomId],
        words: Words,
        *,
        closed: Callable[[RoomId], bool] = lambda _room: False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`rooms`: those that have to be read; `closed`: whether one of them cannot be, for a
        reason that somebody has to mend.
        """
        self._database = database
        self._house = house
        self._platforms = platforms
        self._frozen = frozen
        self._rooms = tuple(rooms)
        self._admin_rooms = tuple(admin_rooms)
        self._words = words
        self._closed = closed
        self._clock = clock
        self.over = asyncio.Event()
        """Set while no recovery stands."""
        self._asked_at = 0.0

    async def begin(self) -> bool:
        """Note when the rooms began to be read; whether a recovery stands."""
        if self._frozen.recovery is None:
            self.over.set()
            return False
        return await self._database.run(self._begun)

    async def look(self) -> set[str]:
        """See how far it is; the lanes to wake when it is over."""
        if self.over.is_set():
            return set()
        row = await self._database.read(recovering.standing)
        if row is None or row.begun is None:
            self.over.set()
            return set()
        if row.read is None:
            unread = await self._database.read(lambda s: self._unread(s, row))
            if unread:
                self._read_up(unread)
                return set()
            await self._database.run(self._note_read)
            log.info("recovery.read", rooms=len(self._rooms))
            return set()
        if row.asked is None:
            return set()
        return await self._finish()

    def _begun(self, session: Session) -> bool:
        row = recovering.standing(session)
        if row is None:
            return False
        row.begun = self._clock()
        row.read = None
        return True

    def _unread(self, session: Session, row: Recovery) -> list[RoomId]:
        assert row.begun is not None
        unread = hearing.unread(session, self._rooms, row.begun)
        return [room for room in self._rooms if room in unread and not self._closed(room)]

    def _read_up(self, rooms: Collection[RoomId]) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._asked_at:
            return
        self._asked_at = now + _ASK
        for account, platform in self._platforms.items():
            here = [room for room in rooms if account_of(room) == account]
            if here:
                platform.read_up(here)

    def _note_read(self, session: Session) -> None:
        row = recovering.standing(session)
        if row is not None:
            row.read = self._clock()

    async def _finish(self) -> set[str]:
        lanes = await self._database.run(self._end)
        self.over.set()
        log.info("recovery.ended")
        return lanes

    def _end(self, session: Session) -> set[str]:
        row, now = recovering.standing(session), self._clock()
        if row is None:
            return set()
        outbox.files_landed(session, now)
        summary = recovering.summary(session, row)
        found = _unexplained(session)
        posts = [(each.delivery, each.room, each.said, each.head) for each in found if each.head]
        told = heads.found(session, heads.AUDIT, posts, row.copied, now)
        if told is not None:
            act = Act(BOT, None, Action.RESTORED, "")
            sealing.go_on(session, (told.number, bytes.fromhex(told.hash)), act, now)
        copy = restoring.Copy(row.copied, found)
        outgoing = restoring.recover(session, self._house, copy, now)
        text = told_of(summary, self._words)
        outgoing += [Outgoing(room, Post(say(text))) for room in self._admin_rooms]
        recovering.end(session, row, now)
        lanes = outbox.put(session, outgoing, now)
        self._frozen.hold(freezing.standing(session))
        return lanes | set(outbox.lanes_in_use(session))


def _unexplained(session: Session) -> list[Found]:
    """Posts of the bot's own that are copies of nothing that is known."""
    mine = select(Found).join(Outbox, Outbox.id == Found.delivery).where(Outbox.reason == FOUND)
    return list(session.execute(mine.order_by(Found.said)).scalars())
