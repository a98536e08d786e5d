"""The life of a house, from when it is built until it is over."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine, Sequence

import structlog

from bot.delivery.lanes import utc_now
from bot.errors import LeaseLost
from bot.running import reloading
from bot.running.orders import Orders
from bot.running.parts import Parts
from bot.running.reloading import Reload
from bot.running.rounds import (
    bring_warning_lists,
    close,
    forget,
    lapse,
    look_out,
    look_round,
    recover,
    recovered,
    renew,
    renew_standing,
    seal,
    tell_bulletins,
)
from config.settings import Settings

log = structlog.get_logger()

_RECOVERING = (
    "rooms are read, nothing is posted; `status` in an admin room says what is found, "
    "`liaison resume all` ends it"
)


async def live_in(parts: Parts, settings: Settings, orders: Orders) -> int:
    """Live in a house until that is over; the exit status."""
    status = 0
    try:
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(work) for work in _works(parts, settings)]
            refused = await _all_known(parts, orders)
            if orders.reload is not None:
                await _reloaded(parts, orders.reload, refused)
                orders.reload = None
            elif len(refused) == len(parts.inlets):
                status = 2
            if not status and not orders.over.is_set():
                _announce(settings, recovering=parts.frozen.recovery is not None)
                working.append(tasks.create_task(orders.heed(parts.database, settings)))
                await orders.over.wait()
            for task in working:
                task.cancel()
    except* LeaseLost:
        log.error("lease.lost")  # noqa: TRY400  the words say it all
        status = 3
    return status


async def _reloaded(parts: Parts, reload: Reload, refused: Sequence[str]) -> None:
    lanes = await parts.database.run(lambda s: reloading.tell(s, reload, refused, utc_now()))
    parts.lanes.wake(lanes)


def _works(parts: Parts, settings: Settings) -> list[Coroutine[None, None, None]]:
    """Everything that goes on while the bot runs."""
    return [
        *(inlet.run() for inlet in parts.inlets),
        renew(parts),
        look_round(parts),
        parts.canary.run(),
        parts.audiences.run(),
        recover(parts),
        recovered(parts, parts.backfills.run()),
        recovered(parts, parts.refetches.run()),
        recovered(parts, parts.scheduler.run()),
        recovered(parts, seal(parts)),
        recovered(parts, close(parts)),
        recovered(parts, parts.feeds.run()),
        recovered(parts, parts.recognition.run()),
        recovered(parts, parts.ringer.run()),
        recovered(parts, look_out(parts)),
        recovered(parts, renew_standing(parts)),
        recovered(parts, lapse(parts)),
        recovered(parts, tell_bulletins(parts)),
        recovered(parts, forget(parts, settings)),
        *([] if parts.stamps is None else [recovered(parts, parts.stamps.run())]),
        bring_warning_lists(parts),
    ]


async def _all_known(parts: Parts, orders: Orders) -> list[str]:
    """Wait until every account is connected or known to be down; what the refused ones need."""
    for inlet in parts.inlets:
        await _either(inlet.known, orders.over)
    refusals = [inlet.refused.mend for inlet in parts.inlets if inlet.refused is not None]
    if orders.over.is_set():
        return []
    for mend in refusals:
        print(f"liaison: {mend}", file=sys.stderr)  # noqa: T201  for the administrator
    return refusals


def _announce(settings: Settings, *, recovering: bool) -> None:
    """Say `ready:`, and whether that is all."""
    # What stands now stands until the end: looking through it again and again costs tens of
    # milliseconds, which a message would wait for.
    gc.unfreeze()  # of the house before, where there was one
    gc.collect()
    gc.freeze()
    channels, rooms = len(settings.channels), len(settings.rooms())
    said = ", in recovery after a restore" if recovering else ""
    print(f"ready: {channels} channels, {rooms} rooms{said}", flush=True)  # noqa: T201  a promise
    if recovering:
        print(f"recovery: {_RECOVERING}", flush=True)  # noqa: T201  a promise


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
