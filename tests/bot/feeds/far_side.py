"""A server that does whatever a test has it do, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FarSide:
    """Answers on loopback. `answers`: by path; `asked`: every request, in order."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(
        self, path: str, body: bytes | str, kind: str = "text/plain", status: int = 200, **more: str
    ) -> None:
        """Always the same at a path; `more`: headers, with underscores for hyphens."""
        data = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": kind} | {k.replace("_", "-"): v for k, v in more.items()}

        async def answer(_request: web.Request) -> web.StreamResponse:
            return web.Response(body=data, status=status, headers=headers)

        self.answers[path] = answer

    def leads(self, path: str, to: str, status: int = 302, **more: str) -> None:
        self.says(path, "", status=status, Location=to, **more)

    def keeps(self, path: str, text: str) -> Answer:
        """The same at a path, which has not changed for those who have had it; the answer."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.headers.get("If-None-Match") == '"1"':
                return web.Response(status=304)
            return web.Response(text=text, headers={"ETag": '"1"'})

        self.answers[path] = answer
        return answer

    def hangs(self, path: str) -> asyncio.Event:
        """Answers nothing at a path, for ever; what is set once somebody has asked."""
        begun = asyncio.Event()

        async def answer(_request: web.Request) -> web.StreamResponse:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        self.answers[path] = answer
        return begun

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        answer = self.answers.get(request.path)
        return web.Response(status=404) if answer is None else await answer(request)


@asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    side = FarSide()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await side.handle(request)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        side.port = runner.addresses[0][1]
        yield side
    finally:
        await runner.cleanup()


@asynccontextmanager
async def proxy() -> AsyncIterator[str]:
    """An HTTP proxy that answers whatever it is asked for with the host; its address."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=f"by proxy: {request.host}")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
