"""A workspace of the stand-in with our adapter in it, for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pydantic import SecretStr

from bot.events import AccountId, Arrival, Mark, MessagePosted, RoomId
from bot.platforms.base import CatchUp, OpenFile, Recollection, Surroundings
from bot.platforms.slack.connection import SlackPlatform
from bot.platforms.slack.listening import Pace
from bot.platforms.slack.settings import SlackSettings
from bot.platforms.slack.uploads import Patience
from bot.richtext import plain
from bot.sandbox.slack import SlackStandIn, Workspace

ACCOUNT = AccountId("slack:alpha")
QUICK = Pace(reconcile=3600.0, spacing=0.0, first_pause=0.05)
PATIENT = Patience(shown=0.5, first=0.01, longest=0.05, lost=60.0)
T = TypeVar("T")
E = TypeVar("E")


def run(work: Awaitable[T], within: float = 60.0) -> T:
    """Run one test's coroutine; a test that waits for what never comes fails."""

    async def bounded() -> T:
        async with asyncio.timeout(within):
            return await work

    return asyncio.run(bounded())


@dataclass
class Remembered:
    """A `Memory` in memory."""

    marks: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    async def mark(self, scope: str) -> str | None:
        return self.marks.get(scope)

    async def set_mark(self, scope: str, position: str) -> None:
        self.marks.setdefault(scope, position)

    async def recall(self, key: str) -> str | None:
        return self.values.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.values[key] = value

    async def forget(self, key: str) -> None:
        self.values.pop(key, None)


@dataclass
class Reader:
    """Reads a platform's events as the inlet does: commit, acknowledge, go on."""

    memory: Remembered
    commit: Callable[[Arrival], Awaitable[None]] | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    """What was said, each message once, in the order in which it was first seen."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, platform: SlackPlatform) -> None:
        async with aclosing(platform.events()) as arrivals:
            async for arrival in arrivals:
                if self.commit is not None:
                    await self.commit(arrival)
                self._store(arrival)
                await arrival.acknowledge()
                self.changed.set()

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind that were read so far."""
        return [a.event for a in self.arrivals if isinstance(a.event, kind)]

    def _store(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        match arrival.mark:
            case Mark(scope, position):
                self.memory.marks[scope] = position
        match arrival.event:
            case MessagePosted(message=message, body=body) if message not in self.seen:
                self.seen.add(message)
                self.texts.append(plain(body))

    async def until(self, condition: Callable[[], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def becomes(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for what nothing tells of."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


def surroundings(
    rooms: Iterable[RoomId],
    memory: Remembered,
    catch_up: CatchUp | None = None,
    open_file: OpenFile | None = None,
) -> Surroundings:
    limits = {room: catch_up or CatchUp() for room in rooms}
    found = Surroundings(account=ACCOUNT, rooms=frozenset(limits), memory=memory, catch_up=limits)
    return found if open_file is None else replace(found, open_file=open_file)


def settings(workspace: Workspace, **other: str) -> SlackSettings:
    found = workspace.credentials()
    return SlackSettings(
        bot_token=SecretStr(other.get("bot_token", found["bot_token"])),
        app_token=SecretStr(other.get("app_token", found["app_token"])),
        api_url=other.get("api_url", found["api_url"]),
    )


@dataclass
class Place:
    """A workspace with one room, a person in it, and the adapter."""

    workspace: Workspace
    ada: str
    channel: str
    room: RoomId
    memory: Remembered
    platform: SlackPlatform
    reader: Reader

    async def caught_up(self) -> None:
        """Wait until what people say comes live, and from there alone."""
        async with asyncio.timeout(20):
            while self.platform._gaps is None or self.platform._gaps.behind:
                await asyncio.sleep(0.005)  # nothing tells when a room is read

    def say(
        self,
        text: str,
        thread_ts: str | None = None,
        *,
        broadcast: bool = False,
        blocks: bool = True,
    ) -> str:
        return self.workspace.say(
            self.channel, self.ada, text, thread_ts, broadcast=broadcast, blocks=blocks
        )


@asynccontextmanager
async def place(
    *,
    pace: Pace = QUICK,
    catch_up: CatchUp | None = None,
    ack_timeout: float = 3.0,
    memory: Remembered | None = None,
    commit: Callable[[Arrival], Awaitable[None]] | None = None,
    open_file: OpenFile | None = None,
    recollection: Recollection | None = None,
) -> AsyncGenerator[Place, None]:
    async with SlackStandIn(ack_timeout=ack_timeout) as stand_in:
        workspace = stand_in.add_workspace("alpha")
        ada = workspace.person("Ada")
        channel = workspace.room("general", [ada])
        room = RoomId(f"{ACCOUNT}/{channel}")
        memory = memory if memory is not None else Remembered()
        around = surroundings([room], memory, catch_up, open_file)
        platform = SlackPlatform(
            settings(workspace),
            replace(around, recollection=recollection or around.recollection),
            pace=pace,
            patience=PATIENT,
        )
        reader = Reader(memory, commit)
        try:
            yield Place(workspace, ada, channel, room, memory, platform, reader)
        finally:
            await platform.close()


@asynccontextmanager
async def reading(at: Place) -> AsyncGenerator[Reader, None]:
    """The adapter open, and its events being read."""
    await at.platform.open()
    task = asyncio.create_task(at.reader.read(at.platform))
    try:
        yield at.reader
    finally:
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
