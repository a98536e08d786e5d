"""Fetching: bounded, never inside, and secrets to nobody else."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from pydantic import SecretStr

from bot.errors import FeedError
from bot.feeds.fetching import Fetcher, Validators, Way
from bot.feeds.origin import Secrets
from bot.feeds.resolving import Resolve
from bot.indicators.feeds.source import Source
from tests.bot.feeds.far_side import far_side, proxy

WAY = Way(most=1_000_000, total=5.0, idle=2.0)


def source(url: str, **more: object) -> Source:
    return replace(Source("acme", "text", url=url), **more)  # type: ignore[arg-type]  # as named


async def fetch(url: str, way: Way = WAY, at: str = "", **more: object) -> bytes:
    async with Fetcher(source(url, **more), way) as fetcher:
        fetched = await fetcher.get(at or url)
        with fetched.file as file:
            return file.read()


async def problem(url: str, way: Way = WAY, at: str = "", **more: object) -> str:
    with pytest.raises(FeedError) as raised:
        await fetch(url, way, at, **more)
    return raised.value.reason


def given(*answers: str) -> Resolve:
    """A resolver that gives one answer after the other, each a list of addresses."""
    left = list(answers)

    async def resolve(host: str, port: int, _family: socket.AddressFamily) -> list[ResolveResult]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            ResolveResult(
                hostname=host, host=each, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
            )
            for each in found.split()
        ]  # fmt: skip

    return resolve


def test_what_has_not_changed_is_not_sent_again() -> None:
    async def play() -> None:
        async with far_side() as side:

            async def answer(request: web.Request) -> web.StreamResponse:
                same = request.headers.get("If-None-Match") == '"1"'
                return web.Response(status=304 if same else 200, text="a", headers={"ETag": '"1"'})

            side.answers["/x"] = answer
            async with Fetcher(source(side.url), WAY) as fetcher:
                first = await fetcher.get(f"{side.url}/x")
                assert (first.file.read(), first.unchanged) == (b"a", False)
                again = await fetcher.get(f"{side.url}/x", validators=first.validators)
                assert again.unchanged
                modified = Validators(modified="Wed, 04 Mar 2026 14:30:00 GMT")
                other = await fetcher.get(f"{side.url}/x", validators=modified)
                assert not other.unchanged
                asked = side.asked[-1].headers
                assert asked["If-Modified-Since"] == modified.modified
                for each in (first, again, other):
                    each.file.close()

    asyncio.run(play())


def test_the_file_is_nobody_elses_and_has_no_name(tmp_path: Path) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "a")
            async with Fetcher(source(side.url), replace(WAY, folder=tmp_path)) as fetcher:
                fetched = await fetcher.get(f"{side.url}/x")
                assert os.fstat(fetched.file.fileno()).st_mode & 0o077 == 0
                assert list(tmp_path.iterdir()) == []
                fetched.file.close()

    asyncio.run(play())


packed = partial(gzip.compress, mtime=0)
"""Without the time, by which test runners would tell the same case from itself."""
BOMB = packed(b"\0" * 60_000_000)


@pytest.mark.parametrize(
    ("body", "coding", "expected"),
    [
        (packed(b"abc" * 9), "gzip", b"abc" * 9),
        (packed(b"abc"), "", b"abc"),
        (packed(packed(b"abc")), "gzip", b"abc"),
        (packed(b"a") + packed(b"b"), "", b"ab"),
        (zlib.compress(b"abc"), "deflate", b"abc"),
        (b"a", "", b"a"),
        (b"", "", b""),
        (packed(b"abc" * 900)[:-9], "gzip", "cut"),
        (packed(b"abc" * 900)[:-9], "", "cut"),
        (b"\x1f\x8bnonsense", "", "unreadable"),
        (b"nonsense", "gzip", "unreadable"),
        (b"x", "br", "unreadable"),
        (BOMB, "gzip", "bomb"),
        (BOMB, "", "bomb"),
        (packed(BOMB), "gzip", "bomb"),
    ],
    ids=lambda given: given if isinstance(given, str) else f"{len(given)} bytes",
)
def test_packed_answers_are_unpacked_within_bounds(
    body: bytes, coding: str, expected: bytes | str
) -> None:
    async def play() -> bytes | str:
        async with far_side() as side:
            side.says("/x", body, Content_Encoding=coding or "identity")
            url = f"{side.url}/x"
            way = replace(WAY, most=100_000_000)
            if isinstance(expected, str):
                return await problem(url, way)
            return await fetch(url, way)

    assert asyncio.run(play()) == expected


def test_what_is_too_large_is_left_on_the_way() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", b"a" * 1_000_001)
            assert await problem(f"{side.url}/x") == "too large"
            side.says("/x", packed(b"ab" * 600_000))
            assert await problem(f"{side.url}/x") == "too large"

    asyncio.run(play())


def test_a_slow_drip_ends_by_the_clock() -> None:
    async def play() -> None:
        async with far_side() as side:

            async def drip(request: web.Request) -> web.StreamResponse:
                answer = web.StreamResponse()
                await answer.prepare(request)
                while True:
                    await answer.write(b"x")
                    await asyncio.sleep(0.02)

            side.answers["/x"] = drip
            assert await problem(f"{side.url}/x", replace(WAY, total=0.3)) == "timeout"

    asyncio.run(play())


def test_what_breaks_off_is_told_from_what_is_whole() -> None:
    async def play() -> None:
        async with far_side() as side:

            async def cut(request: web.Request) -> web.StreamResponse:
                answer = web.StreamResponse(headers={"Content-Length": "100"})
                await answer.prepare(request)
                await answer.write(b"half")
                assert request.transport is not None
                request.transport.close()
                return answer

            side.answers["/x"] = cut
            assert await problem(f"{side.url}/x") == "cut"

    asyncio.run(play())


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "refused"), (403, "refused"), (404, "missing"), (410, "missing"), (429, "throttled"),
     (500, "failing"), (503, "throttled"), (418, "failing"), (302, "failing")],
)  # fmt: skip
def test_each_refusal_has_its_word(status: int, reason: str) -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "", status=status, Retry_After="120")
            with pytest.raises(FeedError) as raised:
                await fetch(f"{side.url}/x")
            assert (raised.value.reason, raised.value.retry_after) == (reason, 120)

    asyncio.run(play())


def test_a_secret_goes_to_its_own_origin_and_to_nobody_else() -> None:
    async def play() -> None:
        async with far_side() as side, far_side() as other:
            side.leads("/x", f"{other.url}/y")
            other.leads("/y", f"{side.url}/z")
            other.says("/w", "w")
            side.says("/z", "done")
            near = ("127.0.0.1",)
            secret = Secrets(token=SecretStr("s3cret"))
            assert await fetch(f"{side.url}/x", secrets=secret, internal=near) == b"done"
            assert "Authorization" not in other.asked[0].headers
            for request in side.asked:
                assert request.headers["Authorization"] == "Bearer s3cret"
            basic = Secrets(username="liaison", password=SecretStr("s3cret"))
            await fetch(f"{side.url}/z", secrets=basic)
            assert side.asked[-1].headers["Authorization"] == "Basic bGlhaXNvbjpzM2NyZXQ="
            await fetch(f"{side.url}/z", at=f"{other.url}/w", secrets=basic, internal=near)
            assert "Authorization" not in other.asked[-1].headers
            assert "s3cret" not in repr(source(side.url, secrets=basic))

    asyncio.run(play())


INSIDE = [
    "http://127.0.0.1:{other}/y",
    "http://localhost:{other}/y",
    "//127.0.0.1:{other}/y",
    "http://[::1]:{other}/y",
    "http://[::ffff:127.0.0.1]:{other}/y",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/y",
    "http://[64:ff9b::7f00:1]:{other}/y",
    "http://[fe80::1%25lo]:{other}/y",
    "http://\uff11\uff12\uff17.0.0.1:{other}/y",
    "http://①②⑦.0.0.1:{other}/y",
    "http://2130706433:{other}/y",
    "http://127.1:{other}/y",
    "http://0x7f000001:{other}/y",
    "http://0177.0.0.1:{other}/y",
    "http://127.0.0.1.:{other}/y",
    "http://0:{other}/y",
    "http://me:pw@127.0.0.1:{other}/y",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{other}/",
    "http://127.0.0.1:99999/",
]


@pytest.mark.parametrize("target", INSIDE)
def test_a_redirect_leads_nowhere_inside(target: str) -> None:
    async def play() -> None:
        async with far_side() as side, far_side() as other:
            side.leads("/x", target.format(other=other.port))
            other.says("/y", "inside")
            found = await problem(f"{side.url}/x")
            assert found in {"private address", "no address"}
            assert other.asked == []

    asyncio.run(play())


def test_a_name_that_leads_inside_is_not_asked_even_by_one_of_its_addresses() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "inside")
            url = f"http://feeds.example.org:{side.port}/x"
            for answer in ("127.0.0.1", "8.8.8.8 127.0.0.1", "::1", "::ffff:10.0.0.1"):
                way = replace(WAY, resolve=given(answer))
                assert await problem(url, way) == "private address"
            assert side.asked == []

    asyncio.run(play())


def test_a_name_that_leads_elsewhere_a_moment_later_gains_nothing() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.leads("/x", f"http://feeds.example.org:{side.port}/y", Connection="close")
            side.says("/y", "inside")
            url = f"http://feeds.example.org:{side.port}/x"
            way = replace(WAY, resolve=given("127.0.0.1", "127.0.0.2"))
            # the first address is named for this test's sake, the second is not
            assert await problem(url, way, internal=("127.0.0.1/32",)) == "private address"
            assert [request.path for request in side.asked] == ["/x"]

    asyncio.run(play())


def test_each_connection_goes_to_the_address_that_was_looked_at() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "named")
            looked: list[str] = []

            async def resolve(
                host: str, port: int, family: socket.AddressFamily
            ) -> list[ResolveResult]:
                looked.append(host)
                return await given("127.0.0.1")(host, port, family)

            way = replace(WAY, resolve=resolve)
            url = f"http://feeds.invalid:{side.port}/x"
            assert await fetch(url, way, internal=("feeds.invalid",)) == b"named"
            assert looked == ["feeds.invalid"]

    asyncio.run(play())


def test_redirects_end() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.leads("/x", "/x")
            assert await problem(f"{side.url}/x") == "redirects"
            assert len(side.asked) == WAY.redirects + 1

    asyncio.run(play())


def test_nothing_leads_from_https_to_http_and_no_secret_is_sent_in_clear() -> None:
    async def play() -> None:
        assert await problem("https://feeds.example.org/", at="http://8.8.8.8/") == "insecure"
        secret = Secrets(token=SecretStr("s3cret"))
        assert await problem("http://feeds.example.org/", secrets=secret) == "insecure"

    asyncio.run(play())


def test_behind_a_proxy_it_is_asked_for_everything_but_what_leads_inside() -> None:
    async def nowhere(_host: str, _port: int, _family: object) -> list[ResolveResult]:
        raise OSError("no such name here")

    async def play() -> None:
        async with proxy() as address:
            url = "http://feeds.example.org/x"
            way = replace(WAY, proxy=address, resolve=nowhere)
            assert await fetch(url, way) == b"by proxy: feeds.example.org"
            for inside in ("http://10.0.0.1/", "http://127.0.0.1:1/"):
                assert await problem(url, way, at=inside) == "private address"
            assert await problem(url, replace(way, resolve=given("10.0.0.1"))) == "private address"

    asyncio.run(play())


def test_no_proxy_is_heeded() -> None:
    async def play() -> None:
        async with far_side() as side:
            side.says("/x", "direct")
            way = replace(WAY, proxy="http://127.0.0.1:1", no_proxy=("127.0.0.1",))
            assert await fetch(f"{side.url}/x", way) == b"direct"
            assert await problem(f"{side.url}/x", replace(way, no_proxy=())) == "proxy"

    asyncio.run(play())
