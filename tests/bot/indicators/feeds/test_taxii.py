"""The TAXII client, against a real server, and against one that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Way
from bot.feeds.origin import Secrets
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.taxii import ACCEPT, Taxii
from tests.bot.feeds.far_side import FarSide, far_side
from tests.bot.indicators.feeds.medallion import (
    LARGE,
    PASSWORD,
    SHARED,
    SMALL,
    USER,
    indicator,
    medallion,
)

WAY = Way(most=50_000_000, total=20.0, idle=10.0)
ADMIN = Secrets(username=USER, password=SecretStr(PASSWORD))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with medallion(tmp_path_factory.mktemp("medallion")) as url:
        yield url


async def poll(
    url: str, collection: str = "", cursor: str = "", secrets: Secrets = ADMIN
) -> tuple[list[str], str]:
    """The ids that came, and the new cursor."""
    source = Source("acme", "taxii", url=url, collection=collection, secrets=secrets)
    async with Fetcher(source, WAY) as fetcher:
        bundle, turning = await Taxii(fetcher, source, WAY).poll(cursor)
        with bundle:
            found = [each["id"] for each in json.load(bundle)["objects"]]
        assert turning.tail <= len(found)
        return found, turning.cursor


async def problem(url: str, **more: Any) -> str:
    with pytest.raises(FeedError) as raised:
        await poll(url, **more)
    return raised.value.reason


def ids(*numbers: int) -> list[str]:
    return [indicator(number)["id"] for number in numbers]


@pytest.mark.parametrize("collection", [SMALL, "Small", "small", LARGE, "Large"])
def test_every_object_of_a_collection_comes_once(server: str, collection: str) -> None:
    expected = 45 if collection.lower() in {SMALL, "small"} else 130
    found, _ = asyncio.run(poll(server, collection))
    assert found == ids(*range(expected))


def test_a_collection_is_found_by_any_address_of_it(server: str) -> None:
    root = server.replace("/taxii2/", "/api/")
    for url in (root, f"{root}collections/{SMALL}/", f"{root}collections/{SMALL}/objects/"):
        found, _ = asyncio.run(poll(url, "Small"))
        assert len(found) == 45


def test_one_that_is_not_named_is_not_guessed(server: str) -> None:
    assert asyncio.run(problem(server)) == "collection"
    assert asyncio.run(problem(server, collection="nope")) == "collection"
    nobody = Secrets(username=USER, password=SecretStr("wrong"))
    assert asyncio.run(problem(server, secrets=nobody)) == "refused"


def test_a_poll_begins_one_page_before_the_end_of_the_last(server: str) -> None:
    async def play() -> None:
        _, cursor = await poll(server, SMALL)
        assert cursor == "2026-03-02T00:39:00.123456Z"  # verbatim, of the page before the last
        again, after = await poll(server, SMALL, cursor)
        assert set(again) >= set(ids(*range(40, 45)))
        assert after == cursor

    asyncio.run(play())


Twist = Callable[[web.Request, dict[str, Any], int], Awaitable[web.StreamResponse | None]]


async def forwarding(side: FarSide, server: str, twist: Twist) -> None:
    """Stands between client and server: `twist` may change an envelope, or answer itself."""
    asked = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        target = server.replace("/taxii2/", request.rel_url.raw_path)
        headers = {"Accept": ACCEPT, "Authorization": request.headers["Authorization"]}
        async with (
            aiohttp.ClientSession() as http,
            http.get(target, params=request.query, headers=headers) as answer,
        ):
            told = await answer.json(content_type=None)
            kept = {n: v for n, v in answer.headers.items() if n.startswith("X-TAXII")}
            status = answer.status
        if "objects" in request.path:
            asked += 1
            twisted = await twist(request, told, asked)
            if twisted is not None:
                return twisted
        body = json.dumps(told).encode()
        return web.Response(body=body, status=status, headers=kept | {"Content-Type": ACCEPT})

    side.handle = handle  # type: ignore[method-assign]  # all that is asked


def twisted(server: str, twist: Twist, collection: str = SMALL, cursor: str = "") -> list[str]:
    async def play() -> list[str]:
        async with far_side() as side:
            await forwarding(side, server, twist)
            url = f"{side.url}/api/collections/{collection}/"
            return (await poll(url, cursor=cursor))[0]

    return asyncio.run(play())


def test_without_next_it_goes_on_by_the_moment(server: str) -> None:
    async def without_next(
        _request: web.Request, told: dict[str, Any], _asked: int
    ) -> web.StreamResponse | None:
        told.pop("next", None)
        return None

    assert twisted(server, without_next) == ids(*range(45))
    assert twisted(server, without_next, SHARED) == ids(*range(60))
    with pytest.raises(FeedError, match="crowded"):  # 50 of a moment, 20 on a page
        twisted(server, without_next, LARGE)


def test_a_next_that_has_expired_is_gone_on_from_by_the_moment(server: str) -> None:
    async def expired(
        request: web.Request, _told: dict[str, Any], _asked: int
    ) -> web.StreamResponse | None:
        return web.Response(status=400) if "next" in request.query else None

    assert twisted(server, expired) == ids(*range(45))
    assert twisted(server, expired, SHARED) == ids(*range(60))


def test_pages_that_repeat_for_ever_end_with_a_word(server: str) -> None:
    first: dict[str, Any] = {}

    async def the_same(
        _request: web.Request, told: dict[str, Any], _asked: int
    ) -> web.StreamResponse | None:
        first.update(first or told)
        body = json.dumps(first | {"more": True, "next": "x"}).encode()
        return web.Response(body=body, headers={"Content-Type": ACCEPT})

    with pytest.raises(FeedError, match="repeats"):
        twisted(server, the_same)


def test_more_that_is_always_true_ends_with_an_empty_page(server: str) -> None:
    async def always(
        _request: web.Request, told: dict[str, Any], _asked: int
    ) -> web.StreamResponse | None:
        told.pop("next", None)
        told["more"] = True
        return None

    assert twisted(server, always) == ids(*range(45))


@pytest.mark.parametrize(
    ("status", "kind", "body", "reason"),
    [
        (500, ACCEPT, "{}", "failing"),
        (200, "text/html", "<html>sign in</html>", "web page"),
        (200, "text/plain", "{}", "unreadable"),
        (200, ACCEPT, "<html>", "unreadable"),
        (200, ACCEPT, '{"objects": 3}', "unreadable"),
        (200, ACCEPT, '{"objects": [' + "[" * 10_000, "unreadable"),
        (200, "application/vnd.oasis.taxii+json; version=2.0", "{}", "taxii 2.0"),
        (406, ACCEPT, "{}", "taxii 2.0"),
        (429, ACCEPT, "", "throttled"),
    ],
)
def test_a_fault_in_the_middle_leaves_nothing_half_taken(
    server: str, status: int, kind: str, body: str, reason: str
) -> None:
    async def second(
        _request: web.Request, _told: dict[str, Any], asked: int
    ) -> web.StreamResponse | None:
        if asked < 2:
            return None
        return web.Response(status=status, body=body.encode(), headers={"Content-Type": kind})

    with pytest.raises(FeedError) as raised:
        twisted(server, second)
    assert raised.value.reason == reason


def test_next_pages_are_asked_with_the_same_filters(server: str) -> None:
    asked: list[dict[str, str]] = []

    async def remember(
        request: web.Request, _told: dict[str, Any], _asked: int
    ) -> web.StreamResponse | None:
        asked.append(dict(request.query))
        return None

    after = "2026-03-02T00:02:00.123456Z"
    twisted(server, remember, cursor=after)
    assert [each["added_after"] for each in asked] == [after] * len(asked)
    assert ["next" in each for each in asked] == [False] + [True] * (len(asked) - 1)


def test_no_root_leads_inside_and_no_secret_to_another_host() -> None:
    async def play() -> None:
        async with far_side() as side, far_side() as other:
            roots = {"title": "x", "api_roots": [f"{other.url}/api/"]}
            side.says("/taxii2/", json.dumps(roots), ACCEPT)
            url = f"{side.url}/taxii2/"
            assert await problem(url) == "private address"
            assert other.asked == []
            source = Source("acme", "taxii", url=url, internal=("127.0.0.1",), secrets=ADMIN)
            async with Fetcher(source, WAY) as fetcher:
                with pytest.raises(FeedError, match="missing"):
                    await Taxii(fetcher, source, WAY).poll("")
            assert "Authorization" not in other.asked[0].headers

    asyncio.run(play())


def test_what_a_server_says_of_itself_is_no_place_for_megabytes() -> None:
    """64 MB of lists in lists became a gigabyte of memory."""

    async def play() -> None:
        async with far_side() as side:
            for path, told in (
                ("/taxii2/", {"api_roots": ["/api/"]}), ("/api/collections/", {"collections": []}),
            ):  # fmt: skip
                side.says("/taxii2/", json.dumps({"api_roots": [f"{side.url}/api/"]}), ACCEPT)
                side.says("/api/collections/", "{}", ACCEPT)
                side.says(path, json.dumps(told | {"x": [[]] * 700_000}), ACCEPT)
                assert await problem(f"{side.url}/taxii2/") == "too large"

    asyncio.run(play())


def test_what_grows_too_large_is_given_up(server: str, tmp_path: Path) -> None:
    source = Source("acme", "taxii", url=server, collection=LARGE, secrets=ADMIN)
    way = replace(WAY, most=20_000, folder=tmp_path)

    async def play() -> None:
        async with Fetcher(source, way) as fetcher:
            await Taxii(fetcher, source, way).poll("")

    with pytest.raises(FeedError, match="too large"):
        asyncio.run(play())
    assert list(tmp_path.iterdir()) == []
