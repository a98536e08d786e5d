"""What the page's server lets in and what it keeps out."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.sandbox.asked import LARGEST_FILE, LONGEST
from bot.sandbox.deeds import TakeBack
from bot.sandbox.server import TOKEN_HEADER, Page
from tests.bot.sandbox.fake_stage import FakeStage

OWN, COPY, GONE, PRIVATE = "m1", "m2", "m4", "m7"
"""Ids of the fake stage: of a message, its copy in bravo, one taken back, a private answer."""

Scenario = Callable[[FakeStage, Page, aiohttp.ClientSession], Awaitable[None]]


def _play(scenario: Scenario) -> None:
    async def play() -> None:
        stage = FakeStage()
        page = Page(stage)
        await page.start(0)
        try:
            async with aiohttp.ClientSession() as session:
                await scenario(stage, page, session)
        finally:
            await page.stop()

    asyncio.run(asyncio.wait_for(play(), 30))


def _asked(kind: str, person: str = "amelie", **fields: object) -> bytes:
    return json.dumps({"person": person, "deed": {"type": kind, **fields}}).encode()


async def _token(page: Page, session: aiohttp.ClientSession) -> str:
    async with session.get(page.address) as answer:
        found = re.search(r'sandbox-token" content="([^"]+)"', await answer.text())
    assert found
    return found[1]


async def _event(stream: aiohttp.StreamReader) -> tuple[str, Any]:
    line = await stream.readline()
    if line.startswith(b"retry:"):
        line = await stream.readline()
    name = line.decode().removeprefix("event: ").strip()
    value = (await stream.readline()).decode().removeprefix("data: ")
    await stream.readline()
    return name, json.loads(value)


@pytest.mark.parametrize("path", ["", "style.css", "page.js", "icon.svg", "events", "nothing"])
def test_another_name_for_loopback_is_refused(path: str) -> None:
    async def scenario(_stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        for host in ("evil.example", "evil.example:80", "localhost:1", ""):
            async with session.get(page.address + path, headers={"Host": host}) as answer:
                assert answer.status in {400, 421}
                assert "sandbox-token" not in await answer.text()

    _play(scenario)


def test_a_post_needs_the_token_of_this_run() -> None:
    async def scenario(stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        body = {"person": "amelie", "deed": {"type": "say", "text": "hello"}}
        for headers in ({}, {TOKEN_HEADER: "guess"}, {TOKEN_HEADER: ""}):
            async with session.post(f"{page.address}do", json=body, headers=headers) as answer:
                assert answer.status == 403
        assert stage.said == []
        token = {TOKEN_HEADER: await _token(page, session)}
        async with session.post(f"{page.address}do", json=body, headers=token) as answer:
            assert answer.status == 200
        assert stage.said == [("amelie", "hello")]

    _play(scenario)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_post_from_another_page_is_refused(origin: str) -> None:
    async def scenario(stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        headers = {TOKEN_HEADER: await _token(page, session), "Origin": origin}
        body = {"person": "amelie", "deed": {"type": "say", "text": "hello"}}
        async with session.post(f"{page.address}do", json=body, headers=headers) as answer:
            assert answer.status == 403
        assert stage.said == []

    _play(scenario)


def test_every_answer_carries_the_policy() -> None:
    async def scenario(_stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        for path in ("", "style.css", "events"):
            async with session.get(page.address + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith("default-src 'self';")
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"

    _play(scenario)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"no json", "load it again"),
        (b"[]", "load it again"),
        (b'{"person": "amelie"}', "load it again"),
        (b'{"person": ["amelie"], "deed": {"type": "say", "text": "hello"}}', "load it again"),
        (_asked("say", text=7), "load it again"),
        (_asked("fly"), "load it again"),
        (_asked("share", name="a", content="no base64!"), "load it again"),
        (_asked("say", "mallory", text="hello"), "nobody of that name"),
        (_asked("say", text="\n "), "Write something"),
        (_asked("edit", message=OWN, text=" "), "Write something"),
        (_asked("say", text="x" * (LONGEST + 1)), "longer than"),
        (_asked("say", text="x", answers="m99"), "no such message"),
        (_asked("edit", message="m99", text="x"), "no such message"),
        (_asked("edit", "karim", message=OWN, text="x"), "Only its author"),
        (_asked("edit", "joris", message=COPY, text="x"), "Only its author"),
        (_asked("take back", "joris", message=COPY), "Only its author"),
        (_asked("take back", message=GONE), "was taken back"),
        (_asked("react", message=PRIVATE, emoji="👍"), "no such message"),
        (_asked("react", message=OWN, emoji="+1"), "no emoji"),
        (_asked("unreact", message=GONE, emoji="👍"), "was taken back"),
        (_asked("share", name=" ", content="eA=="), "needs a name"),
        (_asked("share", name="../x", content="eA=="), "needs a name"),
        (_asked("share", name="x", content=""), "is empty"),
        (_asked("share", name="x", content="AAAA" * (LARGEST_FILE // 3 + 1)), "larger than 1 MB"),
    ],
)
def test_bad_input_is_refused_in_words(body: bytes, words: str) -> None:
    async def scenario(stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        await stage.say("amelie", "mine")
        await stage.say("amelie", "gone")
        await stage.do("amelie", TakeBack(GONE))
        await stage.answer("alpha", "amelie", "for you")
        before = list(stage.said)
        headers = {TOKEN_HEADER: await _token(page, session)}
        sent = io.BytesIO(body)
        async with session.post(f"{page.address}do", data=sent, headers=headers) as answer:
            assert answer.status == 400
            assert words in (await answer.json())["error"]
        assert stage.said == before

    _play(scenario)


def test_more_than_can_be_sent_at_once_is_refused_in_words() -> None:
    async def scenario(_stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        headers = {TOKEN_HEADER: await _token(page, session)}
        body = io.BytesIO(b"x" * (2 * LARGEST_FILE + 1))
        async with session.post(f"{page.address}do", data=body, headers=headers) as answer:
            assert answer.status == 413
            assert "more than can be sent" in (await answer.json())["error"]

    _play(scenario)


def test_only_the_page_s_own_files_are_served() -> None:
    async def scenario(_stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        for path in ("index.html", "server.py", "..%2fserver.py", "%2e%2e/server.py"):
            async with session.get(page.address + path) as answer:
                assert answer.status == 404

    _play(scenario)


def test_the_stream_begins_with_all_there_is_and_goes_on() -> None:
    async def scenario(stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        await stage.say("amelie", "before")
        async with session.get(f"{page.address}events") as stream:
            name, start = await _event(stream.content)
            assert name == "start"
            assert [line["text"] for line in start["lines"]] == ["before"] * 3
            assert [room["short"] for room in start["rooms"]] == ["alpha", "bravo", "Matrix"]
            stage.board.complain("The bot has ended.")
            assert await _event(stream.content) == (
                "trouble",
                {"trouble": "The bot has ended."},
            )
            await stage.answer("bravo", "joris", "for you")
            name, line = await _event(stream.content)
            assert (name, line["text"], line["only_for"]) == ("line", "for you", "joris")

    _play(scenario)


def test_stopping_lets_an_open_page_go() -> None:
    async def scenario(_stage: FakeStage, page: Page, session: aiohttp.ClientSession) -> None:
        async with session.get(f"{page.address}events") as stream:
            await _event(stream.content)
            assert page._runner is not None
            page._runner._shutdown_timeout = 60.0  # what it would take if it waited for the page
            async with asyncio.timeout(20):
                await page.stop()
            assert await stream.content.read() == b""

    _play(scenario)


def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    async def scenario(_stage: FakeStage, page: Page, _session: aiohttp.ClientSession) -> None:
        port = int(page.address.rsplit(":", 1)[1].strip("/"))
        with pytest.raises(OSError, match="address already in use"):
            await Page(FakeStage()).start(port)

    _play(scenario)
