"""Socket Mode connections, each kept alive for ever: what Slack sends goes to one taker, in order.

The SDK's client runs each frame as a task of its own, which loses the order; here each is taken
where it is read, by the only method that is replaced.
"""

from __future__ import annotations

import asyncio
import json
import random
import select
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import AccountRefused, PlatformError
from bot.platforms.slack.web import SILENT

log = structlog.get_logger()

_PING = 10.0
"""Seconds between our pings; without an answer for four of them the socket counts as dead."""
_LOOK = 0.2
"""Seconds between two looks at whether a socket still lives: the SDK does not say."""
_CONNECT = 10.0
"""Seconds for opening a socket, until Slack's `hello`."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """One frame that wants an acknowledgement, and the socket that it came by.

    `id` is empty for a frame that cannot be acknowledged.
    """

    id: str
    payload: object
    socket: Socket
    received: float
    """`time.perf_counter()` at which the frame was read."""


class _Frames(SocketModeClient):
    """The SDK's client, which hands over each frame at once and in order."""

    def __init__(
        self, web: AsyncWebClient, proxy: str | None, take: Callable[[_Frames, str], None]
    ) -> None:
        super().__init__(
            app_token="",  # the address is asked for by `Web`
            logger=SILENT,
            web_client=web,
            auto_reconnect_enabled=False,  # `Socket` connects anew, by a new client
            ping_interval=_PING,
        )
        self.proxy = proxy
        self._take = take
        self.greeted = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether Slack has greeted, and the connection is not known to have ended since."""
        session = self.current_session
        return self.greeted.is_set() and session is not None and not session.closed

    async def enqueue_message(self, message: str) -> None:
        """Instead of the SDK's queue."""
        self._take(self, message)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a socket is joined to."""

    address: Callable[[], Awaitable[str]]
    """Asks for a new address to connect to; raises `PlatformError`."""
    web: Callable[[], AsyncWebClient]
    proxy_for: Callable[[str], str | None]
    take: Callable[[Envelope], None]
    greeted: Callable[[Socket], None]
    """Called at each `hello`, before the new connection counts as live."""
    lost: Callable[[], None]
    """Called when a connection has died without a warning."""


class Socket:
    """One connection, kept alive by `run`."""

    def __init__(self, number: int, wiring: Wiring) -> None:
        self.number = number
        self._wiring = wiring
        self._client: _Frames | None = None
        self._old: _Frames | None = None
        """Still heard while its replacement is being made."""
        self._address: str | None = None
        self._ended = asyncio.Event()
        self.refused: AccountRefused | None = None
        """Why there is no new connection, where it is for the app's own token."""

    @property
    def live(self) -> bool:
        """Whether something can be heard on it now."""
        return any(client is not None and client.is_open for client in (self._client, self._old))

    @property
    def unread(self) -> bool:
        """Whether bytes have come that nobody has read yet."""
        session = self._client.current_session if self._client else None
        found = None if session is None else session.get_extra_info("socket")
        if found is None or found.fileno() < 0:
            return False
        polling = select.poll()
        polling.register(found, select.POLLIN)
        return bool(polling.poll(0))

    def start_at(self, address: str) -> None:
        """Use this address, which was just asked for, for the first connection."""
        self._address = address

    async def run(self) -> None:
        """Connect, and again whenever the connection ends; until cancelled."""
        attempt = 0
        try:
            while True:
                try:
                    await self._connect()
                except (PlatformError, TimeoutError) as error:
                    self.refused = error if isinstance(error, AccountRefused) else None
                    await self._pause(error, attempt)
                    attempt = min(attempt + 1, 10)
                else:
                    attempt, self.refused = 0, None
                    await self._until_ended()
        finally:
            try:
                await self._drop(self._old)
            finally:
                await self._drop(self._client)

    def renew(self) -> None:
        """Make a new connection in place of this one."""
        self._ended.set()

    async def acknowledge(self, envelope_id: str, payload: object = None) -> bool:
        """Answer an envelope; False where the connection is gone."""
        client = self._client
        session = client.current_session if client else None
        if session is None or session.closed:
            return False
        answer: dict[str, object] = {"envelope_id": envelope_id}
        if payload is not None:
            answer["payload"] = payload
        try:
            await session.send_str(json.dumps(answer))
        except (ConnectionError, aiohttp.ClientError, RuntimeError):
            return False
        return True

    async def _connect(self) -> None:
        """A new connection; the old one is heard until the new one has been greeted."""
        address, self._address = self._address or await self._wiring.address(), None
        client = _Frames(self._wiring.web(), self._wiring.proxy_for(address), self._read)
        client.wss_uri = address
        self._old, self._client = self._client, client
        self._ended.clear()
        try:
            async with asyncio.timeout(_CONNECT):
                await client.connect()  # type: ignore[no-untyped-call]  # the SDK's
                await client.greeted.wait()
        except BaseException:
            self._client, self._old = self._old, None
            await self._drop(client)
            raise
        old, self._old = self._old, None
        await self._drop(old)
        log.info("socket.connected", socket=self.number)

    async def _until_ended(self) -> None:
        while not self._ended.is_set() and self._client and await self._client.is_connected():
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._ended.wait()
        log.info("socket.ended", socket=self.number)
        if not self._ended.is_set():
            self._wiring.lost()

    async def _pause(self, error: Exception, attempt: int) -> None:
        reason = error.reason if isinstance(error, PlatformError) else "timeout"
        asked = error.retry_after if isinstance(error, PlatformError) else None
        mend = {"mend": error.mend} if isinstance(error, AccountRefused) else {}
        log.warning("socket.not_connected", socket=self.number, reason=reason, **mend)
        pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311  jitter
        await asyncio.sleep(max(asked or 0.0, pause))

    async def _drop(self, client: _Frames | None) -> None:
        if client is None:
            return
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        try:
            with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                await client.close()  # type: ignore[no-untyped-call]  # the SDK's
        finally:  # also where we are stopped while Slack takes its time to say goodbye
            for task in filter(None, tasks):
                task.cancel()
            await client.aiohttp_client_session.close()
            if client.current_session is not None:
                await client.current_session.close()  # which has nobody to wait for any more
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)

    def _read(self, client: _Frames, raw: str) -> None:
        received = time.perf_counter()
        frame: Any
        try:
            frame = json.loads(raw)
        except (ValueError, RecursionError):
            frame = None
        match frame:
            case {"type": "hello"}:
                self._wiring.greeted(self)
                client.greeted.set()
            case {"type": "disconnect"}:
                if client is self._client:
                    self._ended.set()
            case {"envelope_id": str(envelope_id), **rest}:
                self._wiring.take(Envelope(envelope_id, rest.get("payload"), self, received))
            case _:
                self._wiring.take(Envelope("", None, self, received))
