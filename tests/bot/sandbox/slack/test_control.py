"""The stand-in as a process of its own, worked through its control endpoint."""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Remote
from bot.sandbox.slack.control import OPERATIONS
from bot.sandbox.slack.workspace import Workspace


async def play_in_another_process() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.sandbox.slack", "--port", "0", "--workspace", "alpha"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        url = line.removeprefix("ready: ").strip()
        assert url.startswith("http://127.0.0.1:")
        async with aiohttp.ClientSession() as session:
            await work(Remote(url, session))
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def work(remote: Remote) -> None:
    bravo = await remote.add_workspace("bravo", bot_token="given")
    assert bravo["bot_token"] == "given"
    ada = await remote("bravo", "person", name="Ada")
    room = await remote("bravo", "room", name="general", members=[ada])
    ts = await remote("bravo", "say", channel=room, user=ada, text="hello")
    client = AsyncWebClient(token="given", base_url=bravo["api_url"], retry_handlers=[])
    history = await client.conversations_history(channel=room)
    assert [message["ts"] for message in history["messages"]] == [ts]
    await remote("bravo", "fault", trouble="cut_after", on="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel=room, text="landed")
    assert await remote("bravo", "arrived", channel=room, count=1) == ["landed"]
    calls = await remote("bravo", "calls", method="chat.postMessage")
    assert [call["outcome"] for call in calls] == ["cut_after"]
    with pytest.raises(RuntimeError, match="unknown"):
        await remote("bravo", "nonsense")
    async with aiohttp.ClientSession() as page:
        # What a web page could send without being asked for leave.
        address = bravo["api_url"].replace("bravo/api/", "_control/workspaces")
        async with page.post(address, data="{}") as response:
            assert response.status == 403
    with pytest.raises(RuntimeError, match="KeyError"):
        await remote("bravo", "say", channel="C0", user=ada, text="x")


def test_another_process_can_do_all_that_a_test_can() -> None:
    asyncio.run(play_in_another_process())


def test_every_public_method_is_an_operation() -> None:
    public = {
        name
        for name in dir(Workspace)
        if callable(getattr(Workspace, name)) and not name.startswith("_")
    }
    assert public - OPERATIONS == {"until"}
