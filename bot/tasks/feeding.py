"""Reads the feeds when they are due, a few at once, and tells their owners of what is wrong.

What a feed brings is its reader's business: indicators, or advisories.

Held by a lease, as only one process may do it. A feed that fails keeps what it gave, and harms no
other: each round is a task of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories.sources.feed import Feed as AdvisoryFeed
from bot.advisories.sources.rounds import Round as AdvisoryRound
from bot.advisories.sources.rounds import Rounds as AdvisoryRounds
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.errors import LeaseLost, StoreError
from bot.events import Answer, Outgoing, PersonId, Post, RoomId
from bot.feeds import keeping
from bot.feeds.fetching import Way
from bot.feeds.keeping import Guard, unguarded
from bot.feeds.origin import Origin
from bot.feeds.problems import SUSPECT, Problem, in_words
from bot.feeds.standing import Standing, failed
from bot.feeds.timing import age_of
from bot.indicators.feeds.rounds import Round, Rounds
from bot.indicators.feeds.source import Source
from bot.richtext import say
from bot.store.database import Database
from bot.store.patience import patience
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


class Read(Protocol):
    """How a round went."""

    @property
    def after(self) -> Standing:
        """How the feed stands now."""


class Reader(Protocol):
    """Reads one feed: fetches it, takes over what is new of it, and writes down how it stands."""

    @property
    def origin(self) -> Origin:
        """The feed."""

    async def read(self, *, accept: bool = False) -> Read:
        """Read it once. Whatever is wrong with it is in what comes back; `accept`: somebody has
        looked, and wants what looks suspicious. Raises StoreError, LeaseLost.
        """


@dataclass(frozen=True, slots=True)
class Indicators:
    """Reads a feed of indicators."""

    origin: Source
    rounds: Rounds

    async def read(self, *, accept: bool = False) -> Round:
        """See `Reader`."""
        return await self.rounds.make(self.origin, accept=accept)


@dataclass(frozen=True, slots=True)
class Advisories:
    """Reads a feed of advisories: what it brings is told by `bot.tasks.bulletins`."""

    origin: AdvisoryFeed
    rounds: AdvisoryRounds

    async def read(self, *, accept: bool = False) -> AdvisoryRound:
        """See `Reader`. There is nothing suspicious that would have to be accepted."""
        del accept
        return await self.rounds.make(self.origin)


def readers_of(
    sources: Mapping[str, Source],
    advisories: Mapping[str, AdvisoryFeed],
    database: Database,
    way: Way,
    *,
    clock: Callable[[], datetime] = utc_now,
    chance: Callable[[], float] = random.random,
    guard: Guard = unguarded,
) -> dict[str, Reader]:
    """Who reads the feeds."""
    rounds = Rounds(database, way, clock, chance, guard)
    others = AdvisoryRounds(database, way, clock, chance, guard)
    return {
        **{name: Indicators(source, rounds) for name, source in sources.items()},
        **{name: Advisories(feed, others) for name, feed in advisories.items()},
    }


def guarded(leases: Leases) -> Guard:
    """Fails what is written once another process reads the feeds."""
    return lambda session: leases.guard(session, LEASE)


class FeedNotices:
    """Tells a feed's owner, privately; the admin rooms where it has none who can be reached."""

    def __init__(self, admin_rooms: Collection[RoomId], words: Words) -> None:
        self._admin_rooms = admin_rooms
        self._words = words

    def tell(self, session: Session, source: Origin, standing: Standing, now: datetime) -> set[str]:
        """Say a problem once when it has begun, and once that it is over; the lanes to wake."""
        problem, told = standing.problem, standing.told
        if problem == told or (problem in _PASSING and standing.failures < _PATIENCE):
            return set()
        if not problem and not told:
            return set()
        keeping.keep(session, source.name, msgspec.structs.replace(standing, told=problem))
        text = self._begun(source, standing, now) if problem else self._over(source)
        return outbox.put(session, to_owner(session, source, text, self._admin_rooms), now)

    def _begun(self, source: Origin, standing: Standing, now: datetime) -> str:
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

    def _over(self, source: Origin) -> str:
        return self._words("Feed {feed} is read again.", feed=source.name)


class Feeds:
    """The part that runs them. `run` until it is cancelled."""

    def __init__(
        self,
        database: Database,
        readers: Mapping[str, Reader],
        notices: FeedNotices,
        wake: Wake,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._readers = readers
        self._notices = notices
        self._wake = wake
        self._clock = clock
        self._running: dict[str, asyncio.Task[Read | None]] = {}

    async def run(self) -> None:
        """Look for ever."""
        async with asyncio.TaskGroup() as tasks:
            while self._readers:
                with patience():
                    await self.look(tasks)
                await asyncio.sleep(PAUSE)

    async def look(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what is due, as far as there is room."""
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        room = AT_ONCE - len(self._running)
        if room <= 0:
            return
        stand = await self._database.read(lambda s: keeping.standings(s, self._readers))
        waiting = [n for n in keeping.due(stand, self._clock()) if n not in self._running]
        for name in waiting[:room]:
            self._running[name] = tasks.create_task(self._round(self._readers[name]))

    async def _round(self, reader: Reader) -> Read | None:
        """Whatever is wrong with one feed stays with it; a reference leads to what nobody meant."""
        source = reader.origin
        try:
            made = await reader.read()
            self._wake(await self._database.run(lambda s: self._told(s, source)))
        except LeaseLost:
            raise
        except StoreError as error:
            log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
            return None
        except Exception:  # what a feed sends must not end the bot, whatever it found in a reader
            log.exception("feed.failed", feed=source.name)
            with patience():  # it is read again at the next look
                await self._database.run(lambda s: self._put_off(s, source))
            return None
        return made

    def _put_off(self, session: Session, source: Origin) -> None:
        standing = keeping.standings(session, [source.name])[source.name]
        reason, now = Problem.UNREADABLE, self._clock()
        failure = failed(standing, reason, now, age_of(source.every, now), 0.5)
        keeping.keep(session, source.name, failure)

    def _told(self, session: Session, source: Origin) -> set[str]:
        standing = keeping.standings(session, [source.name])[source.name]
        return self._notices.tell(session, source, standing, self._clock())


def to_owner(
    session: Session, source: Origin, text: str, admin_rooms: Collection[RoomId]
) -> list[Outgoing]:
    """To a feed's owner, privately; the admin rooms where it has none who can be reached."""
    room = None if source.owner is None else _room_of(session, source.owner, admin_rooms)
    if source.owner is not None and room is not None:
        return [Outgoing(room, Answer(PersonId(source.owner), say(text)))]
    return [Outgoing(each, Post(say(text))) for each in admin_rooms]


def _room_of(session: Session, person: str, preferred: Collection[RoomId]) -> RoomId | None:
    """A room where somebody can be spoken to: they are in it."""
    found = session.execute(
        select(Roster.room).where(Roster.person == person, Roster.until.is_(None))
    )
    rooms = sorted(RoomId(room) for room in found.scalars())
    return next((room for room in rooms if room in preferred), rooms[0] if rooms else None)
