"""The engine alone, in a process of its own: inlet, handler, store, lanes, instant networks.

`python -m tests.benchmarks.engine` prints one JSON object: what it did and what that cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.bridge.places import Channel, Places
from bot.delivery.admission import Admission
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lease import Leases
from bot.errors import Refused
from bot.events import (
    AccountId,
    Arrival,
    Author,
    CommandTyped,
    Delivery,
    File,
    Mark,
    MessageId,
    MessagePosted,
    RoomId,
    person_id,
    room_id,
)
from bot.forms import Form
from bot.handler import Handler
from bot.log import set_up
from bot.platforms.base import Capabilities, Finding, Identity, RoomInfo, Roster, Sent, Trouble
from bot.richtext import plain, say
from bot.store.database import open_database
from bot.store.schema import upgrade
from bot.words import words_for
from tests.benchmarks.measures import Spread, resident, spread
from tests.custody import open_house

ACCOUNTS = (AccountId("slack:alpha"), AccountId("slack:bravo"), AccountId("matrix:coalition"))
CHANNELS = 7
"""With one room of each account: 21 rooms, and two targets for each message."""


@dataclass
class Stopwatch:
    """When each message was said, and how long each of its copies took."""

    said: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    landed: int = 0
    progress: asyncio.Event = field(default_factory=asyncio.Event)


class Instant:
    """A network that answers at once; its people speak when `say` is called."""

    session = ""
    connected = True
    capabilities = Capabilities(longest_text=4000, idempotent_for=0.0, request_timeout=30.0)

    def __init__(self, account: AccountId, watch: Stopwatch) -> None:
        self.account = account
        self._watch = watch
        self._said: asyncio.Queue[Arrival] = asyncio.Queue()
        self._landed = 0

    def say(self, room: RoomId, number: int) -> None:
        """Somebody says something."""
        text = f"message {number:07d}, about as long as people write in such a room"
        message = MessageId(f"{number}")
        self._watch.said[text] = time.perf_counter()
        author = Author(person_id(self.account, f"U{number % 50}"), f"Person {number % 50}")
        event = MessagePosted(room, message, author, say(text), datetime.now(UTC))
        self._said.put_nowait(Arrival(event, Mark(room, f"{number:017d}")))

    async def events(self) -> AsyncIterator[Arrival]:
        """What people say, as they say it."""
        while True:
            yield await self._said.get()

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        """Nobody asks."""

    async def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        """Nothing was said before."""
        nothing: tuple[Arrival, ...] = ()
        for arrival in nothing:
            yield arrival

    async def past(self, room: RoomId, since: datetime, most: int) -> AsyncIterator[Arrival]:
        """Nothing was said before."""
        nothing: tuple[Arrival, ...] = ()
        for arrival in nothing:
            yield arrival

    async def deliver(self, delivery: Delivery) -> Sent:
        """Land it at once."""
        self._landed += 1
        self._watch.landed += 1
        begun = self._watch.said.get(plain(delivery.content.body))  # type: ignore[union-attr]  # a post
        if begun is not None:
            self._watch.seconds.append(time.perf_counter() - begun)
        self._watch.progress.set()
        return Sent(MessageId(f"landed-{self._landed}"))

    async def open(self) -> None:
        """It is open."""

    async def find(self, delivery: Delivery) -> Sent | None:
        """Nothing is ever lost here."""
        return None

    async def roster(self, room: RoomId) -> Roster:
        """Nobody reads a room but the bot."""
        return Roster(())

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        """Nothing is kept here."""
        return None

    def open_file(self, file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Nobody has files here."""
        raise Refused("no_files")

    async def check(self) -> Sequence[Finding]:
        """Nothing to find."""
        return ()

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        return None

    def identity(self, room: RoomId) -> Identity | None:
        """Each a conversation of its own."""
        return Identity(room)

    async def probe(self) -> Sequence[Trouble]:
        """All is always well."""
        return ()

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        raise NotImplementedError

    async def list_rooms(self) -> Sequence[RoomInfo]:
        """None of interest."""
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True)
class EngineRun:
    """What a run of the engine alone gave; times in milliseconds, memory in MB."""

    messages: int
    seconds: float
    rate: float
    backlog: float
    """Seconds from the last word said until the last copy landed."""
    spread: Spread
    memory: dict[int, float]
    processor: float
    """Share of one core."""


async def run(folder: Path, rate: float, messages: int) -> EngineRun:
    """Say `messages` messages, `rate` a second, and wait until all their copies have landed."""
    database = open_database(f"sqlite:///{folder}/engine.db")
    upgrade(database.engine)
    watch = Stopwatch()
    platforms = {account: Instant(account, watch) for account in ACCOUNTS}
    leases = Leases()
    names = [f"{work}:{account}" for account in platforms for work in ("inlet", "lanes")]
    leases.took(await database.run(lambda s: leases.acquire(s, names, utc_now(), alone=True)))
    rooms = [
        tuple(room_id(account, f"R{number:02d}") for account in ACCOUNTS)
        for number in range(CHANNELS)
    ]
    words = words_for("en")
    custody = open_house({f"c{number}": own for number, own in enumerate(rooms)})
    gate = Admission(custody, words)
    lanes = Lanes(database, platforms, leases, lambda _session, _concern, _now: set(), gate)
    places = Places(
        {f"c{number}": Channel(f"c{number}", own) for number, own in enumerate(rooms)},
        frozenset(),
        lambda account: platforms[account].capabilities,
    )
    handler = Handler(places, frozenset({"help"}), ("Liaison",), words, custody)

    def no_commands(_numbers: list[int]) -> None:
        """Nobody types one here."""

    inlets = [
        Inlet(database, platform, leases, handler, lanes, no_commands)
        for platform in platforms.values()
    ]
    reading = [asyncio.create_task(inlet.run()) for inlet in inlets]
    memory = {0: resident()}
    begun, used = time.perf_counter(), time.process_time()
    for number in range(messages):
        pause = begun + number / rate - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        elif number % 20 == 0:
            await asyncio.sleep(0)
        channel = rooms[number % CHANNELS]
        platforms[ACCOUNTS[number % 3]].say(channel[number % 3], number)
        if number + 1 in {1000, 10_000, 50_000, 100_000}:
            memory[number + 1] = resident()
    said = time.perf_counter()
    while watch.landed < messages * 2:
        watch.progress.clear()
        await asyncio.wait_for(watch.progress.wait(), 60)
    landed = time.perf_counter()
    busy = time.process_time() - used
    memory[messages] = resident()
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    await lanes.drain(1)
    database.close()
    return EngineRun(
        messages=messages,
        seconds=landed - begun,
        rate=messages / (landed - begun),
        backlog=landed - said,
        spread=spread(watch.seconds),
        memory=memory,
        processor=busy / (landed - begun),
    )


def main() -> None:
    """Run with what the command line says and print the outcome as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine")
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--messages", type=int, default=3000)
    options = parser.parse_args()
    set_up("info")
    with tempfile.TemporaryDirectory() as folder:
        done = asyncio.run(run(Path(folder), options.rate, options.messages))
    print(json.dumps(done, default=lambda value: value.__dict__))


if __name__ == "__main__":
    main()
