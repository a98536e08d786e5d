from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import NotSent, OutcomeUnknown, Throttled
from bot.platforms.matrix.connection import Connection, path

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
    certificate = _certificate(tmp_path)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)

    async def trusted() -> None:
        async with _server(_good, served) as address:
            with pytest.raises(NotSent):
                await _call(address)
            assert await _call(address, ca_file=str(certificate))

    asyncio.run(trusted())


def _certificate(folder: Path) -> Path:
    """A certificate for loopback, with its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    file = folder / "loopback.pem"
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, private, serialization.NoEncryption())
    )
    return file
