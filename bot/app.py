"""The composition root: the one place that builds and joins the parts."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from bot.alerting.sending import Sender
from bot.bridge.places import Places
from bot.custody import freezing
from bot.custody.doors import Doors, circles_of
from bot.custody.frozen import frozen_under
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.keyed import hash_key
from bot.custody.reading import configured
from bot.custody.sealing import LEASE as AUDIT
from bot.delivery.admission import Admission
from bot.delivery.doubles import Doubles
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lease import Leases
from bot.delivery.overdue import Warnings
from bot.desk import Desk
from bot.desk.outside import Outside
from bot.errors import StoreError
from bot.events import AccountId, account_of
from bot.handler import Handler
from bot.house import RunningHouse
from bot.indicators.sight import of_team
from bot.platforms.base import Platform
from bot.running.living import live_in
from bot.running.orders import Orders
from bot.running.parts import Parts
from bot.running.rounds import seal_last
from bot.store.database import Database, open_database
from bot.store.lock import only_run
from bot.store.schema import upgrade
from bot.tasks.alarms import Alarms
from bot.tasks.audience_notices import AudienceNotices
from bot.tasks.audiences import Audiences
from bot.tasks.backfilling import Backfills
from bot.tasks.bulletins import Bulletins
from bot.tasks.canary import Canary
from bot.tasks.closer import LEASE as DECISIONS
from bot.tasks.closer import Closer
from bot.tasks.feeding import LEASE as FEEDS
from bot.tasks.feeding import FeedNotices, Feeds, guarded, readers_of
from bot.tasks.lapsing import Lapses
from bot.tasks.lookout import Lookout
from bot.tasks.notices import Notices, TroubleNotices
from bot.tasks.recognising import Recognition
from bot.tasks.recovery import Recoveries
from bot.tasks.refetch import Refetches
from bot.tasks.restored import Restored
from bot.tasks.ringer import LEASE as ALERTS
from bot.tasks.ringer import Ringer
from bot.tasks.scheduler import LEASE as SCHEDULER
from bot.tasks.scheduler import Scheduler
from bot.tasks.sealer import Sealer
from bot.tasks.watch import Watch
from bot.web.csaf import Advisories
from bot.web.metrics import Pulse
from bot.web.server import Pages, served
from bot.web.taxii import Publisher
from bot.wiring.alerts import alerts_of, ways_of
from bot.wiring.connecting import connect, folder_of, gallery_of
from bot.wiring.domains import kinds_of, numbered_by, pending_of
from bot.wiring.feeds import (
    accounts_of,
    advisory_feeds_of,
    enrichers_of,
    newsroom_of,
    publisher_of,
    sources_of,
    way_of,
)
from bot.wiring.places import channel_of, witnesses_of
from bot.wiring.witnesses import signer_of, stamps_of
from bot.words import words_for
from commands.registry import Registry
from config.fingerprint import fingerprint
from config.settings import Settings

log = structlog.get_logger()

_DRAIN = 9.0
"""Seconds that what is in flight has to end; the whole exit takes at most ten."""

_TURN = 0.0005
"""Seconds that a thread which computes keeps the interpreter while others want it. Python's own
5 ms are waited for anew at each read and write of the event loop: beside a feed that is read, or
lists that are brought in, a message's dozen of them cost a tenth of a second."""


async def run(settings: Settings) -> int:
    """Run the bot until it is told to end; the exit status."""
    sys.setswitchinterval(_TURN)
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


async def _run(settings: Settings, database: Database) -> int:
    orders = Orders()
    orders.listen()
    while True:
        async with _built(settings, database) as parts:
            status = await live_in(parts, settings, orders)
        if orders.stop.is_set() or status or orders.reload is None:
            return status
        settings = orders.reload.settings
        orders.over.clear()


@asynccontextmanager
async def _built(settings: Settings, database: Database) -> AsyncIterator[Parts]:
    """Build the parts from the ground up; on leaving, drain them and let go of everything."""
    words = words_for(settings.liaison.language)
    registry = Registry.load()
    leases = Leases()
    async with AsyncExitStack() as stack:
        platforms = connect(settings, database, patient=True)
        for platform in platforms.values():
            stack.push_async_callback(platform.close)
        await _take_over(database, leases, platforms)
        stack.push_async_callback(database.run, lambda s: leases.release(s, utc_now()))
        settled = fingerprint(settings)
        await database.run(lambda s: configured(s, settled, utc_now()))
        sealer = Sealer(database, leases, witnesses_of(settings), words)
        doors = Doors(circles_of(settings.channels), settings.directory, utc_now())
        custody = Gatekeeper(doors, await database.run(hash_key))
        rooms = settings.every_room
        doubles = Doubles(rooms, lambda room: platforms[account_of(room)].identity(room))
        frozen = frozen_under(settings, lambda room: doors.door(room).teams, doubles.one_of)
        frozen.hold(await database.read(freezing.standing))
        if frozen.recovery is None:
            stack.push_async_callback(seal_last, sealer)
        house = RunningHouse(
            settings, platforms, utc_now, lambda a: canary.troubles.get(a, ()), doors, frozen,
            custody,
        )  # fmt: skip
        house.sources = pending_of(house)
        places = Places(
            {name: channel_of(name, channel) for name, channel in settings.channels.items()},
            frozenset(settings.liaison.admin_rooms),
            lambda account: platforms[account].capabilities,
            frozenset(team.home for team in settings.teams.values() if team.home is not None),
        )
        warnings = Warnings(places, words)
        notices = Notices(settings.liaison.admin_rooms, words, warnings.refused)
        gate = Admission(custody, words)
        lanes = Lanes(
            database, platforms, leases, notices.tell, gate, stops=frozen.stops, doubles=doubles,
            dress=numbered_by(custody, platforms),
        )  # fmt: skip
        told = TroubleNotices(settings.liaison.admin_rooms, words)
        canary = Canary(database, platforms, lanes, told, doubles=doubles, rooms=rooms)
        stack.push_async_callback(lanes.drain, _DRAIN / 2)
        heard = AudienceNotices(settings.liaison.admin_rooms, words)
        audiences = Audiences(database, platforms, doors, lanes, heard)
        scheduler = Scheduler(
            database, leases, kinds_of(house), lanes.wake, words, settings.liaison.admin_rooms
        )
        desk = Desk(
            database, registry, house, lanes, words, lambda a: platforms[AccountId(a)].capabilities,
            wrote=scheduler.wake, fetch=lambda file: platforms[file.account].open_file(file),
            outside=Outside(enrichers_of(settings), way_of(settings), words).ask,
            words_of=house.words_of,
        )  # fmt: skip
        stack.push_async_callback(desk.drain, _DRAIN / 2)
        handler = Handler(
            places, registry.names, (settings.liaison.name,), words, custody, registry,
            house.words_of,
        )  # fmt: skip
        alarms = Alarms(settings.liaison.admin_rooms, words)
        watch = Watch(handler, frozen, alarms, registry.names, (settings.liaison.name,), doubles)
        handle = Restored(watch, frozen, words, registry.names)
        refetches = Refetches(database, platforms, watch, lanes)
        backfills = Backfills(database, platforms, places, watch, lanes, words)
        closer = Closer(database, house, platforms, leases, signer=signer_of(settings))
        recognition = Recognition(database, custody, places, frozen, lanes.wake)
        stamps = stamps_of(settings, database, leases)
        recoveries = Recoveries(
            database, house, platforms, frozen, [room for room in rooms if not doubles(room)],
            settings.liaison.admin_rooms, words,
            closed=lambda room: room in house.troubles(account_of(room)),
        )  # fmt: skip
        inlets = [
            Inlet(
                database,
                each,
                leases,
                handle,
                lanes,
                desk.take,
                changed=audiences.changed,
                heard=recognition.take,
            )
            for each in platforms.values()
        ]
        pages = Pages(database, lambda: _pulses(platforms, inlets), gallery_of(settings, database))
        publisher = Publisher(
            database, accounts_of(settings), lambda team: of_team(custody.markings, team)
        )
        advisories = Advisories(
            database, accounts_of(settings), lambda: custody.markings, publisher_of(settings), words
        )
        await stack.enter_async_context(
            served(
                settings.web.listen,
                [*pages.routes(), *publisher.routes(), *advisories.routes()],
            )
        )
        feeds = Feeds(
            database,
            readers_of(
                sources_of(settings), advisory_feeds_of(settings), database,
                way_of(settings, folder_of(settings, database)),
                guard=guarded(leases),
            ),
            FeedNotices(settings.liaison.admin_rooms, words), lanes.wake,
        )  # fmt: skip
        bulletins = Bulletins(
            database, newsroom_of(settings, house), lanes.wake, settings.liaison.admin_rooms, words,
            guard=guarded(leases),
        )  # fmt: skip
        lookout = Lookout(database, custody, lanes.wake, words)
        lapses = Lapses(database, house, lanes.wake, words)
        ringer = Ringer(
            database, leases, house, alerts_of(settings), Sender(ways_of(settings)), lanes.wake
        )
        await lanes.start()
        await desk.start()
        yield Parts(
            database, leases, frozen, house, lanes, desk, warnings, canary, audiences, backfills,
            refetches, sealer, scheduler, closer, feeds, bulletins, lookout, lapses, recognition,
            ringer, recoveries, stamps, inlets,
        )  # fmt: skip


def _pulses(
    platforms: Mapping[AccountId, Platform], inlets: Sequence[Inlet]
) -> dict[AccountId, Pulse]:
    return {
        account: Pulse(platform.connected, inlet.arrivals)
        for (account, platform), inlet in zip(platforms.items(), inlets, strict=True)
    }


async def _take_over(
    database: Database, leases: Leases, platforms: dict[AccountId, Platform]
) -> None:
    names = [f"{work}:{account}" for account in platforms for work in ("inlet", "lanes")]
    names += [AUDIT, SCHEDULER, DECISIONS, FEEDS, ALERTS]
    taken = await database.run(lambda s: leases.acquire(s, names, utc_now(), alone=True))
    leases.took(taken)


def _unusable(error: StoreError) -> int:
    print(f"liaison: {error}", file=sys.stderr)  # noqa: T201  for the administrator
    return 3
