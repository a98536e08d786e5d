"""What goes on while the bot runs, again and again: leases, looks, seals, sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from bot.advisories.sources import sweeping
from bot.custody import freezing
from bot.delivery.lanes import utc_now
from bot.delivery.lease import RENEW
from bot.delivery.outbox import lanes_in_use
from bot.delivery.retention import sweep
from bot.desk.standing import PAUSE as STANDING
from bot.errors import LeaseLost
from bot.indicators import people
from bot.indicators.warninglists import load_beside
from bot.paging import keeping as paging
from bot.running.parts import Parts
from bot.schedules import advancing
from bot.store.patience import insist, patience
from bot.tasks.bulletins import PAUSE as BULLETINS
from bot.tasks.closer import PAUSE as CLOSING
from bot.tasks.lapsing import PAUSE as LAPSING
from bot.tasks.lookout import PAUSE as LOOKOUT
from bot.tasks.recovery import PAUSE as RECOVERY
from bot.tasks.sealer import PAUSE as SEAL
from bot.tasks.sealer import Sealer
from config.settings import Settings

log = structlog.get_logger()

_LOOK_ROUND = 1.0
"""Seconds between looks at connections, and at what other processes put into the store."""
_SWEEP = 600.0
_BREATH = 0.005
"""Seconds between units of work, so that others come in between."""
_UNHURRIED = 30.0
"""Seconds after the start: catching up goes first."""
_PROOFS = timedelta(days=400)
"""How long it is kept that something has happened: no clock goes back so far."""
_COUNTED = timedelta(days=7)
"""How long it is kept how much somebody has looked up in a day."""


async def renew(parts: Parts) -> None:
    """Keep what only one process may do."""
    while True:
        await asyncio.sleep(RENEW.total_seconds())
        with patience():
            await parts.database.run(lambda s: parts.leases.renew(s, utc_now()))


async def look_round(parts: Parts) -> None:
    """Hurry what waited for a network that is back; find what others put into the store."""
    while True:
        with patience():
            for account in parts.house.watch():
                parts.audiences.reconnected(account)
                await parts.lanes.reconnected(account)
            thawed = await _thaw(parts)
            parts.lanes.wake(await parts.database.read(lanes_in_use), hurry=thawed)
            if parts.recoveries.over.is_set():
                parts.lanes.wake(await parts.warnings.look(parts.database, utc_now()))
        if parts.recoveries.over.is_set():
            parts.scheduler.wake()
        await asyncio.sleep(_LOOK_ROUND)


async def bring_warning_lists(parts: Parts) -> None:
    """After an upgrade, once there is time for it."""
    await asyncio.sleep(_UNHURRIED)
    if await insist(lambda: load_beside(parts.database), _UNHURRIED):
        log.info("warning_lists.loaded")


async def seal(parts: Parts) -> None:
    """Seal the audit, and tell its heads."""
    while True:
        with patience():
            parts.lanes.wake(await parts.sealer.look())
        await asyncio.sleep(SEAL)


async def recover(parts: Parts) -> None:
    """After a restore: read the rooms, and end that when somebody says so."""
    await parts.recoveries.begin()
    while not parts.recoveries.over.is_set():
        with patience():
            parts.lanes.wake(await parts.recoveries.look(), hurry=True)
        await asyncio.sleep(RECOVERY)


async def recovered(parts: Parts, work: Coroutine[None, None, None]) -> None:
    """What would post or count goes on only when no recovery stands."""
    try:
        await parts.recoveries.over.wait()
    except asyncio.CancelledError:
        work.close()
        raise
    await work


async def close(parts: Parts) -> None:
    """Close what has expired."""
    while True:
        with patience():
            parts.lanes.wake(await parts.closer.look())
        await asyncio.sleep(CLOSING)


async def look_out(parts: Parts) -> None:
    """Tell those who watch indicators what is new."""
    while True:
        with patience():
            await parts.lookout.look()
        await asyncio.sleep(LOOKOUT)


async def renew_standing(parts: Parts) -> None:
    """Renew what stands with people who have opened it lately."""
    while True:
        with patience():
            await parts.desk.renew()
        await asyncio.sleep(STANDING)


async def lapse(parts: Parts) -> None:
    """End contributions that no second team has answered."""
    while True:
        with patience():
            await parts.lapses.look()
        await asyncio.sleep(LAPSING)


async def tell_bulletins(parts: Parts) -> None:
    """Tell what feeds of advisories have brought."""
    while True:
        with patience():
            await parts.bulletins.look()
        await asyncio.sleep(BULLETINS)


async def seal_last(sealer: Sealer) -> None:
    """What the end itself has written down is sealed too."""
    with patience(), suppress(LeaseLost):
        await sealer.look()


async def _thaw(parts: Parts) -> bool:
    """Let what is frozen and paused be as the store says; whether that is another than before."""
    frozen = parts.frozen
    if tuple(await parts.database.read(freezing.standing)) == frozen.orders:
        return False
    # by the one who writes: no freeze that is being written is forgotten by this
    changed = await parts.database.run(lambda session: frozen.hold(freezing.standing(session)))
    log.info("frozen.changed", orders=len(frozen.orders))
    return changed


async def forget(parts: Parts, settings: Settings) -> None:
    """Forget what need not be kept any longer."""
    while True:
        await asyncio.sleep(_SWEEP)
        kept = settings.store
        with patience():
            await parts.database.run(lambda s: advancing.forget(s, utc_now() - _PROOFS))
            texts = utc_now() - kept.payloads
            await parts.database.run(
                partial(paging.forget, texts=texts, all_of_it=utc_now() - _PROOFS)
            )
            await parts.database.run(lambda s: people.forget_days(s, utc_now() - _COUNTED))
            await _forget_items(parts, settings)
            await sweep(
                parts.database, utc_now(), payloads=kept.payloads, links=kept.links,
                rooms={name: channel.rooms for name, channel in settings.channels.items()},
            )  # fmt: skip


async def _forget_items(parts: Parts, settings: Settings) -> None:
    """Forget what has been gone from its feed for as long as anything could follow it; and for as
    long again that it was told.
    """
    before = utc_now() - settings.store.links
    some = partial(sweeping.sweep, kept=settings.feeds, before=before)
    while await parts.database.run(some) == sweeping.MOST:  # noqa: ASYNC110  a pause for others
        await asyncio.sleep(_BREATH)
    stories = partial(sweeping.sweep_stories, before=before - settings.store.links)
    while await parts.database.run(stories) == sweeping.MOST:  # noqa: ASYNC110  a pause for others
        await asyncio.sleep(_BREATH)
