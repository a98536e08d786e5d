"""Who can read each room: read at the start, when something changed, and now and then.

A door closes or opens as soon as a roster was read; what follows is stored, and told to the admin
rooms. A call that fails changes nothing: nobody left by it, and nobody came.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot.custody import memberships, rosters, waivers
from bot.custody.doors import Doors, Standing, weigh
from bot.custody.timetable import Timetable
from bot.delivery.backoff import pause
from bot.delivery.lanes import Lanes, utc_now
from bot.errors import PlatformError, StoreError
from bot.events import AccountId, RoomId, account_of
from bot.platforms.base import Platform, Roster
from bot.sharing.membership import Kind, Membership
from bot.sharing.obstacles import obstacles
from bot.store.database import Database
from bot.tasks.audience_notices import AudienceNotices, Found

log = structlog.get_logger()

_STORM = timedelta(seconds=0.3)
"""What comes within this time of a change is read with it."""
_AT_ONCE = 4
"""Rosters that one account is asked for at once."""
_LONGEST = 600.0
"""Seconds that a reading may take: 5,000 people of a network that asks for pauses."""
_BREATH = 0.005
"""Seconds between pieces that are written, so that the relay's commits do not wait behind them."""
_SHARE = 10
"""How much longer than a look at all rooms the pause after it is, at least: of thousands of rooms
each that was read would be looked at anew otherwise, and nothing else done for minutes."""
_LONG = 1.0
"""Seconds that it is at most."""
_UNEXPECTED, _SILENT = "unexpected", "not connected"
"""Codes of `bot.delivery.reasons`."""


class Audiences:
    """Keeps `doors` in step with the networks."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[AccountId, Platform],
        doors: Doors,
        lanes: Lanes,
        notices: AudienceNotices,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._doors = doors
        self._lanes = lanes
        self._notices = notices
        self._clock = clock
        self._places = {account: asyncio.Semaphore(_AT_ONCE) for account in platforms}
        self._times = Timetable()
        self._told: dict[AccountId, frozenset[RoomId]] = {}
        """The rooms that were told to be stale."""
        self._nudge = asyncio.Event()
        self._settling = asyncio.Lock()
        self._settled: object = None
        """What the stored memberships were settled with."""
        self.readings = 0
        """How often a roster was read."""

    def changed(self, rooms: Iterable[RoomId]) -> None:
        """Who can read these may be others now: read them, and what comes with it, at once."""
        self._want(rooms, self._clock() + _STORM)

    def read_anew(self) -> None:
        """Read every room: other settings hold, or events were missed."""
        self._settled = None
        self._want(self._rooms(), self._clock())

    def reconnected(self, account: AccountId) -> None:
        """A network is back: events were missed."""
        self._want((room for room in self._rooms() if account_of(room) == account), self._clock())

    async def run(self) -> None:
        """Look for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                begun = time.perf_counter()
                for room in self._take_due():
                    tasks.create_task(self._read(room))
                await self._look_for_stale()
                self._nudge.clear()
                took = time.perf_counter() - begun
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._times.pause(self._clock())):
                        await self._nudge.wait()
                await asyncio.sleep(min(_SHARE * took, _LONG))  # what ends meanwhile waits together

    async def look(self) -> None:
        """Read what is due now, and tell what could not be read for long."""
        await asyncio.gather(*(self._read(room) for room in self._take_due()))
        await self._look_for_stale()

    def _rooms(self) -> list[RoomId]:
        channels = self._doors.channels.values()
        return [
            room for each in channels for room in each.rooms if account_of(room) in self._platforms
        ]

    def _want(self, rooms: Iterable[RoomId], at: datetime) -> None:
        self._times.want((room for room in rooms if self._doors.channel_of(room)), at)
        self._nudge.set()

    def _take_due(self) -> list[RoomId]:
        def can_be(room: RoomId) -> bool:
            return self._platforms[account_of(room)].connected

        return self._times.take(self._rooms(), can_be, self._clock())

    # ── a reading ───────────────────────────────────────────────────────────────────────────────

    async def _read(self, room: RoomId) -> None:
        account, begun = account_of(room), self._clock()
        try:
            async with self._places[account], asyncio.timeout(_LONGEST):
                roster = await self._platforms[account].roster(room)
            self.readings += 1
            known = await self._learn(room, roster)
        except PlatformError as error:
            self._failed(room, error.reason, error.retry_after)
        except TimeoutError:
            self._failed(room, "unreachable")
        except StoreError as error:
            log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
            self._failed(room, _UNEXPECTED)
        else:
            if known:
                self._times.succeeded(room, begun, self._clock())
            else:
                self._failed(room, _UNEXPECTED)
        finally:
            self._nudge.set()

    def _failed(self, room: RoomId, reason: str, retry_after: float | None = None) -> None:
        def wait(failures: int) -> float:
            return pause(failures, random.random(), retry_after=retry_after)  # noqa: S311  jitter

        failures = self._times.failed(room, reason, wait, self._clock())
        log.info("roster.not_read", room=room, reason=reason, failures=failures)

    async def _learn(self, room: RoomId, roster: Roster) -> bool:
        """Let the door follow, store who is there, tell what stands in the way; whether all who
        read the room are known.
        """
        directory = self._doors.directory
        standing = await asyncio.to_thread(weigh, roster, directory)
        channel = self._doors.channel_of(room)
        if directory is not self._doors.directory or channel is None:
            return False  # other settings hold since
        now = self._clock()
        before = {each: self._doors.door(each) for each in channel.rooms}
        self._doors.learn(room, standing, now)
        await self._settle(now)
        self._lanes.wake(
            each for each, door in before.items() if self._doors.door(each) != door
        )  # what waited for this
        change = await self._database.read(
            lambda session: rosters.compare(session, room, roster.readers, directory)
        )
        for piece in change.pieces():
            await self._database.run(partial(rosters.keep, change=piece, now=now))
            await asyncio.sleep(_BREATH)
        if standing.audience.known:
            await self._tell(room, roster, standing)
        return standing.audience.known

    async def _settle(self, now: datetime) -> None:
        """Store which teams came and left, if any did; many readings at once settle together."""
        async with self._settling:
            members = self._doors.members()
            if members == self._settled:
                return

            def work(session: Session) -> tuple[memberships.Settled, set[str]]:
                settled = memberships.settle(session, members, now)
                lanes = set[str]()
                for fact in settled.came:
                    lanes |= self._tell_of(session, fact, now)
                for channel in self._doors.channels.values():
                    waivers.record(session, channel.name, channel.rules, now)
                return settled, lanes

            settled, lanes = await self._database.run(work)
            self._doors.join(settled.facts, now)
            self._settled = members
            self._lanes.wake(lanes)

    # ── what is told ────────────────────────────────────────────────────────────────────────────

    async def _tell(self, room: RoomId, roster: Roster, standing: Standing) -> None:
        channel = self._doors.channel_of(room)
        if channel is None:
            return
        found = Found(
            room,
            channel,
            self._doors.door(room),
            tuple(
                obstacles(
                    standing.audience,
                    standing.traits,
                    channel.rules,
                    channel.marking,
                    self._doors.roster(channel.name),
                    self._doors.directory,
                )
            ),
            self._doors.directory,
            {reader.person: reader.name for reader in roster.readers},
            scrolled=not roster.history_from_joining,
        )
        if await self._database.read(lambda session: self._notices.knows(session, found)):
            return
        tell = self._notices.tell
        self._lanes.wake(await self._database.run(lambda s: tell(s, found, self._clock())))

    def _tell_of(self, session: Session, fact: Membership, now: datetime) -> set[str]:
        """A team came into a channel: which of its rooms it can scroll back in."""
        channel = self._doors.channels.get(fact.circle.name)
        if fact.circle.kind is not Kind.CHANNEL or channel is None:
            return set()
        team, lanes = self._doors.directory.teams.get(fact.team), set[str]()
        for room in channel.rooms:
            standing = self._doors.read(room)
            seen = standing.traits is not None and not standing.traits.history_from_joining
            if team is not None and seen and fact.team in standing.audience.teams:
                door = self._doors.door(room)
                lanes |= self._notices.come(session, room, team.name, door, now)
        return lanes

    async def _look_for_stale(self) -> None:
        now, rooms = self._clock(), self._rooms()
        for account in self._platforms:
            own = (room for room in rooms if account_of(room) == account)
            stale = self._times.stale(own, now)
            before = self._told.get(account, frozenset())
            if stale - before or (before and not stale):
                await self._tell_stale(account, stale, before)

    async def _tell_stale(
        self, account: AccountId, stale: frozenset[RoomId], before: frozenset[RoomId]
    ) -> None:
        now = self._clock()

        def work(session: Session) -> set[str]:
            if not stale:
                return self._notices.fresh(session, sorted(before), now)
            rooms = sorted(stale)
            since, reason = self._times.since(rooms), self._times.reason(rooms, _SILENT)
            return self._notices.stale(session, rooms, since, reason, now)

        with suppress(StoreError):  # told at the next look
            self._lanes.wake(await self._database.run(work))
            self._told[account] = stale
