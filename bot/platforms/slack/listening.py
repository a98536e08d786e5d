"""What Slack sends, from its sockets through one queue to the gaps: in order, and never twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

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
from bot.forms import Mistakes
from bot.platforms.gaps import Gaps
from bot.platforms.ordering import RoomQueue
from bot.platforms.slack import modals
from bot.platforms.slack.dispatch import Dispatch
from bot.platforms.slack.hearing import Hearing, Place
from bot.platforms.slack.inbound import moment_in, room_in
from bot.platforms.slack.sockets import Envelope, Socket, Wiring
from bot.platforms.slack.web import Web

log = structlog.get_logger()

_RECENT = 30.0
"""Seconds for which a room that spoke counts as lively."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The numbers that a test turns up."""

    sockets: int = 2
    """Slack allows ten, and sends each payload to any one of them, without a number: while one is
    made anew the other is heard. What a burst mixes is put right while it waits, by the moments
    that Slack names (`RoomQueue`); nothing is waited for. One is made anew before its end wherever
    Slack warns of that; what one held that died without a word is read from history at once where
    somebody spoke lately, and everywhere else a little later."""
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
        read: Callable[[object], Awaitable[Sequence[Event]]],
        doubt: Callable[[], None],
        pace: Pace,
    ) -> None:
        """`read` gives what a payload means, one event at least; `doubt` is called when any event
        may have been missed, of whatever room.
        """
        self._gaps = gaps
        self._places = web.places
        self._account = account
        self._read = read
        self._doubt = doubt
        self._pace = pace
        self._dispatch = Dispatch()
        self._queue: RoomQueue[Envelope] = RoomQueue(pace.queue, _place_of)
        self._tasks: list[asyncio.Task[None]] = []
        self._first = asyncio.Event()
        self._overflowing = False
        self._greeted_once: set[int] = set()
        self._hearing = Hearing(pace.sockets, pace.deaf_after)
        self._recent: dict[RoomId, float] = {}
        """When something was last heard from each room."""
        wiring = Wiring(
            address=lambda: socket_address(web),
            web=web.bare_client,
            proxy_for=web.proxy_for,
            take=self._take,
            greeted=self._greeted,
            lost=self._lost,
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

    def landed(self, place: Place) -> None:
        """A message of ours landed: Slack will tell us of it, if we can hear."""
        self._hearing.landed(place, time.time())

    def missed(self, said: float) -> None:
        """History shows what was said at this time, and nobody has told us."""
        self._renew(self._hearing.missed(said, time.time()))

    def _renew(self, deaf: Sequence[int]) -> None:
        """These are open and say nothing: make new ones, and read what was missed."""
        if not deaf:
            return
        log.warning("sockets.deaf", account=self._account, sockets=list(deaf))
        self._miss()
        for number in deaf:
            self.sockets[number].renew()

    def _miss(self) -> None:
        """Anything may have been missed."""
        self._doubt()
        self._gaps.fall_behind()

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._gaps.fail(error)

    def _greeted(self, socket: Socket) -> None:
        self._hearing.began(socket.number, time.time())
        begun = bool(self._greeted_once)
        again = socket.number in self._greeted_once
        self._greeted_once.add(socket.number)
        self._first.set()
        if not begun:
            return  # every room begins behind
        if not self.live:
            self._miss()
        elif again:
            # replaced in time: what was under way on the old connection may come late, or again
            self._lost()
            self._gaps.recheck()

    def _lost(self) -> None:
        """What a connection held is sent again, late: where people speak it is read at once."""
        if not self.live:
            return  # everything is read again as soon as anything can be heard
        since = time.monotonic() - _RECENT
        self._gaps.fall_behind([room for room, heard in self._recent.items() if heard > since])

    def _take(self, envelope: Envelope) -> None:
        envelope = replace(envelope, payload=self._places.inward(envelope.payload))
        channel, moment = room_in(envelope.payload), moment_in(envelope.payload)
        place = None if channel is None else (channel, moment)
        self._hearing.heard(envelope.socket.number, place, time.time())
        room = None if channel is None else room_id(self._account, channel)
        if room is not None and self._gaps.knows(room):
            self._recent[room] = time.monotonic()
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
            if any(socket.unread for socket in self.sockets if socket is not envelope.socket):
                self._queue.put_back(envelope)
                await asyncio.sleep(0)  # the loop reads it now: perhaps what happened before
                envelope = self._queue.get_nowait()
            *before, event = await self._events(envelope.payload)
            for each in before:
                await self._gaps.put(Arrival(each))
            await self._gaps.put(self._arrival(envelope, event))

    def _arrival(self, envelope: Envelope, event: Event) -> Arrival:
        mark = None
        if isinstance(event, MessagePosted) and self._gaps.knows(event.room):
            mark = Mark(event.room, event.message)

        async def acknowledge(response: object = None) -> None:
            if isinstance(response, Mistakes):
                response = modals.errors(response)
            if not envelope.id or await envelope.socket.acknowledge(envelope.id, response):
                return
            for socket in self.sockets:  # where none lives, Slack sends it again
                if await socket.acknowledge(envelope.id, response):
                    return

        moment, received = moment_in(envelope.payload), envelope.received
        return Arrival(event, mark, acknowledge, live=True, received=received, moment=moment)

    async def _events(self, payload: object) -> Sequence[Event]:
        if not isinstance(payload, dict):
            return [Unreadable("frame")]
        kind = await self._dispatch.kind_of(payload)
        events = await self._read(payload)
        if kind is None and not isinstance(events[-1], Ignored | Unreadable):
            return [Unreadable("unmatched")]
        return events

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._pace.deaf_after / 4)
            self._renew(self._hearing.deaf(time.time()))


def _place_of(envelope: Envelope) -> Place | None:
    channel, moment = room_in(envelope.payload), moment_in(envelope.payload)
    return (channel, moment) if channel and moment else None


async def socket_address(web: Web) -> str:
    """A new address for a socket; raises `PlatformError`."""
    answer = await web.call("apps.connections.open")
    address = answer.get("url")
    if not (isinstance(address, str) and address.startswith(("wss://", "ws://"))):
        raise NotSent("unreadable")
    return address
