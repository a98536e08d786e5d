from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import NotSent, OutcomeUnknown, Throttled
from bot.platforms.matrix.connection import Connection, path
from tests.certificates import certificate

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def _server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # asyncio's own
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _never(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def _throttle(request: web.Request) -> web.StreamResponse:
    return web.json_response(
        {"errcode": "M_LIMIT_EXCEEDED"}, status=429, headers={"Retry-After": "3"}
    )


async def _nonsense(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>welcome to the hotel</html>")


async def _good(request: web.Request) -> web.StreamResponse:
    return web.json_response(
        {"token": request.headers.get("Authorization"), "at": request.raw_path}
    )


async def _call(address: str, wait: float = 5.0, **more: object) -> dict[str, object]:
    link = Connection(address, **more)  # type: ignore[arg-type]  # each test gives what it needs
    link.token = "secret"
    try:
        where = path("rooms", "!a/b", "send", "m.room.message", "d1", query="x y")
        return await link.call(dict, "PUT", where, {"body": "x"}, wait=wait)
    finally:
        await link.close()


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (_hang_up, OutcomeUnknown),
        (_never, OutcomeUnknown),
        (_nonsense, OutcomeUnknown),
        (_throttle, Throttled),
    ],
)
def test_what_goes_wrong_is_told_apart(handler: Handler, error: type[Exception]) -> None:
    async def wrong() -> None:
        async with _server(handler) as address:
            with pytest.raises(error) as caught:
                await _call(address, wait=0.3)
            assert type(caught.value) is error
            assert getattr(caught.value, "retry_after", None) in {None, 3.0}

    asyncio.run(wrong())


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
def test_what_cannot_be_reached_was_not_sent(address: str) -> None:
    with pytest.raises(NotSent) as caught:
        asyncio.run(_call(address))
    assert caught.value.reason == "unreachable"


def test_paths_are_quoted_and_the_token_is_in_no_address() -> None:
    async def good() -> None:
        async with _server(_good) as address:
            told = await _call(address)
            assert told["token"] == "Bearer secret"
            where = "/_matrix/client/v3/rooms/!a%2Fb/send/m.room.message/d1?query=x+y"
            assert told["at"] == where

    asyncio.run(good())


def test_every_request_goes_through_the_proxy_but_for_the_exceptions() -> None:
    async def proxied() -> None:
        asked: list[bytes] = []

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readline())
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        proxy = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, _server(_good) as address:
            with pytest.raises(NotSent):
                await _call(address, proxy=proxy)
            assert asked[0].startswith(b"CONNECT 127.0.0.1:")
            await _call(address, proxy=proxy, no_proxy=("127.0.0.1",))
            assert len(asked) == 1

    asyncio.run(proxied())


def test_a_certificate_is_trusted_where_the_file_says_so(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(own)

    async def trusted() -> None:
        async with _server(_good, served) as address:
            with pytest.raises(NotSent):
                await _call(address)
            assert await _call(address, ca_file=str(own))

    asyncio.run(trusted())


def test_what_is_asked_after_the_end_is_not_sent_and_connects_to_nobody() -> None:
    """The library connected anew, and that connection was nobody's to close."""

    async def ended() -> None:
        async with _server(_good) as address:
            link = Connection(address)
            await link.call(dict, "GET", "/")
            await link.close()
            with pytest.raises(NotSent, match="closed"):
                await link.call(dict, "GET", "/")
            with pytest.raises(NotSent, match="closed"):
                async with link.download("/"):
                    pass
            assert link._client.client_session is None

    asyncio.run(ended())
