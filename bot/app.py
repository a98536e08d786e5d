"""The composition root: the one place that builds and joins the parts."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from bot import reloading
from bot.alarms import Alarms
from bot.audience_notices import AudienceNotices
from bot.audiences import Audiences
from bot.backfilling import Backfills
from bot.bridge.baring import opened_bare
from bot.bridge.places import Channel, Places
from bot.bridge.recollection import StoredRecollection
from bot.bridge.written import open_written
from bot.canary import Canary
from bot.closer import LEASE as DECISIONS
from bot.closer import PAUSE as CLOSING
from bot.closer import Closer
from bot.custody import freezing
from bot.custody.doors import Doors, circles_of
from bot.custody.frozen import Frozen, frozen_under
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.keyed import hash_key
from bot.custody.reading import configured
from bot.custody.sealing import LEASE as AUDIT
from bot.delivery.admission import Admission
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lease import RENEW, Leases
from bot.delivery.outbox import lanes_in_use
from bot.delivery.overdue import Warnings
from bot.delivery.retention import sweep
from bot.desk import Desk
from bot.doubles import Doubles
from bot.errors import LeaseLost, Refused, StoreError
from bot.events import HOUSE, AccountId, File, RoomId, account_of
from bot.feed_settings import accounts_of, sources_of, way_of
from bot.feeding import LEASE as FEEDS
from bot.feeding import FeedNotices, Feeds
from bot.handler import Handler
from bot.house import RunningHouse
from bot.indicators.sight import of_team
from bot.indicators.warninglists import load_beside
from bot.notices import Notices, TroubleNotices
from bot.orders import Orders
from bot.platforms.base import CatchUp, Platform, Surroundings
from bot.refetch import Refetches
from bot.reloading import Reload
from bot.scheduler import LEASE as SCHEDULER
from bot.scheduler import Scheduler
from bot.schedules import advancing
from bot.schedules.kinds import Kinds
from bot.sealer import PAUSE as SEAL
from bot.sealer import Sealer
from bot.store.database import Database, open_database
from bot.store.lock import only_run
from bot.store.memory import StoredMemory
from bot.store.schema import upgrade
from bot.watch import Watch
from bot.web.gallery import Gallery
from bot.web.metrics import Pulse
from bot.web.server import Pages, served
from bot.web.taxii import Publisher
from bot.words import words_for
from commands.registry import Registry
from config.coalition import Channel as ChannelSettings
from config.fingerprint import fingerprint
from config.settings import Settings

log = structlog.get_logger()

_DRAIN = 9.0
"""Seconds that what is in flight has to end; the whole exit takes at most ten."""
_LOOK_ROUND = 1.0
"""Seconds between looks at connections, and at what other processes put into the store."""
_SWEEP = 600.0
_UNHURRIED = 30.0
"""Seconds after the start: catching up goes first."""
_PROOFS = timedelta(days=400)
"""How long it is kept that something has happened: no clock goes back so far."""


async def run(settings: Settings) -> int:
    """Run the bot until it is told to end; the exit status."""
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
        if file.account == HOUSE:
            return open_written(file)
        if file.account not in platforms:
            raise Refused("its network is configured no more")
        opened = platforms[file.account].open_file(file)
        return opened_bare(opened) if file.bare else opened

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
                recollection=StoredRecollection(database),
                folder=_folder(settings, database),
                words=words_for(settings.liaison.language),
                showcase=_gallery(settings, database),
            ),
        )
        for account, (network, own) in settings.accounts.items()
    }
    return platforms


def _gallery(settings: Settings, database: Database) -> Gallery | None:
    """Where pictures are served from, if the bot has a public address."""
    address = settings.web.public_url
    return None if address is None else Gallery(_folder(settings, database) / "pictures", address)


def _folder(settings: Settings, database: Database) -> Path:
    """Beside the database where that is a file, else beside the configuration."""
    address = database.engine.url
    if address.get_backend_name() == "sqlite" and address.database:
        return Path(address.database).parent
    return settings.path.parent


@dataclass(frozen=True)
class _Parts:
    """The parts of a running bot."""

    database: Database
    leases: Leases
    frozen: Frozen
    house: RunningHouse
    lanes: Lanes
    desk: Desk
    warnings: Warnings
    canary: Canary
    audiences: Audiences
    backfills: Backfills
    refetches: Refetches
    sealer: Sealer
    scheduler: Scheduler
    closer: Closer
    feeds: Feeds
    inlets: list[Inlet]


async def _run(settings: Settings, database: Database) -> int:
    orders = Orders()
    orders.listen()
    while True:
        status = await _live(settings, database, orders)
        if orders.stop.is_set() or status or orders.reload is None:
            return status
        settings = orders.reload.settings
        orders.over.clear()


async def _live(settings: Settings, database: Database, orders: Orders) -> int:
    """Build a house on these settings and live in it until it is over; the exit status."""
    status = 0
    async with _built(settings, database) as parts:
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
                    _announce(settings)
                    working.append(tasks.create_task(orders.heed(database, settings)))
                    await orders.over.wait()
                for task in working:
                    task.cancel()
        except* LeaseLost:
            log.error("lease.lost")  # noqa: TRY400  the words say it all
            status = 3
    return status


async def _reloaded(parts: _Parts, reload: Reload, refused: Sequence[str]) -> None:
    lanes = await parts.database.run(lambda s: reloading.tell(s, reload, refused, utc_now()))
    parts.lanes.wake(lanes)


def _works(parts: _Parts, settings: Settings) -> list[Coroutine[None, None, None]]:
    """Everything that goes on while the bot runs."""
    return [
        *(inlet.run() for inlet in parts.inlets),
        _renew(parts),
        _look_round(parts),
        parts.canary.run(),
        parts.audiences.run(),
        parts.backfills.run(),
        parts.refetches.run(),
        parts.scheduler.run(),
        _seal(parts),
        _close(parts),
        parts.feeds.run(),
        _sweep(parts, settings),
        _bring_warning_lists(parts),
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
        settled = fingerprint(settings)
        await database.run(lambda s: configured(s, settled, utc_now()))
        sealer = Sealer(database, leases, _witnesses(settings), words)
        stack.push_async_callback(_seal_last, sealer)
        doors = Doors(circles_of(settings.channels), settings.directory, utc_now())
        custody = Gatekeeper(doors, await database.run(hash_key))
        frozen = frozen_under(settings, lambda room: doors.door(room).teams)
        frozen.hold(await database.read(freezing.standing))
        house = RunningHouse(
            settings, platforms, utc_now, lambda a: canary.troubles.get(a, ()), doors, frozen,
            custody,
        )  # fmt: skip
        places = Places(
            {name: _channel(name, channel) for name, channel in settings.channels.items()},
            frozenset(settings.liaison.admin_rooms),
            lambda account: platforms[account].capabilities,
            frozenset(team.home for team in settings.teams.values() if team.home is not None),
        )
        warnings = Warnings(places, words)
        notices = Notices(settings.liaison.admin_rooms, words, warnings.refused)
        gate = Admission(custody, words)
        rooms = settings.every_room
        doubles = Doubles(rooms, lambda room: platforms[account_of(room)].identity(room))
        lanes = Lanes(
            database, platforms, leases, notices.tell, gate, stops=frozen.stops, doubles=doubles
        )
        told = TroubleNotices(settings.liaison.admin_rooms, words)
        canary = Canary(database, platforms, lanes, told, doubles=doubles, rooms=rooms)
        stack.push_async_callback(lanes.drain, _DRAIN / 2)
        heard = AudienceNotices(settings.liaison.admin_rooms, words)
        audiences = Audiences(database, platforms, doors, lanes, heard)
        scheduler = Scheduler(
            database, leases, _kinds(), lanes.wake, words, settings.liaison.admin_rooms
        )
        desk = Desk(
            database, registry, house, lanes, words, lambda a: platforms[AccountId(a)].capabilities,
            wrote=scheduler.wake,
        )  # fmt: skip
        stack.push_async_callback(desk.drain, _DRAIN / 2)
        handler = Handler(
            places, registry.names, (settings.liaison.name,), words, custody, registry
        )
        alarms = Alarms(settings.liaison.admin_rooms, words)
        watch = Watch(handler, frozen, alarms, registry.names, (settings.liaison.name,), doubles)
        refetches = Refetches(database, platforms, watch, lanes)
        backfills = Backfills(database, platforms, places, watch, lanes, words)
        closer = Closer(database, house, platforms, leases)
        inlets = [
            Inlet(database, each, leases, watch, lanes, desk.take, changed=audiences.changed)
            for each in platforms.values()
        ]
        pages = Pages(database, lambda: _pulses(platforms, inlets), _gallery(settings, database))
        publisher = Publisher(
            database, accounts_of(settings), lambda team: of_team(custody.markings, team)
        )
        await stack.enter_async_context(
            served(settings.web.listen, [*pages.routes(), *publisher.routes()])
        )
        feeds = Feeds(
            database, leases, sources_of(settings), way_of(settings, _folder(settings, database)),
            FeedNotices(settings.liaison.admin_rooms, words), lanes.wake,
        )  # fmt: skip
        await lanes.start()
        await desk.start()
        yield _Parts(
            database, leases, frozen, house, lanes, desk, warnings, canary, audiences, backfills,
            refetches, sealer, scheduler, closer, feeds, inlets,
        )  # fmt: skip


def _kinds() -> Kinds:
    """Who carries out what happens at a time: a domain's handlers by the kinds that it has."""
    return {}


def _pulses(
    platforms: Mapping[AccountId, Platform], inlets: Sequence[Inlet]
) -> dict[AccountId, Pulse]:
    return {
        account: Pulse(platform.connected, inlet.arrivals)
        for (account, platform), inlet in zip(platforms.items(), inlets, strict=True)
    }


def _channel(name: str, channel: ChannelSettings) -> Channel:
    return Channel(
        name,
        channel.rooms,
        frozenset(channel.relay),
        channel.mass_mentions,
        channel.max_file,
        channel.chatham_house,
        channel.delay,
    )


async def _take_over(
    database: Database, leases: Leases, platforms: dict[AccountId, Platform]
) -> None:
    names = [f"{work}:{account}" for account in platforms for work in ("inlet", "lanes")]
    names += [AUDIT, SCHEDULER, DECISIONS, FEEDS]
    taken = await database.run(lambda s: leases.acquire(s, names, utc_now(), alone=True))
    leases.took(taken)


async def _all_known(parts: _Parts, orders: Orders) -> list[str]:
    """Wait until every account is connected or known to be down; what the refused ones need."""
    for inlet in parts.inlets:
        await _either(inlet.known, orders.over)
    refusals = [inlet.refused.mend for inlet in parts.inlets if inlet.refused is not None]
    if orders.over.is_set():
        return []
    for mend in refusals:
        print(f"liaison: {mend}", file=sys.stderr)  # noqa: T201  for the administrator
    return refusals


def _announce(settings: Settings) -> None:
    """Say `ready:`."""
    # What stands now stands until the end: looking through it again and again costs tens of
    # milliseconds, which a message would wait for.
    gc.unfreeze()  # of the house before, where there was one
    gc.collect()
    gc.freeze()
    channels, rooms = len(settings.channels), len(settings.rooms())
    print(f"ready: {channels} channels, {rooms} rooms", flush=True)  # noqa: T201  a promise


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
                parts.audiences.reconnected(account)
                await parts.lanes.reconnected(account)
            thawed = await _thaw(parts)
            parts.lanes.wake(await parts.database.read(lanes_in_use), hurry=thawed)
            parts.lanes.wake(await parts.warnings.look(parts.database, utc_now()))
        parts.scheduler.wake()
        await asyncio.sleep(_LOOK_ROUND)


async def _bring_warning_lists(parts: _Parts) -> None:
    """After an upgrade, once there is time for it."""
    await asyncio.sleep(_UNHURRIED)
    if await load_beside(parts.database):
        log.info("warning_lists.loaded")


async def _seal(parts: _Parts) -> None:
    while True:
        with _patience():
            parts.lanes.wake(await parts.sealer.look())
        await asyncio.sleep(SEAL)


async def _close(parts: _Parts) -> None:
    while True:
        with _patience():
            parts.lanes.wake(await parts.closer.look())
        await asyncio.sleep(CLOSING)


async def _seal_last(sealer: Sealer) -> None:
    """What the end itself has written down is sealed too."""
    with _patience(), suppress(LeaseLost):
        await sealer.look()


def _witnesses(settings: Settings) -> list[RoomId]:
    """The rooms that the audit's heads are told to: the admin rooms, and each team's own."""
    homes = [team.home for team in settings.teams.values() if team.home is not None]
    rooms = dict.fromkeys((*settings.liaison.admin_rooms, *homes))
    return [room for room in rooms if account_of(room) in settings.accounts]


async def _thaw(parts: _Parts) -> bool:
    """Let what is frozen and paused be as the store says; whether that is another than before."""
    frozen = parts.frozen
    if tuple(await parts.database.read(freezing.standing)) == frozen.orders:
        return False
    # by the one who writes: no freeze that is being written is forgotten by this
    changed = await parts.database.run(lambda session: frozen.hold(freezing.standing(session)))
    log.info("frozen.changed", orders=len(frozen.orders))
    return changed


async def _sweep(parts: _Parts, settings: Settings) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        kept = settings.store
        with _patience():
            await parts.database.run(lambda s: advancing.forget(s, utc_now() - _PROOFS))
            await sweep(
                parts.database, utc_now(), payloads=kept.payloads, links=kept.links,
                rooms={name: channel.rooms for name, channel in settings.channels.items()},
            )  # fmt: skip


@contextmanager
def _patience() -> Iterator[None]:
    """A store that is locked or full for a while ends nothing: what is done regularly is late."""
    try:
        yield
    except StoreError as error:
        log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all


def _unusable(error: StoreError) -> int:
    print(f"liaison: {error}", file=sys.stderr)  # noqa: T201  for the administrator
    return 3
