"""HTTPS: who is trusted, and to whom our own certificate is shown."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Way
from bot.feeds.origin import Secrets
from bot.indicators.feeds.source import Source
from tests.certificates import certificate

WAY = Way(most=100_000, total=5.0, idle=2.0)


@asynccontextmanager
async def serving(certificate: Path, leads_to: str = "") -> AsyncIterator[tuple[str, list[bool]]]:
    """Its address, and of each request whether a certificate of ours came with it."""
    shown: list[bool] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate)
    context.load_cert_chain(certificate)
    context.verify_mode = ssl.CERT_OPTIONAL

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        shown.append(bool(request.transport.get_extra_info("peercert")))
        if leads_to:
            return web.Response(status=302, headers={"Location": leads_to})
        return web.Response(text="done")

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}/", shown
    finally:
        await runner.cleanup()


async def fetch(source: Source, way: Way = WAY) -> bytes:
    async with Fetcher(source, way) as fetcher:
        fetched = await fetcher.get(source.url)
        with fetched.file as file:
            return file.read()


def test_a_certificate_is_trusted_where_a_file_says_so(tmp_path: Path) -> None:
    own = certificate(tmp_path)

    async def play() -> None:
        async with serving(own) as (url, _):
            source = Source("acme", "text", url=url)
            with pytest.raises(FeedError, match="certificate"):
                await fetch(source)
            assert await fetch(replace(source, ca_file=str(own))) == b"done"
            assert await fetch(source, replace(WAY, ca_file=str(own))) == b"done"

    asyncio.run(play())


def test_our_certificate_is_shown_to_the_feeds_own_origin_and_to_nobody_else(
    tmp_path: Path,
) -> None:
    own = certificate(tmp_path)

    async def play() -> None:
        async with serving(own) as (other, seen), serving(own, other) as (url, shown):
            source = Source("acme", "text", url=url, ca_file=str(own), internal=("127.0.0.1",),
                            secrets=Secrets(client_cert=str(own)))  # fmt: skip
            assert await fetch(source) == b"done"
            assert (shown, seen) == ([True], [False])
            with pytest.raises(FeedError, match="certificate"):
                await fetch(replace(source, secrets=Secrets(client_cert="/nowhere.pem")))

    asyncio.run(play())
