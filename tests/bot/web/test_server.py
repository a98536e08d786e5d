"""What is served says how the bot is, and nothing of anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.delivery import outbox
from bot.delivery.naming import lane_of
from bot.errors import ConfigurationError
from bot.events import AccountId, Answer, Outgoing, PersonId, Post, RoomId
from bot.richtext import say
from bot.store.database import Database
from bot.web.gallery import Gallery
from bot.web.metrics import Pulse
from bot.web.server import Pages, served

ALPHA = AccountId("slack:alpha")
NOW = datetime(2026, 3, 4, tzinfo=UTC)
Ask = Callable[[str], Awaitable[tuple[int, str, bytes]]]


@asynccontextmanager
async def serving(
    database: Database, *, connected: bool = True, gallery: Gallery | None = None
) -> AsyncIterator[Ask]:
    pages = Pages(database, lambda: {ALPHA: Pulse(connected, 7)}, gallery)
    async with served("127.0.0.1:0", pages.routes()) as port, aiohttp.ClientSession() as http:

        async def ask(path: str) -> tuple[int, str, bytes]:
            async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, answer.content_type, await answer.read()

        yield ask


def test_it_is_ready_while_an_account_is_connected_and_the_store_can_be_read(
    database: Database,
) -> None:
    async def asked() -> None:
        for connected, status in ((True, 200), (False, 503)):
            async with serving(database, connected=connected) as ask:
                assert (await ask("/readyz"))[0] == status
                assert (await ask("/healthz"))[0] == 200

    asyncio.run(asked())


def test_the_metrics_count_and_name_nobody(database: Database) -> None:
    room, person = RoomId("slack:alpha/C1SECRET"), PersonId("slack:alpha/U1SECRET")
    posts = [
        Outgoing(room, Post(say("a canary"))),
        Outgoing(room, Answer(person, say("a canary")), lane_of(person)),
    ]
    database.run_now(lambda session: outbox.put(session, posts, NOW))

    async def asked() -> str:
        async with serving(database) as ask:
            status, kind, body = await ask("/metrics")
            assert (status, kind) == (200, "text/plain")
            return body.decode()

    text = asyncio.run(asked())
    assert 'liaison_deliveries{account="slack:alpha",state="waiting"} 2\n' in text
    assert 'liaison_deliveries{account="slack:alpha",state="dead"} 0\n' in text
    assert 'liaison_connected{account="slack:alpha"} 1\n' in text
    assert 'liaison_arrivals_total{account="slack:alpha"} 7\n' in text
    assert 'liaison_alerts{state="failed"} 0\n' in text
    assert "liaison_pages_ringing 0\n" in text
    assert not any(word in text for word in ("SECRET", "canary"))


def test_a_picture_is_served_as_what_it_is_and_nothing_else_is(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    gallery = Gallery(tmp_path / "pictures", "https://x.example")

    async def asked() -> None:
        name = (await gallery.put(b"PNG", "image/png")).rpartition("/")[2]
        async with serving(database, gallery=gallery) as ask:
            assert await ask(f"/pictures/{name}") == (200, "image/png", b"PNG")
            for path in ("", "x.png", "..%2fsecret.png", f"{name}x", "%00", "a" * 5000):
                assert (await ask(f"/pictures/{path}"))[0] in {400, 404}
        async with serving(database) as ask:
            assert (await ask(f"/pictures/{name}"))[0] == 404

    asyncio.run(asked())


def test_an_address_that_is_taken_is_told_in_a_line(database: Database) -> None:
    async def twice() -> None:
        pages = Pages(database, dict, None)
        async with served("127.0.0.1:0", pages.routes()) as port:
            with pytest.raises(ConfigurationError, match=r"web\.listen"):
                async with served(f"127.0.0.1:{port}", pages.routes()):
                    pass
        async with served(None, pages.routes()) as none:
            assert none == 0

    asyncio.run(twice())
