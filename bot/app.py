"""The composition root: the one place that builds and joins the parts."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass

import structlog

from bot.bridge.places import Channel, Places
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lease import RENEW, Leases
from bot.delivery.outbox import lanes_in_use
from bot.delivery.retention import sweep
from bot.desk import Desk
from bot.errors import LeaseLost, Refused, StoreError
from bot.events import AccountId, File, account_of
from bot.handler import Handler
from bot.house import RunningHouse
from bot.notices import Notices
from bot.platforms.base import CatchUp, Platform, Surroundings
from bot.store.database import Database, open_database
from bot.store.lock import only_run
from bot.store.memory import StoredMemory
from bot.store.schema import upgrade
from bot.words import words_for
from commands.registry import Registry
from config.coalition import Channel as ChannelSettings
from config.settings import Settings

log = structlog.get_logger()

_DRAIN = 9.0
"""Seconds that what is in flight has to end; the whole exit takes at most ten."""
_LOOK_ROUND = 1.0
"""Seconds between looks at connections, and at what other processes put into the store."""
_SWEEP = 600.0
NOT_ENFORCED = "markings are not enforced yet: what is relayed goes to every room of its channel"


async def run(settings: Settings) -> int:
    """Run the bot until it is told to end; the exit status."""
    print(f"liaison: {NOT_ENFORCED}", file=sys.stderr)  # noqa: T201  for the administrator
    try:
        database = open_database(settings.store.url.get_secret_value(), settings.path.parent)
    except StoreError as error:
        return _unusable(error)
    try:
        with only_run(database):
            copy = upgrade(database.engine)
            if copy is not None:
                log.info("store.upgraded", copy=copy)
            return await _run(settings, database)
    except StoreError as error:
        return _unusable(error)
    finally:
        database.close()


def connect(settings: Settings, database: Database) -> dict[AccountId, Platform]:
    """The adapters of every configured account, not yet connected."""
    limits = {
        room: CatchUp(channel.catch_up.messages, channel.catch_up.age)
        for channel in settings.channels.values()
        for room in channel.rooms
    }
    proxy = settings.network.proxy
    platforms: dict[AccountId, Platform] = {}

    def open_file(file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if file.account not in platforms:
            raise Refused("its network is configured no more")
        return platforms[file.account].open_file(file)

    platforms |= {
        account: network.connect(
            own,
            Surroundings(
                account=account,
                rooms=settings.rooms_of(account),
                memory=StoredMemory(database, account),
                proxy=proxy.get_secret_value() if proxy else None,
                no_proxy=settings.network.no_proxy,
                ca_file=settings.network.ca_file,
                bot_name=settings.liaison.name,
                timeout=settings.network.timeout.total_seconds(),
                catch_up={room: limits[room] for room in limits if account_of(room) == account},
                open_file=open_file,
            ),
        )
        for account, (network, own) in settings.accounts.items()
    }
    return platforms


@dataclass(frozen=True)
class _Parts:
    """The parts of a running bot."""

    database: Database
    leases: Leases
    house: RunningHouse
    lanes: Lanes
    desk: Desk
    inlets: list[Inlet]


async def _run(settings: Settings, database: Database) -> int:
    stop = asyncio.Event()
    _listen_for_signals(stop)
    status = 0
    async with _built(settings, database) as parts:
        try:
            async with asyncio.TaskGroup() as tasks:
                working = [tasks.create_task(work) for work in _works(parts, settings)]
                if await _announce(parts, settings, stop):
                    status = 2
                else:
                    await stop.wait()
                for task in working:
                    task.cancel()
        except* LeaseLost:
            log.error("lease.lost")  # noqa: TRY400  the words say it all
            status = 3
    return status


def _works(parts: _Parts, settings: Settings) -> list[Coroutine[None, None, None]]:
    """Everything that goes on while the bot runs."""
    return [
        *(inlet.run() for inlet in parts.inlets),
        _renew(parts),
        _look_round(parts),
        _sweep(parts, settings),
    ]


@asynccontextmanager
async def _built(settings: Settings, database: Database) -> AsyncIterator[_Parts]:
    """Build the parts from the ground up; on leaving, drain them and let go of everything."""
    words = words_for(settings.liaison.language)
    registry = Registry.load()
    leases = Leases()
    async with AsyncExitStack() as stack:
        platforms = connect(settings, database)
        for platform in platforms.values():
            stack.push_async_callback(platform.close)
        await _take_over(database, leases, platforms)
        stack.push_async_callback(database.run, lambda s: leases.release(s, utc_now()))
        house = RunningHouse(settings, platforms, utc_now)
        notices = Notices(settings.liaison.admin_rooms, words)
        lanes = Lanes(database, platforms, leases, notices.tell)
        stack.push_async_callback(lanes.drain, _DRAIN / 2)
        desk = Desk(
            database, registry, house, lanes, words, lambda a: platforms[AccountId(a)].capabilities
        )
        stack.push_async_callback(desk.drain, _DRAIN / 2)
        places = Places(
            {name: _channel(name, channel) for name, channel in settings.channels.items()},
            frozenset(settings.liaison.admin_rooms),
            lambda account: platforms[account].capabilities,
        )
        handler = Handler(places, registry.names, (settings.liaison.name,), words)
        inlets = [
            Inlet(database, each, leases, handler, lanes, desk.take) for each in platforms.values()
        ]
        await lanes.start()
        await desk.start()
        yield _Parts(database, leases, house, lanes, desk, inlets)


def _channel(name: str, channel: ChannelSettings) -> Channel:
    return Channel(
        name,
        channel.rooms,
        frozenset(channel.relay),
        channel.mass_mentions,
        channel.max_file,
    )


async def _take_over(
    database: Database, leases: Leases, platforms: dict[AccountId, Platform]
) -> None:
    names = [f"{work}:{account}" for account in platforms for work in ("inlet", "lanes")]
    taken = await database.run(lambda s: leases.acquire(s, names, utc_now(), alone=True))
    leases.took(taken)


async def _announce(parts: _Parts, settings: Settings, stop: asyncio.Event) -> bool:
    """Say `ready:` when every account is connected or known to be down; True if all are refused."""
    for inlet in parts.inlets:
        await _either(inlet.known, stop)
    if stop.is_set():
        return False
    refusals = [inlet.refused for inlet in parts.inlets if inlet.refused is not None]
    for refusal in refusals:
        print(f"liaison: {refusal.mend}", file=sys.stderr)  # noqa: T201  for the administrator
    if len(refusals) == len(parts.inlets):
        return True
    # What stands now stands until the end: looking through it again and again costs tens of
    # milliseconds, which a message would wait for.
    gc.collect()
    gc.freeze()
    channels, rooms = len(settings.channels), len(settings.rooms())
    print(f"ready: {channels} channels, {rooms} rooms", flush=True)  # noqa: T201  a promise
    return False


async def _either(one: asyncio.Event, other: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _renew(parts: _Parts) -> None:
    while True:
        await asyncio.sleep(RENEW.total_seconds())
        with _patience():
            await parts.database.run(lambda s: parts.leases.renew(s, utc_now()))


async def _look_round(parts: _Parts) -> None:
    """Hurry what waited for a network that is back; find what others put into the store."""
    while True:
        with _patience():
            for account in parts.house.watch():
                await parts.lanes.reconnected(account)
            parts.lanes.wake(await parts.database.read(lanes_in_use))
        await asyncio.sleep(_LOOK_ROUND)


async def _sweep(parts: _Parts, settings: Settings) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        kept = settings.store
        with _patience():
            await sweep(parts.database, utc_now(), payloads=kept.payloads, links=kept.links)


@contextmanager
def _patience() -> Iterator[None]:
    """A store that is locked or full for a while ends nothing: what is done regularly is late."""
    try:
        yield
    except StoreError as error:
        log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all


def _listen_for_signals(stop: asyncio.Event) -> None:
    """The first signal drains, the second leaves at once: what is committed is safe anyway."""

    def told() -> None:
        if stop.is_set():
            os._exit(130)
        log.info("run.draining")
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)


def _unusable(error: StoreError) -> int:
    print(f"liaison: {error}", file=sys.stderr)  # noqa: T201  for the administrator
    return 3
