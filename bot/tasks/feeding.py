"""Reads the feeds when they are due, a few at once, and tells their owners of what is wrong.

Held by a lease, as only one process may do it. A feed that fails keeps what it gave, and harms no
other: each round is a task of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.errors import LeaseLost, StoreError
from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.indicators.feeds import rounds
from bot.indicators.feeds.fetching import Way
from bot.indicators.feeds.problems import SUSPECT, Problem, in_words
from bot.indicators.feeds.rounds import Round, Rounds
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.standing import Standing, failed
from bot.indicators.feeds.timing import age_of
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Roster
from bot.words import Words
from bot.words.times import moment

log = structlog.get_logger()

LEASE = "feeds"
PAUSE = 2.0
"""Seconds between looks at what is due."""
AT_ONCE = 2
"""Feeds that are read at the same time."""
_PASSING = frozenset(
    {
        Problem.UNREACHABLE, Problem.TIMEOUT, Problem.CUT, Problem.FAILING, Problem.THROTTLED,
        Problem.PROXY,
    }
)  # fmt: skip
"""What often is over at the next try."""
_PATIENCE = 3
"""How often such a problem is met before anybody is told."""

Wake = Callable[[Collection[str]], None]


class FeedNotices:
    """Tells a feed's owner, privately; the admin rooms where it has none who can be reached."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def tell(self, session: Session, source: Source, standing: Standing, now: datetime) -> set[str]:
        """Say a problem once when it has begun, and once that it is over; the lanes to wake."""
        problem, told = standing.problem, standing.told
        if problem == told or (problem in _PASSING and standing.failures < _PATIENCE):
            return set()
        if not problem and not told:
            return set()
        rounds.keep(session, source.name, msgspec.structs.replace(standing, told=problem))
        text = self._begun(source, standing, now) if problem else self._over(source)
        return outbox.put(session, self._outgoing(session, source, text), now)

    def _begun(self, source: Source, standing: Standing, now: datetime) -> str:
        words = self._words
        lines = [
            words(
                "Feed {feed}: {problem} [{code}].",
                feed=source.name,
                problem=in_words(words, standing.problem),
                code=standing.problem,
            )
        ]
        if standing.good:
            when = moment(words, datetime.fromtimestamp(standing.good, UTC), now)
            lines.append(words("What it gave before stays; it was last read {when}.", when=when))
        else:
            lines.append(words("It has never been read."))
        if standing.problem in SUSPECT:
            lines.append(
                words("If that is right: liaison indicators feeds run {feed}", feed=source.name)
            )
        return "\n".join(lines)

    def _over(self, source: Source) -> str:
        return self._words("Feed {feed} is read again.", feed=source.name)

    def _outgoing(self, session: Session, source: Source, text: str) -> list[Outgoing]:
        room = None if source.owner is None else _room_of(session, source.owner, self._admin_rooms)
        if source.owner is not None and room is not None:
            return [Outgoing(room, Answer(PersonId(source.owner), say(text)))]
        return [Outgoing(each, Post(say(text))) for each in self._admin_rooms]


class Feeds:
    """The part that runs them. `run` until it is cancelled."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        sources: Mapping[str, Source],
        way: Way,
        notices: FeedNotices,
        wake: Wake,
        *,
        clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._sources = sources
        self._notices = notices
        self._wake = wake
        self._clock = clock
        self._rounds = Rounds(
            database, way, clock, chance, lambda session: leases.guard(session, LEASE)
        )
        self._running: dict[str, asyncio.Task[Round | None]] = {}

    async def run(self) -> None:
        """Look for ever."""
        async with asyncio.TaskGroup() as tasks:
            while self._sources:
                try:
                    await self.look(tasks)
                except StoreError as error:
                    log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
                await asyncio.sleep(PAUSE)

    async def look(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what is due, as far as there is room."""
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        room = AT_ONCE - len(self._running)
        if room <= 0:
            return
        stand = await self._database.read(lambda s: rounds.standings(s, self._sources))
        waiting = [n for n in rounds.due(stand, self._clock()) if n not in self._running]
        for name in waiting[:room]:
            self._running[name] = tasks.create_task(self._round(self._sources[name]))

    async def _round(self, source: Source) -> Round | None:
        """Whatever is wrong with one feed stays with it; a reference leads to what nobody meant."""
        try:
            made = await self._rounds.make(source)
            self._wake(await self._database.run(lambda s: self._told(s, source)))
        except LeaseLost:
            raise
        except StoreError as error:
            log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
            return None
        except Exception:  # what a feed sends must not end the bot, whatever it found in a reader
            log.exception("feed.failed", feed=source.name)
            await self._database.run(lambda s: self._put_off(s, source))
            return None
        return made

    def _put_off(self, session: Session, source: Source) -> None:
        standing = rounds.standings(session, [source.name])[source.name]
        reason, now = Problem.UNREADABLE, self._clock()
        failure = failed(standing, reason, now, age_of(source.every, now), 0.5)
        rounds.keep(session, source.name, failure)

    def _told(self, session: Session, source: Source) -> set[str]:
        standing = rounds.standings(session, [source.name])[source.name]
        return self._notices.tell(session, source, standing, self._clock())


async def run_by_hand(
    database: Database, source: Source, way: Way, *, clock: Callable[[], datetime] = utc_now
) -> Round:
    """`liaison indicators feeds run NAME`: at once, and whatever it brings: somebody has looked."""
    made = Rounds(database, way, clock, random.random)
    return await made.make(replace(source), accept=True)


def _room_of(session: Session, person: str, preferred: Collection[RoomId]) -> RoomId | None:
    """A room where somebody can be spoken to: they are in it."""
    found = session.execute(
        select(Roster.room).where(Roster.person == person, Roster.until.is_(None))
    )
    rooms = sorted(RoomId(room) for room in found.scalars())
    return next((room for room in rooms if room in preferred), rooms[0] if rooms else None)
