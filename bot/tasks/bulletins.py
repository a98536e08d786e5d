"""Tells in the rooms what feeds of advisories have brought, whichever process has read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.advisories.sources import bulletins, shelf
from bot.advisories.sources.bulletins import Looked
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.refusals import in_words
from bot.advisories.sources.room import Newsroom, Told
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.events import RoomId
from bot.feeds.keeping import Guard, unguarded
from bot.store.database import Database
from bot.tasks.feeding import to_owner
from bot.words import Words

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds between looks at what is to be told."""

Wake = Callable[[Collection[str]], None]


class Bulletins:
    """The part that tells; `look` is called again and again."""

    def __init__(
        self,
        database: Database,
        room: Newsroom,
        wake: Wake,
        admin_rooms: Collection[RoomId],
        words: Words,
        *,
        clock: Callable[[], datetime] = utc_now,
        guard: Guard = unguarded,
    ) -> None:
        self._database = database
        self._room = room
        self._wake = wake
        self._admin_rooms = admin_rooms
        self._words = words
        self._clock = clock
        self._guard = guard

    async def look(self) -> None:
        """Tell what waits, a feed after the other."""
        if not self._room.feeds:
            return
        for name in await self._database.read(shelf.waiting_feeds):
            feed = self._room.feeds.get(name)
            if feed is not None:
                await self._feed(feed)

    async def _feed(self, feed: Feed) -> None:
        looked = await self._database.read(lambda s: bulletins.look(s, self._room, feed))
        self._wake(await self._database.run(lambda s: self._tell(s, feed, looked)))

    def _tell(self, session: Session, feed: Feed, looked: Looked) -> set[str]:
        self._guard(session)
        now = self._clock()
        told = bulletins.tell(session, self._room, feed, looked, now)
        notices = [
            each
            for text in (*self._barred(feed, told), *self._refused(feed, told))
            for each in to_owner(session, feed, text, self._admin_rooms)
        ]
        return outbox.put(session, [*told.outgoing, *notices], now)

    def _refused(self, feed: Feed, told: Told) -> Iterator[str]:
        """Why documents were not taken over."""
        if told.refused:
            number = sum(told.refused.values())
            first = self._words.count(
                "Feed {feed}: {n} document was refused, and nothing of it told:",
                "Feed {feed}: {n} documents were refused, and nothing of them told:",
                number, feed=feed.name,
            )  # fmt: skip
            lines = (
                f"• {count}: {in_words(self._words, reason)} [{reason}]"
                for reason, count in sorted(told.refused.items())
            )
            yield "\n".join([first, *lines, "liaison indicators feeds"])

    def _barred(self, feed: Feed, told: Told) -> Iterator[str]:
        """By numbers alone."""
        if told.barred:
            yield self._words.count(
                "Feed {feed}: {n} entry could go nowhere. Its marking may be too high for the "
                "rooms of {channels}, or no series is for its group.",
                "Feed {feed}: {n} entries could go nowhere. Their marking may be too high for the "
                "rooms of {channels}, or no series is for their group.",
                told.barred, feed=feed.name, channels=", ".join(feed.sending.channels),
            )  # fmt: skip
