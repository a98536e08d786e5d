"""How connections end: one socket by itself, against a server that is slow to say goodbye; all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.sockets import Socket, Wiring
from tests.bot.platforms.slack.workplace import place, run


@asynccontextmanager
async def _greeting() -> AsyncIterator[str]:
    """A server that greets everybody, and never hears the first one's goodbye."""
    links: list[web.WebSocketResponse] = []

    async def greet(request: web.Request) -> web.WebSocketResponse:
        link = web.WebSocketResponse()
        await link.prepare(request)
        links.append(link)
        await link.send_json({"type": "hello"})
        if link is links[0]:
            await asyncio.Event().wait()
        await link.receive()
        return link

    application = web.Application()
    application.router.add_get("/", greet)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def test_one_that_is_stopped_while_it_takes_leave_of_the_old_connection_closes_both() -> None:
    """Only the new one was closed."""

    async def scenario() -> None:
        async with _greeting() as address:
            greeted = asyncio.Semaphore(0)

            async def ask() -> str:
                return address

            socket = Socket(
                1,
                Wiring(
                    ask, AsyncWebClient, lambda _: None, lambda _: None,
                    lambda _: greeted.release(), lambda: None,
                ),
            )  # fmt: skip
            running = asyncio.create_task(socket.run())
            await greeted.acquire()
            assert socket._client is not None
            old = socket._client
            socket.renew()
            await greeted.acquire()
            new = socket._client
            assert new is not old
            while not old.closed:
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])
            for each in (old, new):
                assert each.aiohttp_client_session.closed
                assert each.current_session is not None
                assert each.current_session._response.connection is None

    run(scenario())


def test_an_account_that_is_stopped_while_it_closes_lets_go_of_its_connections() -> None:
    async def scenario() -> None:
        async with place() as at:
            await at.platform.open()
            stuck = asyncio.Event()

            async def never() -> None:
                stuck.set()
                await asyncio.Event().wait()

            known, session = at.platform._known, at.platform._web._session
            known.close = never  # type: ignore[method-assign]  # as where a look-up does not end
            closing = asyncio.create_task(at.platform.close())
            await stuck.wait()
            closing.cancel()
            await asyncio.wait([closing])
            del known.close
            assert session is not None
            assert session.closed

    run(scenario())
