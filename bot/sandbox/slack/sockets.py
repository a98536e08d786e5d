"""Socket Mode: who is connected, what was sent to whom, and what was not acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.slack.things import App, Json
from bot.sandbox.slack.wire import decode, encode

MOST_SOCKETS = 10
"""Connections per app: https://docs.slack.dev/apis/events-api/using-socket-mode/"""
RETRIES = 3
"""Times that Slack sends an event again: https://docs.slack.dev/apis/events-api/#retries"""


@dataclass(slots=True)
class Envelope:
    """One thing sent to an app, until it is acknowledged or given up."""

    id: str
    type: str
    payload: Any
    accepts_response: bool = False
    attempt: int = 0
    sent: int = 0
    acknowledged: bool = False
    given_up: bool = False
    answer: Any = None
    done: Callable[[Envelope], None] | None = None
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def frame(self) -> str:
        """The envelope as it goes over the wire."""
        frame: Json = {
            "envelope_id": self.id,
            "type": self.type,
            "payload": self.payload,
            "accepts_response_payload": self.accepts_response,
        }
        if self.type == "events_api":
            frame["retry_attempt"] = self.attempt
            frame["retry_reason"] = "timeout" if self.attempt else ""
        return encode(frame).decode()


class Socket:
    """One connection; frames leave in the order in which they were put."""

    def __init__(self) -> None:
        self.response = web.WebSocketResponse(autoping=False, max_msg_size=64 * 2**20)
        self.deaf = False
        """Open, and silent: nothing is sent."""
        self.mute_pongs = False
        """As deaf as can be: pings go unanswered too."""
        self.lag: Callable[[], float] = lambda: 0.0
        """Seconds that the next frame takes longer."""
        self._out: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, frame: str) -> None:
        """Send a frame, unless deaf."""
        if not self.deaf:
            self._out.put_nowait(frame)

    def close(self) -> None:
        """Close after what was put before."""
        self._out.put_nowait(None)

    async def write(self) -> None:
        """Send what is put, for as long as the connection lives."""
        while (frame := await self._out.get()) is not None:
            if seconds := self.lag():
                await asyncio.sleep(seconds)
            with contextlib.suppress(ConnectionError):
                await self.response.send_str(frame)
        await self.response.close()


class Switchboard:
    """An app's sockets and envelopes. Each payload goes to any one of the sockets."""

    def __init__(self, app: App, *, ack_timeout: float, keep: int = 10_000) -> None:
        self.app = app
        self.ack_timeout = ack_timeout
        self.refusing = False
        """New sockets are refused."""
        self.sockets: list[Socket] = []
        self.pending: dict[str, Envelope] = {}
        self.given_up: deque[Envelope] = deque(maxlen=keep)
        self.acknowledged = 0
        self.tickets: set[str] = set()
        self.on_change: Callable[[], None] = lambda: None
        self._random = Random(0)  # noqa: S311  repeatable, nothing secret

    def seed(self, seed: int) -> None:
        """Begin the choice among the sockets anew."""
        self._random.seed(seed)

    def ticket(self) -> str:
        """What lets one socket in, once."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection from `hello` to its end."""
        socket = Socket()
        await socket.response.prepare(request)
        writer = asyncio.create_task(socket.write())
        if len(self.sockets) >= MOST_SOCKETS:
            socket.put(encode({"type": "disconnect", "reason": "too_many_websockets"}).decode())
            socket.close()
        else:
            self.sockets.append(socket)
            socket.put(self._hello())
            self.on_change()
        try:
            await self._read(socket)
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
            writer.cancel()
            self.on_change()
        return socket.response

    async def _read(self, socket: Socket) -> None:
        async for message in socket.response:
            if message.type is WSMsgType.PING and not socket.mute_pongs:
                await socket.response.pong(message.data)
            elif message.type is WSMsgType.TEXT and not socket.deaf:
                self._acknowledge(message.data)

    def _hello(self) -> str:
        return encode(
            {
                "type": "hello",
                "num_connections": len(self.sockets),
                "debug_info": {
                    "host": "applink-stand-in",
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
                "connection_info": {"app_id": self.app.id},
            }
        ).decode()

    def _acknowledge(self, frame: str) -> None:
        try:
            answer = decode(frame)
        except ValueError:
            return
        envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
        envelope = self.pending.pop(envelope_id, None) if isinstance(envelope_id, str) else None
        if envelope is None:
            return
        envelope.acknowledged = True
        envelope.answer = answer.get("payload")
        self.acknowledged += 1
        self._finish(envelope)

    def send(self, envelope: Envelope) -> Envelope:
        """Send to one socket; without an acknowledgement in time it is sent again, or given up."""
        self.pending[envelope.id] = envelope
        self._attempt(envelope)
        return envelope

    def _attempt(self, envelope: Envelope) -> None:
        if self.sockets:
            socket = self._random.choice(self.sockets)
            socket.put(envelope.frame())
            envelope.sent += not socket.deaf
        elif envelope.type != "events_api":
            del self.pending[envelope.id]
            envelope.given_up = True
            self._finish(envelope)
            return
        loop = asyncio.get_running_loop()
        envelope.timer = loop.call_later(self.ack_timeout, self._overdue, envelope)

    def _overdue(self, envelope: Envelope) -> None:
        if envelope.id not in self.pending:
            return
        if envelope.type == "events_api" and envelope.attempt < RETRIES:
            envelope.attempt += 1
            self._attempt(envelope)
            return
        del self.pending[envelope.id]
        envelope.given_up = True
        self.given_up.append(envelope)
        self._finish(envelope)

    def _finish(self, envelope: Envelope) -> None:
        if envelope.timer is not None:
            envelope.timer.cancel()
        if envelope.done is not None:
            envelope.done(envelope)
        self.on_change()

    def raw(self, frame: str) -> None:
        """Send any text at all to one socket."""
        if self.sockets:
            self._random.choice(self.sockets).put(frame)

    def warn(self, after: float) -> None:
        """Slack's `disconnect`: a warning now, the end of each present socket `after` seconds."""
        loop = asyncio.get_running_loop()
        for socket in list(self.sockets):
            socket.put(_disconnect("warning"))
            loop.call_later(after, self._refresh, socket)

    def _refresh(self, socket: Socket) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
            socket.put(_disconnect("refresh_requested"))
            socket.close()

    def drop(self, most: int | None = None) -> int:
        """Cut the oldest `most` sockets, or all, without a word; returns how many."""
        dropped = self.sockets[:most]
        self.sockets = self.sockets[len(dropped) :]
        for socket in dropped:
            request = socket.response._req
            if request is not None and request.transport is not None:
                request.transport.abort()
        return len(dropped)

    def lag(self, most: float) -> None:
        """Each frame of the present sockets leaves up to `most` seconds late, in its socket's
        order: two of them mix what is sent over both.
        """
        for socket in self.sockets:
            socket.lag = lambda: self._random.uniform(0.0, most)

    def silence(self, *, pongs: bool, most: int | None = None) -> int:
        """Make the oldest `most` of the present sockets deaf, or all; returns how many."""
        silenced = self.sockets[:most]
        for socket in silenced:
            socket.deaf = True
            socket.mute_pongs = not pongs
        return len(silenced)

    def stop(self) -> None:
        """Let go of every timer."""
        for envelope in self.pending.values():
            if envelope.timer is not None:
                envelope.timer.cancel()
        self.pending.clear()


def _disconnect(reason: str) -> str:
    return encode(
        {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-stand-in"}}
    ).decode()
