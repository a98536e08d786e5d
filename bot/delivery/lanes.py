"""The senders: one task for each lane that has something to do, none for the others.

A lane carries out one delivery at a time and keeps its order; a throttled or unreachable one
waits without any other feeling it. What a lane does next is decided in `bot.delivery.advancing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.delivery import advancing, files, outbox, rules
from bot.delivery.advancing import Empty, LookUp, Send, Wait
from bot.delivery.lease import Leases
from bot.delivery.naming import FILES, account_of_lane, lane_of_file
from bot.delivery.ours import Ours
from bot.delivery.outcomes import NotFound, Refusal, Settled, Unclear
from bot.delivery.trying import Tries
from bot.errors import LeaseLost
from bot.events import AccountId, Delivery, DeliveryId, RoomId
from bot.log import reference
from bot.platforms.base import Platform
from bot.store.database import Database
from bot.store.patience import patience

log = structlog.get_logger()

_AT_ONCE = 32
"""Requests under way to one account: a limit for their sake and ours, not for order."""
_FILES_AT_ONCE = 4
"""Files under way to one account in lanes of their own."""
_PROMPT = 3.0
"""Seconds that a room waits for a file."""
_STORE_PAUSE = 1.0
"""Seconds until the store is tried again when it could not be written."""
_FAULT_PAUSE = 10.0
"""Seconds that a lane rests after something unforeseen."""
_STAYS_UNKNOWN = timedelta(minutes=5)
"""After this the admin rooms hear of an outcome that nobody knows (docs/delivery.md)."""


def utc_now() -> datetime:
    """The time, for those who are not given one."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something the admin rooms should hear: a delivery that is dead, or unknown for long."""

    delivery: DeliveryId
    room: RoomId
    reason: str
    unknown: bool


Tell = Callable[[Session, Concern, datetime], set[str]]
"""Writes what is to be said to whom; the lanes to wake."""


class Lanes:
    """All lanes of all accounts. `wake` after each commit that wrote deliveries."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[AccountId, Platform],
        leases: Leases,
        tell: Tell,
        gate: rules.Gate,
        *,
        clock: Callable[[], datetime] = utc_now,
        prompt: float = _PROMPT,
        stops: rules.Stops = rules.never,
        doubles: Callable[[RoomId], bool] = rules.no_double,
        dress: rules.Dress = rules.as_it_is,
    ) -> None:
        """`prompt`: seconds that a room waits for a file; `stops`: what is frozen or paused;
        `doubles`: which rooms are another one.
        """
        self._stops = stops
        self._doubles = doubles
        self._dress = dress
        self._gate = gate
        self._database = database
        self._platforms = platforms
        self._leases = leases
        self._tell = tell
        self._clock = clock
        self._running: dict[str, _Lane] = {}
        self._prompt = prompt
        self._places = {account: asyncio.Semaphore(_AT_ONCE) for account in platforms}
        self._files = {account: asyncio.Semaphore(_FILES_AT_ONCE) for account in platforms}
        self._closing = False
        self.ours = Ours(clock)
        self._tries = Tries(clock)
        self.barred = self._tries.barred
        """As of `Tries`."""

    async def start(self) -> None:
        """Go on with what an earlier run left."""
        self.wake(await self._database.read(outbox.lanes_in_use))

    def wake(self, lanes: Iterable[str], *, hurry: bool = False) -> None:
        """These may have something to do; `hurry`: what waits for its network need not."""
        if self._closing:
            return
        for name in lanes:
            if account_of_lane(name) not in self._platforms:
                continue  # its account has left the configuration; what waits stays in the store
            lane = self._running.get(name)
            if lane is None:
                lane = self._running[name] = _Lane()
                self._begin(name, lane)
            lane.hurry |= hurry
            lane.again = True
            lane.nudge.set()

    async def reconnected(self, account: AccountId) -> None:
        """The network is back: its lanes need not wait any longer."""
        lanes = await self._database.read(outbox.lanes_in_use)
        self.wake((name for name in lanes if account_of_lane(name) == account), hurry=True)

    async def drain(self, seconds: float) -> None:
        """Start nothing new, give what is under way `seconds`, then let go of it."""
        self._closing = True
        for lane in self._running.values():
            lane.nudge.set()
        tasks = [lane.task for lane in self._running.values() if lane.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def claim(self) -> Claim:
        """For a transaction that writes deliveries: see `Claim`."""
        return Claim(self)

    def _begin(self, name: str, lane: _Lane, step: _Beginning = None) -> None:
        lane.task = asyncio.create_task(self._run(name, lane, step), name=name)

    async def _run(self, name: str, lane: _Lane, step: _Beginning) -> None:
        try:
            while not await self._work(name, lane, step):
                step = None
                await asyncio.sleep(_FAULT_PAUSE)
        except LeaseLost:
            log.exception("lane.lease_lost", lane=name)
        finally:
            if self._running.get(name) is lane:
                del self._running[name]

    async def _work(self, name: str, lane: _Lane, step: _Beginning) -> bool:
        """Carry out what the lane holds, until it is empty; False where something unforeseen
        stopped it: nothing is lost by that, and no other lane feels it.
        """
        try:
            await self._carry_out(name, lane, step)
        except LeaseLost:
            raise
        except Exception:
            log.exception("lane.unexpected", lane=name, reference=reference())
            return self._closing
        return True

    async def _carry_out(self, name: str, lane: _Lane, begin: _Beginning) -> None:
        account = account_of_lane(name)
        platform = self._platforms[account]
        settled: Settled | None = None
        step: advancing.Step | None = None
        delivery: Delivery | None = None
        if isinstance(begin, _Trying):
            delivery, settled = begin.delivery, await begin.task
        else:
            step = begin
        while step is not None or not (self._closing and settled is None):
            if step is None:
                step = await self._step(name, account, platform, settled, delivery, lane)
            current, step, settled = step, None, None
            match current:
                case Send(delivery):
                    lane.failed_look_ups = 0
                    places = self._files if name.startswith(FILES) else self._places
                    async with places[account]:
                        settled = await self._try(name, platform, current)
                case LookUp(delivery):
                    settled = await self._look_up(platform, current, lane)
                case Wait(until):
                    await self._rest(lane, until)
                case Empty():
                    self.barred.pop(RoomId(name), None)
                    if not lane.again:
                        return

    async def _step(
        self,
        name: str,
        account: AccountId,
        platform: Platform,
        settled: Settled | None,
        delivery: Delivery | None,
        lane: _Lane,
    ) -> advancing.Step:
        hurry, lane.hurry, lane.again = lane.hurry, False, False
        rules = _rules(platform, self._gate, self._stops, self._doubles, self._dress)
        closing = self._closing

        def work(session: Session) -> tuple[advancing.Step, set[str]]:
            self._leases.guard(session, f"lanes:{account}")
            now = self._clock()
            woken: set[str] = set()
            if isinstance(settled, Refusal) and delivery is not None:
                concern = Concern(settled.id, delivery.room, settled.reason, False)
                woken |= self._tell(session, concern, now)
            if closing:
                if settled is not None:
                    outbox.settle(session, settled, now)
                return Empty(), woken
            step = advancing.advance(session, name, settled, rules, now, hurry=hurry, woken=woken)
            return step, woken

        while True:
            with patience():
                with self.ours.settling(delivery, settled):
                    step, woken = await self._database.run(work)
                self.wake(woken - {name})
                return step
            await asyncio.sleep(_STORE_PAUSE)

    async def _try(self, name: str, platform: Platform, step: Send) -> Settled | None:
        """Send it. A file that a room has waited for long enough goes on in a lane of its own,
        which takes this try over: None.
        """
        room, key = step.delivery.room, step.delivery.id
        if name != room or not files.has_line(step.delivery.content):
            return await self._tries.send(platform, step)
        task = asyncio.create_task(self._tries.send(platform, step))
        try:
            await asyncio.wait({task}, timeout=self._prompt)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done():
            return task.result()
        aside, lane = lane_of_file(room, key), _Lane()
        self._running[aside] = lane  # from here on nobody else begins it
        self._begin(aside, lane, _Trying(step.delivery, task))
        return None

    async def _look_up(self, platform: Platform, step: LookUp, lane: _Lane) -> Settled | None:
        """Two complete look-ups some seconds apart, the first when the request's time is over."""
        timeout = platform.capabilities.request_timeout
        await self._tell_unknown(step)
        if not await self._rest(lane, step.not_before, nudges=False):
            return None
        for last in (False, True):
            found = await self._tries.look(platform, step, lane.failed_look_ups + 1)
            if found is not None:
                lane.failed_look_ups += isinstance(found, Unclear)
                return found
            again = self._clock() + timedelta(seconds=timeout / 6)
            if not last and not await self._rest(lane, again, nudges=False):
                return None
        return NotFound(step.delivery.id)

    async def _tell_unknown(self, step: LookUp) -> None:
        if step.told or self._clock() - step.since < _STAYS_UNKNOWN:
            return
        concern = Concern(step.delivery.id, step.delivery.room, "unknown", unknown=True)

        def work(session: Session) -> set[str]:
            now = self._clock()
            outbox.mark_told(session, step.delivery.id, now)
            return self._tell(session, concern, now)

        with patience():  # it is said when the store can be written again
            self.wake(await self._database.run(work))

    async def _rest(self, lane: _Lane, until: datetime, *, nudges: bool = True) -> bool:
        """Wait until then, or (with `nudges`) until the network is back; False when closing."""
        while not self._closing:
            seconds = (until - self._clock()).total_seconds()
            if seconds <= 0:
                return True
            lane.nudge.clear()
            if nudges and lane.hurry:
                return True
            await _within(lane.nudge.wait(), seconds)
        return False


class Claim:
    """Idle lanes that a transaction takes in hand, so that the first delivery that it writes for
    each is on its way by the same commit: a commit fewer between hearing and passing on.

    Made in the loop; `take` runs inside the transaction, perhaps twice; then, in the loop again,
    `go` or `release`.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._held: dict[str, _Lane] = {}
        self._steps: dict[str, advancing.Step] = {}
        self._woken: set[str] = set()

    def take(self, session: Session, names: Iterable[str], now: datetime) -> None:
        """Advance those of the lanes that nothing works on; the others are to be woken."""
        self._steps.clear()  # what an earlier attempt wrote was rolled back
        self._woken.clear()
        for name in names:
            if name not in self._held and not self._reserve(name):
                continue
            account = account_of_lane(name)
            self._lanes._leases.guard(session, f"lanes:{account}")
            platform = self._lanes._platforms[account]
            lanes = self._lanes
            rules = _rules(platform, lanes._gate, lanes._stops, lanes._doubles, lanes._dress)
            self._steps[name] = advancing.advance(
                session, name, None, rules, now, woken=self._woken
            )

    def go(self, names: Iterable[str]) -> None:
        """The transaction is committed: carry out what was taken, wake the others of the lanes."""
        for name, lane in self._held.items():
            self._lanes._begin(name, lane, self._steps.get(name))
        self._lanes.wake({*names, *self._woken} - self._held.keys())

    def release(self) -> None:
        """The transaction failed: what was held is idle again."""
        for name in self._held:
            del self._lanes._running[name]
        self._lanes.wake([name for name, lane in self._held.items() if lane.again])

    def _reserve(self, name: str) -> bool:
        if self._lanes._closing or account_of_lane(name) not in self._lanes._platforms:
            return False
        lane = _Lane()
        # one operation on a dictionary: no other thread can come between
        if self._lanes._running.setdefault(name, lane) is not lane:
            return False
        self._held[name] = lane
        return True


def _rules(
    platform: Platform,
    gate: rules.Gate,
    stops: rules.Stops,
    doubles: Callable[[RoomId], bool],
    dress: rules.Dress,
) -> rules.Rules:
    return rules.Rules(
        platform.session,
        timedelta(seconds=platform.capabilities.idempotent_for),
        timedelta(seconds=platform.capabilities.request_timeout),
        platform.capabilities.history_hides_privates,
        gate,
        stops,
        doubles,
        platform.capabilities.buttons or not platform.capabilities.reactions,
        dress,
    )


@dataclass(frozen=True, slots=True)
class _Trying:
    """A file's try that is under way, and has left its room's lane."""

    delivery: Delivery
    task: asyncio.Task[Settled]


_Beginning = advancing.Step | _Trying | None
"""What a lane begins with, where it is not to look what it holds."""


class _Lane:
    """One lane in hand: its task, and what it was told while it worked."""

    def __init__(self) -> None:
        self.nudge = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.again = False
        self.hurry = False
        self.failed_look_ups = 0
        """In a row: what makes them rarer."""


async def _within(waiting: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        pass
