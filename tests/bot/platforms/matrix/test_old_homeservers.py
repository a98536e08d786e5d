from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from aiohttp import web

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import AccountId, Delivery, DeliveryId, File, RoomId, Share
from bot.platforms.matrix.connection import Connection
from bot.platforms.matrix.media import Media
from tests.bot.platforms.matrix.house import Memory
from tests.bot.platforms.matrix.test_connection import Handler, _server
from tests.bot.platforms.matrix.test_media import BYTES, Home

T = TypeVar("T")
LYING = File(
    account=AccountId("matrix:coalition"), handle='{"mxc":"mxc://old.example/x"}', name="a"
)
DELIVERY = Delivery(
    DeliveryId("d" + "1" * 26), RoomId("matrix:coalition/!r"), Share(LYING)
)  # fmt: skip


def _with_media(handler: Handler, work: Callable[[Media], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _server(handler) as url:
            connection = Connection(url, timeout=0.5)
            try:
                return await work(Media(connection, Memory(), Home().open))
            finally:
                await connection.close()

    return asyncio.run(run())


async def _whole(media: Media) -> bytes:
    async with media.open(LYING) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def _old(request: web.Request) -> web.StreamResponse:
    """A homeserver from before authenticated media."""
    if not request.path.startswith("/_matrix/media/v3/"):
        return web.json_response({"errcode": "M_UNRECOGNIZED"}, status=404)
    if request.path.endswith("/config"):
        return web.json_response({"m.upload.size": 100})
    return web.Response(body=BYTES)


def test_a_homeserver_without_authenticated_media_is_asked_in_the_old_way() -> None:
    async def limit(media: Media) -> int | None:
        await media.learn_limit()
        return media.largest

    assert _with_media(_old, limit) == 100
    assert _with_media(_old, _whole) == BYTES


async def _gone(request: web.Request) -> web.StreamResponse:
    return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)


async def _stalls(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"x" * 10)
    await asyncio.Event().wait()
    return answer


async def _cuts(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"x" * 10)
    assert request.transport is not None
    request.transport.close()
    return answer


@pytest.mark.parametrize(
    ("handler", "error"), [(_gone, Refused), (_stalls, OutcomeUnknown), (_cuts, OutcomeUnknown)]
)
def test_a_download_that_ends_early_is_an_error(
    handler: Handler, error: type[PlatformError]
) -> None:
    with pytest.raises(error):
        _with_media(handler, _whole)


async def _small(request: web.Request) -> web.StreamResponse:
    return web.json_response({"errcode": "M_TOO_LARGE"}, status=413)


async def _hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def _nowhere(request: web.Request) -> web.StreamResponse:
    await request.read()
    return web.json_response({"content_uri": "https://evil.example/x"})


@pytest.mark.parametrize(
    ("handler", "error", "reason"),
    [
        (_small, Refused, "too large"),
        (_hangs_up, NotSent, "connection lost"),
        (_nowhere, NotSent, "unreadable answer"),
    ],
)
def test_an_upload_that_fails_can_be_told_and_tried_again(
    handler: Handler, error: type[PlatformError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        _with_media(handler, lambda media: media.place(DELIVERY, LYING))
