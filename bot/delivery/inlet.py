"""What arrives: one first-in, first-out per account. Commit, then acknowledge, then go on."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.delivery import inbox
from bot.delivery.backoff import pause
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lease import Leases
from bot.errors import AccountRefused, LeaseLost, PlatformError
from bot.events import (
    Arrival,
    CommandTyped,
    Event,
    Ignored,
    Mark,
    MessageEdited,
    MessagePosted,
    RoomId,
    Unreadable,
)
from bot.forms import Form, Mistakes
from bot.log import reference
from bot.platforms.base import Platform
from bot.store.database import Database
from bot.store.patience import insist
from bot.store.tables import InboxState

log = structlog.get_logger()

_STORE_PAUSE = 1.0
"""Seconds until the store is tried again when it could not be written."""
_REFUSED_PAUSE = 60.0
"""Seconds until an account that was refused is tried again: somebody may have mended it."""
_MARKS = 1.0
"""Seconds for which how far we have read may stand unwritten when all that came was our own."""
_LAST_COMMIT = 2.0
"""Seconds that the last commit has when we are told to end."""
_KINDS = 500
"""Kinds that are counted by name: their names come from outside, our memory is bounded."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What handling an event left to do after the commit."""

    lanes: set[str] = field(default_factory=set)
    command: int | None = None
    """The inbox number of a command to be run."""
    rosters: set[RoomId] = field(default_factory=set)
    """Rooms that others may be able to read now."""
    form: Form | None = None
    """What is to be shown at once to who chose a command (`CommandTyped.opens`)."""
    heard: MessagePosted | MessageEdited | None = None
    """What was said in a channel that recognises values in passing."""
    mistakes: Mistakes | None = None
    """What the acknowledgement is to say of a form that cannot be taken."""


Handle = Callable[[Session, Event, datetime], Handled]
"""The one handler: runs inside the transaction, decides, never sends."""


class Inlet:
    """Reads one account for ever. What it cannot store it does not acknowledge."""

    def __init__(
        self,
        database: Database,
        platform: Platform,
        leases: Leases,
        handle: Handle,
        lanes: Lanes,
        run_command: Callable[[list[int]], None],
        *,
        changed: Callable[[set[RoomId]], None] = lambda _rooms: None,
        heard: Callable[[MessagePosted | MessageEdited], None] = lambda _said: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._heard = heard
        self._database = database
        self._lanes = lanes
        self._run_command = run_command
        self._changed = changed
        self._marks: dict[str, Mark] = {}
        """Read up to here, to be written with the next commit (see `_is_old_news`)."""
        self._written = 0.0
        self._platform = platform
        self._leases = leases
        self._handle = handle
        self._clock = clock
        self._showing: set[asyncio.Task[None]] = set()
        self.arrivals = 0
        """Everything that came since the start."""
        self.counted: Counter[str] = Counter()
        """How often each kind arrived that is nothing to us."""
        self.known = asyncio.Event()
        """Set once the account is connected, or known to be down or refused."""
        self.refused: AccountRefused | None = None

    async def run(self) -> None:
        """Connect, trying for ever, and read; one that was refused is tried again now and then."""
        while True:
            try:
                await self._open()
                async for arrival in self._platform.events():
                    await self._take(arrival)
            except AccountRefused as error:
                log.error("account.refused", account=self._platform.account, mend=error.mend)  # noqa: TRY400  the words say it all
                self.refused = error
                self.known.set()
                await asyncio.sleep(_REFUSED_PAUSE)

    async def _open(self) -> None:
        attempt = 0
        while True:
            attempt += 1
            try:
                await self._platform.open()
            except AccountRefused:
                raise
            except PlatformError as error:
                log.warning(
                    "account.unreachable", account=self._platform.account, reason=error.reason
                )
                self.known.set()
                seconds = pause(attempt, random.random(), retry_after=error.retry_after)  # noqa: S311  jitter
                await asyncio.sleep(seconds)
            else:
                self.refused = None
                self.known.set()
                return

    async def _take(self, arrival: Arrival) -> None:
        event = arrival.event
        self.arrivals += 1
        if isinstance(event, Ignored | Unreadable):
            self._count(event)
            if arrival.mark is None:
                await arrival.acknowledge()
                return
        if await self._is_old_news(arrival):
            await arrival.acknowledge()
            return
        handled = await self._pass_on(arrival)
        try:
            if handled.mistakes:
                await arrival.acknowledge(handled.mistakes)
            else:
                await arrival.acknowledge()
        except PlatformError as error:  # it comes again, and is known by then
            log.info("event.not_acknowledged", account=self._platform.account, reason=error.reason)

    async def _pass_on(self, arrival: Arrival) -> Handled:
        """Commit, and set going what follows; both or neither, even if we are told to end."""
        passing = asyncio.ensure_future(self._commit(arrival))
        try:
            return await asyncio.shield(passing)
        except asyncio.CancelledError:
            await asyncio.wait([passing], timeout=_LAST_COMMIT)
            raise

    async def _is_old_news(self, arrival: Arrival) -> bool:
        """Whether this is our own deed, which this process has done and the store knows: no commit
        for it alone.

        What it says of how far the source has been read goes with the next commit, which comes
        within a second unless nothing follows; read again, it is known as ours again.
        """
        if not await self._lanes.ours.know(arrival.event):
            return False
        if arrival.mark is not None:
            if asyncio.get_running_loop().time() - self._written > _MARKS:
                return False
            self._marks[arrival.mark.scope] = arrival.mark
        return True

    async def _commit(self, arrival: Arrival) -> Handled:
        """Store an arrival and all it causes; tries for ever while the store cannot be written."""

        def work(session: Session) -> Handled:
            self._leases.guard(session, f"inlet:{self._platform.account}")
            now = self._clock()
            handled = self._handle(session, arrival.event, now)
            for mark in marks.values():
                inbox.keep_mark(session, mark)
            claim.take(session, handled.lanes, now)
            return handled

        if arrival.mark is not None:
            self._marks[arrival.mark.scope] = arrival.mark
        marks, claim = self._marks, self._lanes.claim()
        try:
            handled = await self._stored(work)
        except LeaseLost:
            claim.release()
            raise
        except Exception:
            claim.release()
            shown = reference()
            log.exception("event.failed", kind=type(arrival.event).__name__, reference=shown)
            await self._set_aside(arrival, shown)
            return Handled()
        self._marks, self._written = {}, asyncio.get_running_loop().time()
        claim.go(handled.lanes)
        if handled.command is not None:
            self._run_command([handled.command])
        if handled.heard is not None:
            self._heard(handled.heard)
        if handled.rosters:
            self._changed(handled.rosters)
        if handled.form is not None and isinstance(arrival.event, CommandTyped):
            showing = asyncio.create_task(self._show(handled.form, arrival.event))
            self._showing.add(showing)
            showing.add_done_callback(self._showing.discard)
        return handled

    async def _show(self, form: Form, typed: CommandTyped) -> None:
        """Show a form, past the lanes: the handle lives for three seconds. What went wrong its
        asker sees, and chooses the command again.
        """
        try:
            await self._platform.show_form(typed.opens or "", form, typed)
        except PlatformError as error:
            log.info("form.not_shown", account=self._platform.account, reason=error.reason)

    async def _stored(self, work: Callable[[Session], Handled]) -> Handled:
        """Carry out a unit of work, again and again while the store cannot be used."""
        return await insist(lambda: self._database.run(work), _STORE_PAUSE)

    async def _set_aside(self, arrival: Arrival, shown: str) -> None:
        """Remember that an event could not be handled, so that the next one is read."""

        def work(session: Session) -> Handled:
            self._leases.guard(session, f"inlet:{self._platform.account}")
            room = RoomId(getattr(arrival.event, "room", ""))
            inbox.first_seen(
                session, room, "failed", shown, now=self._clock(), state=InboxState.FAILED,
                reference=shown,
            )  # fmt: skip
            for mark in self._marks.values():
                inbox.keep_mark(session, mark)
            return Handled()

        await self._stored(work)

    def _count(self, event: Ignored | Unreadable) -> None:
        full = len(self.counted) >= _KINDS and event.kind not in self.counted
        kind = "other" if full else event.kind
        self.counted[kind] += 1
        number = self.counted[kind]
        if number & (number - 1) == 0:  # at each doubling: a flood does not fill the log
            name = "event.ignored" if isinstance(event, Ignored) else "event.unreadable"
            log.info(name, account=self._platform.account, kind=kind, count=number)
