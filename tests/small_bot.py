"""The engine as `bot.app` joins it, on fake networks and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy import select

from bot.bridge.baring import opened_bare
from bot.bridge.places import Channel, Places
from bot.bridge.written import open_written
from bot.custody import freezing
from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.decisions import mentioning, proposals
from bot.delivery import outbox
from bot.delivery.admission import Admission
from bot.delivery.doubles import Doubles
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.numbered import Numbered
from bot.delivery.overdue import Warnings
from bot.desk import Desk, unasked
from bot.desk.outside import Outside
from bot.events import HOUSE, AccountId, File, Outgoing, Post, RoomId, account_of
from bot.handler import Handler
from bot.platforms.base import Capabilities
from bot.richtext import say
from bot.schedules.kinds import Kinds
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, TeamKey
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.tables import Inbox, Outbox
from bot.tasks.alarms import Alarms
from bot.tasks.notices import Notices
from bot.tasks.recognising import Recognition
from bot.tasks.scheduler import LEASE as SCHEDULER
from bot.tasks.scheduler import Scheduler
from bot.tasks.watch import Watch
from bot.words import Words, words_for
from commands.registry import Registry
from tests.clock import Clock
from tests.commands.house import SmallHouse
from tests.custody import open_house
from tests.fake_platform import BARE, FakePlatform, FarEnd

WORDS = words_for("en")
_ALARMS = select(Inbox.room, Inbox.message, Inbox.version).where(Inbox.kind == "alarm")


@dataclass
class SmallBot:
    """A running bot: the parts that tests look at."""

    database: Database
    clock: Clock
    platforms: Mapping[AccountId, FakePlatform]
    leases: Leases
    lanes: Lanes
    desk: Desk
    handler: Handler
    warnings: Warnings
    frozen: Frozen
    watch: Watch
    scheduler: Scheduler
    recognition: Recognition
    house: SmallHouse
    inlets: list[Inlet] = field(default_factory=list)
    reading: list[asyncio.Task[None]] = field(default_factory=list)

    async def read(self) -> None:
        """Begin to read every account."""
        self.reading = [asyncio.create_task(inlet.run()) for inlet in self.inlets]

    async def put(self, *outgoing: Outgoing) -> None:
        """Write deliveries and wake their lanes, as a handler's are."""
        self.lanes.wake(await self.database.run(lambda s: outbox.put(s, outgoing, self.clock())))

    async def post(self, room: RoomId, *texts: str) -> None:
        """The bot's own words for a room."""
        await self.put(*(Outgoing(room, Post(say(text))) for text in texts))

    async def rows(self) -> list[Outbox]:
        """Every delivery, in the order in which they were written."""
        return await self.database.read(
            lambda s: list(s.execute(select(Outbox).order_by(Outbox.seq)).scalars())
        )

    async def let_pass(self, step: float) -> None:
        """Wait for something to happen at a far end; where nothing does, `step` seconds pass."""
        ends = [platform.far for platform in self.platforms.values()]
        waits = [asyncio.ensure_future(far.changed.wait()) for far in ends]
        happened, _ = await asyncio.wait(waits, timeout=0.004, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if not happened:
            self.clock.advance(step)
            await self.scheduler.carry_out()
            self.lanes.wake(await self.database.read(outbox.lanes_in_use))

    async def until(
        self, done: Callable[[], bool], *, step: float = 1.0, seconds: float = 40.0
    ) -> None:
        """Let time pass until something is so, at most `seconds` of the real one."""
        async with asyncio.timeout(seconds):
            while not done():
                await self.let_pass(step)

    async def settled(self, *, step: float = 1.0, seconds: float = 40.0) -> None:
        """Let time pass until nothing is on its way any more."""
        async with asyncio.timeout(seconds):
            while await self.database.read(outbox.lanes_in_use):
                await self.let_pass(step)


def places(
    channels: Mapping[str, Sequence[RoomId]],
    admins: Sequence[RoomId] = (),
    capabilities: Capabilities = BARE,
    homes: Iterable[RoomId] = (),
    *,
    chatham_house: bool | Collection[str] = False,
    delay: float = 0,
    recognise: bool = False,
) -> Places:
    """Channels, admin rooms and teams' own on networks that all can do the same. Under the Chatham
    House Rule are all channels, none, or those that are named.
    """
    veiled = channels if chatham_house is True else chatham_house or ()
    named = {
        name: Channel(
            name,
            tuple(rooms),
            chatham_house=name in veiled,
            delay=timedelta(seconds=delay),
            recognise=recognise,
        )
        for name, rooms in channels.items()
    }
    return Places(named, frozenset(admins), lambda _account: capabilities, frozenset(homes))


@asynccontextmanager
async def small_bot(
    database: Database,
    clock: Clock,
    *ends: FarEnd,
    channels: Mapping[str, Sequence[RoomId]] | None = None,
    admins: Sequence[RoomId] = (),
    registry: Registry | None = None,
    capabilities: Capabilities = BARE,
    session: str = "",
    prompt: float = 10.0,
    custody: Gatekeeper | None = None,
    directory: Directory | None = None,
    alarms: bool = False,
    chatham_house: bool | Collection[str] = False,
    admitting: type[Admission] = Admission,
    freezing_by: type[Frozen] = Frozen,
    delay: float = 0,
    kinds: Kinds | Callable[[SmallHouse], Kinds] = MappingProxyType({}),
    recognise: bool = False,
    outside: Outside | None = None,
    third_parties: Mapping[str, Label] = MappingProxyType({}),
    words_of: Callable[[TeamKey | None], Words] | None = None,
) -> AsyncIterator[SmallBot]:
    """Join the parts on far ends; on leaving everything is let go of, as a crash does. `alarms`:
    there may be some, which is a fault elsewhere.
    """
    platforms: dict[AccountId, FakePlatform] = {}

    def open_file(file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if file.account == HOUSE:
            return open_written(file)
        opened = platforms[file.account].open_file(file)
        return opened_bare(opened) if file.bare else opened

    platforms |= {
        far.account: FakePlatform(
            far, StoredMemory(database, far.account), capabilities, session, open_file, clock
        )
        for far in ends
    }
    leases = Leases()
    names = [f"{work}:{account}" for account in platforms for work in ("inlet", "lanes")]
    names.append(SCHEDULER)
    leases.took(await database.run(lambda s: leases.acquire(s, names, clock(), alone=True)))
    teams = () if directory is None else directory.teams.values()
    homes = [team.home for team in teams if team.home is not None]
    where = places(
        channels or {},
        admins,
        capabilities,
        homes,
        chatham_house=chatham_house,
        delay=delay,
        recognise=recognise,
    )
    warnings = Warnings(where, WORDS)
    notices = Notices(admins, WORDS, warnings.refused)
    custody = custody or open_house(channels)
    gate = admitting(custody, WORDS)
    frozen = freezing_by(directory, channels, admins)
    frozen.hold(await database.read(freezing.standing))
    every = [room for rooms in (channels or {}).values() for room in rooms]
    doubles = Doubles(every, lambda room: platforms[account_of(room)].identity(room))
    lanes = Lanes(
        database, platforms, leases, notices.tell, gate,
        clock=clock, prompt=prompt, stops=frozen.stops, doubles=doubles,
        dress=Numbered(
            custody, {proposals.KIND: mentioning.known},
            lambda room, message: platforms[account_of(room)].link_to(room, message),
            lambda _room: capabilities,
        ),
    )  # fmt: skip
    registry = registry or Registry.load()
    house = SmallHouse(
        {name: list(rooms) for name, rooms in (channels or {}).items()},
        teams=directory or Directory(),
        ice=frozen,
        gate=custody,
        admins=admins,
        third_parties=third_parties,
    )
    desk = Desk(
        database, registry, house, lanes, WORDS, lambda _account: capabilities, clock=clock,
        fetch=open_file, outside=unasked if outside is None else outside.ask, words_of=words_of,
    )  # fmt: skip
    handler = Handler(where, registry.names, ("Liaison",), WORDS, custody, registry)

    watch = Watch(handler, frozen, Alarms(admins, WORDS), registry.names, ("Liaison",), doubles)

    def run_command(numbers: list[int]) -> None:
        desk.take(numbers)  # looked up when it is called: a test may put another in its place

    kinds = kinds(house) if callable(kinds) else kinds
    scheduler = Scheduler(database, leases, kinds, lanes.wake, WORDS, admins, clock=clock)
    recognition = Recognition(database, custody, where, frozen, lanes.wake, clock=clock)
    bot = SmallBot(
        database, clock, platforms, leases, lanes, desk, handler, warnings, frozen, watch,
        scheduler, recognition, house,
    )  # fmt: skip
    recognising = asyncio.create_task(recognition.run())
    bot.inlets = [
        Inlet(
            database, each, leases, watch, lanes, run_command, heard=recognition.take, clock=clock
        )
        for each in platforms.values()
    ]
    await lanes.start()
    await desk.start()
    try:
        yield bot
    finally:
        for task in (*bot.reading, recognising):
            task.cancel()
        await asyncio.gather(*bot.reading, recognising, return_exceptions=True)
        await desk.drain(0)
        await lanes.drain(0)
    raised = database.read_now(lambda s: list(s.execute(_ALARMS).all()))
    assert alarms or not raised, f"false alarms: {raised}"
