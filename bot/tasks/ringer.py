"""Sends the alerts that wait, beside chat: a few at once, each marked before it is sent.

A step of the ladder writes its alerts down in its own transaction, once (`bot.paging.ladder`);
here each is sent **at least once**: no service can be asked whether it has one, so what was being
sent when the bot fell over is sent again. A mail keeps its Message-ID, by which a mailbox can tell.
An alert that a service has not taken rings the next step at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerting.sending import Note
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.errors import LeaseLost, StoreError
from bot.log import reference
from bot.paging import ladder, linking
from bot.paging.house import House
from bot.paging.ladder import DROPPED, FAILED, SENDING, SENT, WAITING
from bot.paging.showing import alert_lines
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.patience import patience
from bot.store.tables.paging import Alert, Page
from config.alerts import Target

log = structlog.get_logger()

LEASE = "alerts"
PAUSE = 0.5
"""Seconds between looks: an alert is on its way within that."""
PATIENCE = timedelta(seconds=2)
"""An alert waits so long for the message that it is to lead to."""
_AT_ONCE = 128
"""Alerts on their way: an urgent advisory calls many teams in the same moment."""

Wake = Callable[[Collection[str]], None]
Claimed = tuple[str | None, Note, Mapping[str, str | int]]
"""An alert's address, None where that is gone; what is sent; what the log says of it."""
Targets = Mapping[TeamKey, Mapping[str, Target]]
"""Where each team's services are, by their names."""


class Carrier(Protocol):
    """What sends: `bot.alerting.sending.Sender` does."""

    async def send(self, target: str, note: Note) -> str:
        """Send an alert; "" or a word for why it was not taken."""


class Ringer:
    """The part that sends, as long as the lease is ours. `run` until it is cancelled."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        house: House,
        targets: Targets,
        carrier: Carrier,
        wake: Wake,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._leases = leases
        self._house = house
        self._targets = targets
        self._carrier = carrier
        self._wake = wake
        self._clock = clock
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                with patience():
                    await self.look(tasks)
                await asyncio.sleep(PAUSE)

    async def look(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what waits, and what was left by one who fell over, as far as there is room."""
        self._running = {key: task for key, task in self._running.items() if not task.done()}
        room = _AT_ONCE - len(self._running)
        if room <= 0:
            return
        for key in await self._database.read(_open):
            if key not in self._running and room > 0:
                room -= 1
                self._running[key] = tasks.create_task(self._ring(key))

    async def _ring(self, key: int) -> None:
        """Send one; whatever is wrong with it harms no other."""
        try:
            claimed = await self._database.run(partial(self._claim, key))
            if claimed is None:
                return
            target, note, about = claimed
            why = "gone" if target is None else await self._carrier.send(target, note)
            self._wake(await self._database.run(partial(self._settle, key, why)))
            log.info("alert.refused" if why else "alert.sent", **about, reason=why)
        except LeaseLost:
            raise
        except StoreError as error:
            log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
        except Exception:
            log.exception("alert.failed", alert=key, reference=reference())
            with patience():  # it is sent again: twice is better than never
                self._wake(await self._database.run(partial(self._settle, key, "fault")))

    def _claim(self, key: int, session: Session) -> Claimed | None:
        """Note that it is being sent: where to, and what; None where nobody needs it any more, or
        the message that it is to lead to will stand there in a moment.
        """
        self._leases.guard(session, LEASE)
        row = session.get(Alert, key)
        if row is None or row.state not in {WAITING, SENDING}:
            return None
        page = session.get(Page, row.page)
        if page is None or page.acknowledged is not None:
            row.state, row.finished = DROPPED, self._clock()
            return None
        fresh = row.state == WAITING and self._clock() - row.created < PATIENCE
        if fresh and linking.is_awaited(session, page):
            return None
        row.state, row.tries = SENDING, row.tries + 1
        lines = alert_lines(page, linking.link_of(session, self._house, page))
        target = self._targets.get(TeamKey(page.team), {}).get(row.service)
        about: dict[str, str | int] = {"page": page.ref, "step": row.rung, "service": row.service}
        note = Note(f"{page.ref}-{row.id}", lines[0], lines)
        return None if target is None else target.url, note, about

    def _settle(self, key: int, why: str, session: Session) -> set[str]:
        """Write down how it went, with what follows from that; the lanes to wake."""
        self._leases.guard(session, LEASE)
        row, now = session.get(Alert, key), self._clock()
        page = None if row is None else session.get(Page, row.page)
        if row is None or page is None or row.state != SENDING:
            return set()
        row.state, row.reason, row.finished = FAILED if why else SENT, why or None, now
        if not why:
            page.reached = page.reached or now
            return set()
        kind = row.service.partition("-")[0]
        outgoing = ladder.service_down(session, self._house, page, row.rung, kind, row.service, now)
        return outbox.put(session, outgoing, now)


def _open(session: Session) -> list[int]:
    found = select(Alert.id).where(Alert.state.in_([WAITING, SENDING])).order_by(Alert.id)
    return list(session.execute(found).scalars())
