"""What Slack sends, from its sockets through one queue to the gaps: in order, and never twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.errors import NotSent
from bot.events import (
    AccountId,
    Arrival,
    Event,
    Ignored,
    Mark,
    MessagePosted,
    RoomId,
    Unreadable,
    room_id,
)
from bot.platforms.gaps import Gaps
from bot.platforms.slack.dispatch import Dispatch
from bot.platforms.slack.inbound import room_in
from bot.platforms.slack.sockets import Envelope, Socket, Wiring
from bot.platforms.slack.web import Web

log = structlog.get_logger()

_RECENT = 30.0
"""Seconds for which a room that spoke counts as lively."""
_LONGEST_PATIENCE = 20
"""How many times longer a deaf workspace is waited for, at most, when new sockets do not help."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The numbers that a test turns up."""

    sockets: int = 1
    """Slack allows ten, and sends each payload to any one of them, without a number: two that are
    read at once give no order, and one that dies makes what it held arrive after what the other
    got. One is made anew before its end wherever Slack warns of that; what falls into the gap of
    one that dies without a word is read from history, before what is new."""
    queue: int = 2000
    """Envelopes read and not yet dispatched; what is beyond is dropped, unacknowledged."""
    deaf_after: float = 30.0
    """Seconds within which something must be heard after a message of ours has landed."""
    reconcile: float = 600.0
    spacing: float = 2.0
    first_pause: float = 1.0


class Listening:
    """The sockets of one workspace, and the one consumer of what they read."""

    def __init__(
        self,
        web: Web,
        gaps: Gaps,
        account: AccountId,
        read: Callable[[object], Awaitable[Event]],
        pace: Pace,
    ) -> None:
        self._gaps = gaps
        self._account = account
        self._read = read
        self._pace = pace
        self._dispatch = Dispatch()
        self._queue: asyncio.Queue[Envelope] = asyncio.Queue(pace.queue)
        self._tasks: list[asyncio.Task[None]] = []
        self._first = asyncio.Event()
        self._overflowing = False
        self._greetings = 0
        self._heard = self._landed = 0.0
        self._recent: dict[RoomId, float] = {}
        """When something was last heard from each room."""
        wiring = Wiring(
            address=lambda: socket_address(web),
            web=web.bare_client,
            proxy_for=web.proxy_for,
            take=self._take,
            greeted=self._greeted,
        )
        self.sockets = tuple(Socket(number, wiring) for number in range(pace.sockets))

    @property
    def live(self) -> bool:
        """Whether any socket can be heard."""
        return any(socket.live for socket in self.sockets)

    async def start(self, address: str, within: float) -> None:
        """Begin, the first socket at this address; raises `TimeoutError` when none is greeted."""
        self.sockets[0].start_at(address)
        for work in (*(socket.run() for socket in self.sockets), self._consume(), self._watch()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._done)
            self._tasks.append(task)
        async with asyncio.timeout(within):
            await self._first.wait()

    async def close(self) -> None:
        """End every socket."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def landed(self) -> None:
        """A message of ours landed: Slack will tell us of it, if we can hear."""
        if self._landed <= self._heard:
            self._landed = time.monotonic()

    def deaf(self) -> None:
        """The sockets are open and say nothing: make new ones, and read what was missed."""
        log.warning("sockets.deaf", account=self._account)
        self._gaps.fall_behind()
        for socket in self.sockets:
            socket.renew()

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._gaps.fail(error)

    def _greeted(self) -> None:
        self._greetings += 1
        self._first.set()
        if self._greetings == 1:
            return  # every room begins behind
        if not self.live:
            self._gaps.fall_behind()
            return
        # replaced in time: what was under way on the old connection may come late, or again
        since = time.monotonic() - _RECENT
        self._gaps.fall_behind([room for room, heard in self._recent.items() if heard > since])
        self._gaps.recheck()

    def _take(self, envelope: Envelope) -> None:
        self._heard = time.monotonic()
        channel = room_in(envelope.payload)
        room = None if channel is None else room_id(self._account, channel)
        if room is not None and self._gaps.knows(room):
            self._recent[room] = self._heard
        try:
            self._queue.put_nowait(envelope)
        except asyncio.QueueFull:
            if not self._overflowing:
                log.warning("queue.overflowed", account=self._account)
            self._overflowing = True
            if room is not None:
                self._gaps.fall_behind([room])
        else:
            self._overflowing = False

    async def _consume(self) -> None:
        while True:
            envelope = await self._queue.get()
            await self._gaps.put(await self._arrival(envelope))

    async def _arrival(self, envelope: Envelope) -> Arrival:
        event = await self._event(envelope.payload)
        mark = None
        if isinstance(event, MessagePosted) and self._gaps.knows(event.room):
            mark = Mark(event.room, event.message)

        async def acknowledge(response: object = None) -> None:
            if not envelope.id or await envelope.socket.acknowledge(envelope.id, response):
                return
            for socket in self.sockets:  # where none lives, Slack sends it again
                if await socket.acknowledge(envelope.id, response):
                    return

        return Arrival(event, mark, acknowledge, live=True, received=envelope.received)

    async def _event(self, payload: object) -> Event:
        if not isinstance(payload, dict):
            return Unreadable("frame")
        kind = await self._dispatch.kind_of(payload)
        event = await self._read(payload)
        if kind is None and not isinstance(event, Ignored | Unreadable):
            return Unreadable("unmatched")
        return event

    async def _watch(self) -> None:
        patience, renewed = 1, 0.0
        while True:
            await asyncio.sleep(self._pace.deaf_after / 4)
            if self._heard > renewed:
                patience = 1
            waited = time.monotonic() - self._landed if self._landed > self._heard else 0.0
            if waited > self._pace.deaf_after * patience:
                self._landed, renewed = 0.0, time.monotonic()
                patience = min(patience * 2, _LONGEST_PATIENCE)
                self.deaf()


async def socket_address(web: Web) -> str:
    """A new address for a socket; raises `PlatformError`."""
    answer = await web.call("apps.connections.open")
    address = answer.get("url")
    if not (isinstance(address, str) and address.startswith(("wss://", "ws://"))):
        raise NotSent("unreadable")
    return address
