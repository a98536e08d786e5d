"""A small server: `/healthz`, `/readyz`, `/metrics`, and pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy import text

from bot.errors import ConfigurationError, StoreError
from bot.events import AccountId
from bot.store.database import Database
from bot.web.gallery import Gallery, kind_of
from bot.web.metrics import CONTENT_TYPE, Pulse, calls, deliveries, written

Pulses = Callable[[], Mapping[AccountId, Pulse]]

_PICTURE = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


class Pages:
    """What is answered."""

    def __init__(self, database: Database, pulses: Pulses, gallery: Gallery | None) -> None:
        self._database = database
        self._pulses = pulses
        self._gallery = gallery

    def routes(self) -> list[web.RouteDef]:
        """Every page that there is."""
        return [
            web.get("/healthz", self._health),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._metrics),
            web.get("/pictures/{name}", self._picture),
        ]

    async def _health(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text="ok\n")

    async def _ready(self, _request: web.Request) -> web.StreamResponse:
        try:
            await self._database.read(lambda session: session.execute(text("SELECT 1")).scalar())
        except StoreError:
            return web.Response(status=503, text="the store cannot be used\n")
        if not any(pulse.connected for pulse in self._pulses().values()):
            return web.Response(status=503, text="no account is connected\n")
        return web.Response(text="ok\n")

    async def _metrics(self, _request: web.Request) -> web.StreamResponse:
        try:
            found = await self._database.read(deliveries)
            paged = await self._database.read(calls)
        except StoreError:
            return web.Response(status=503, text="the store cannot be used\n")
        body = written(self._pulses(), found, paged)
        return web.Response(text=body, headers={"Content-Type": CONTENT_TYPE})

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = None if self._gallery is None else self._gallery.path(name)
        if path is None:
            return web.Response(status=404)
        headers = _PICTURE | {"Content-Type": kind_of(name)}
        return web.FileResponse(path, headers=headers)


@asynccontextmanager
async def served(listen: str | None, routes: Sequence[web.RouteDef]) -> AsyncIterator[int]:
    """Serve these at `HOST:PORT` while this is entered (the port is given); nothing where that is
    None.

    Raises `ConfigurationError` where that address is not to be had.
    """
    if listen is None:
        yield 0
        return
    host, _, port = listen.rpartition(":")
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            words = f"web.listen: {listen} is not to be had: {error.strerror or 'no such address'}"
            raise ConfigurationError([words]) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
