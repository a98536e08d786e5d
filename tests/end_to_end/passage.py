"""A passage between the bot and the homeserver, which forwards, misbehaves and waits in ambush."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from tests.end_to_end.points import Ambush, Point
from tests.end_to_end.store_view import StoreView

_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
Change = Callable[[dict[str, Any]], None]
"""Alters an answer to `/sync` before it is handed over."""


class Mishap(StrEnum):
    """What can go wrong on the way, on purpose."""

    CUT_BEFORE = "hung up, nothing forwarded"
    CUT_AFTER = "forwarded, and hung up without an answer"
    THROTTLED = "429 with a pause of a second"
    BROKEN = "502, nothing forwarded"
    TWICE = "forwarded twice"


@dataclass(slots=True)
class _Rule:
    mishap: Mishap
    on: str
    times: int
    probability: float


class Passage:
    """An HTTP server on loopback in front of another one."""

    def __init__(self, behind: str, ambush: Ambush, store: StoreView, seed: int = 0) -> None:
        self.behind = behind
        self.url = ""
        self.hits: Counter[Mishap] = Counter()
        self._ambush = ambush
        self._store = store
        self._rules: list[_Rule] = []
        self._changes: list[Change] = []
        self._random = Random(seed)
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._synced = ""
        """The position that the bot was last told."""

    async def __aenter__(self) -> Self:
        served = web.Application(client_max_size=64 * 2**20)
        served.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(
            served, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(
            auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._runner is not None:
                await self._runner.cleanup()
        finally:
            if self._session is not None:
                await self._session.close()

    def misbehave(
        self, mishap: Mishap, on: str = "/send/", *, times: int = 1, probability: float = 1.0
    ) -> None:
        """Let requests whose path holds `on` go wrong, `times` times."""
        self._rules.append(_Rule(mishap, on, times, probability))

    def behave(self) -> None:
        """Let all pass again."""
        self._rules.clear()

    def alter_next_news(self, change: Change) -> None:
        """Alter the next answer to `/sync` that brings something."""
        self._changes.append(change)

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/sync"):
            return await self._sync(request)
        if "/send/m.room.message/" in request.path:
            return await self._send(request)
        return await self._forward(request)

    async def _sync(self, request: web.Request) -> web.StreamResponse:
        asked = request.query.get("since", "")
        if self._synced and asked == self._synced and self._ambush.waits_at(Point.MATRIX_STORED):
            self._ambush.strike()
            return _cut(request)
        response = await self._forward(request)
        if response.status != 200 or not isinstance(response.body, bytes):
            return response
        news = json.loads(response.body)
        spoken = "m.room.message" in json.dumps(news.get("rooms", {}))
        self._synced = news["next_batch"] if spoken else ""
        while spoken and self._changes:
            self._changes.pop(0)(news)
            # halves of surrogate pairs stay escapes, as somebody's server may send them
            response = web.Response(text=json.dumps(news), content_type="application/json")
        if spoken and self._ambush.waits_at(Point.MATRIX_HANDED_OVER):
            with self._store.locked():  # whatever the bot reads, it cannot store
                await response.prepare(request)
                await response.write_eof()
                self._ambush.strike()
        return response

    async def _send(self, request: web.Request) -> web.StreamResponse:
        if self._ambush.waits_at(Point.MATRIX_ASKED):
            self._ambush.strike()
            return _cut(request)
        if self._ambush.waits_at(Point.MATRIX_ANSWERED):
            response = await self._forward(request)
            with self._store.locked():
                await response.prepare(request)
                await response.write_eof()
                self._ambush.strike()
            return response
        response = await self._forward(request)
        if self._ambush.waits_at(Point.MATRIX_SENT):
            self._ambush.strike()
            return _cut(request)
        return response

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        mishap = self._mishap(request.path)
        match mishap:
            case Mishap.CUT_BEFORE:
                return _cut(request)
            case Mishap.BROKEN:
                return web.Response(status=502, text="<html>Bad Gateway</html>")
            case Mishap.THROTTLED:
                told = {"errcode": "M_LIMIT_EXCEEDED", "error": "slow down", "retry_after_ms": 1000}
                return web.json_response(told, status=429)
            case Mishap.TWICE:
                await self._fetch(request, body)
        try:
            response = await self._fetch(request, body)
        except (aiohttp.ClientError, TimeoutError):
            return _cut(request)
        return _cut(request) if mishap is Mishap.CUT_AFTER else response

    async def _fetch(self, request: web.Request, body: bytes) -> web.Response:
        assert self._session is not None
        async with self._session.request(
            request.method,
            self.behind + request.path_qs,
            data=body,
            headers=_kept(request.headers.items()),
            skip_auto_headers=["Content-Type", "Accept-Encoding"],
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            return web.Response(
                status=answer.status, body=content, headers=_kept(answer.headers.items())
            )

    def _mishap(self, path: str) -> Mishap | None:
        for rule in self._rules:
            if rule.on in path and self._random.random() < rule.probability:
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
                self.hits[rule.mishap] += 1
                return rule.mishap
        return None


def _kept(headers: Any) -> CIMultiDict[str]:
    return CIMultiDict((name, text) for name, text in headers if name.lower() not in _HOP_BY_HOP)


def _cut(request: web.Request) -> web.Response:
    """Hang up; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def closed_port() -> int:
    """A port of loopback at which nobody answers."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
