"""A stand-in with one workspace, two people and two rooms, and the unmodified SDK against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackStandIn, Workspace

Json = dict[str, Any]


@dataclass
class Scene:
    """What a test plays on."""

    slack: SlackStandIn
    alpha: Workspace
    client: AsyncWebClient
    ada: str
    ben: str
    room: str
    private: str


@asynccontextmanager
async def scene(**options: Any) -> AsyncIterator[Scene]:
    """A stand-in with everything set up."""
    async with SlackStandIn(controlled=True, **options) as slack:
        alpha = slack.add_workspace("alpha")
        ada, ben = alpha.person("Ada", email="ada@example.org"), alpha.person("Ben")
        room = alpha.room("general", [ada, ben])
        private = alpha.room("inner", [ada], private=True)
        yield Scene(slack, alpha, client_of(alpha), ada, ben, room, private)


def client_of(workspace: Workspace, **options: Any) -> AsyncWebClient:
    """A client as a bot makes it, but for its own retries."""
    token = workspace.app.bot_token
    given: Json = {"retry_handlers": [], "timeout": 10} | options
    return AsyncWebClient(token=token, base_url=workspace.api_url, **given)


def played(
    story: Callable[[Scene], Awaitable[None]] | None = None, **options: Any
) -> Callable[..., Any]:
    """Make a test of a story that plays on a scene."""

    def make(story: Callable[[Scene], Awaitable[None]]) -> Callable[[], None]:
        async def play() -> None:
            async with scene(**options) as set_up, asyncio.timeout(30):
                await story(set_up)

        def test() -> None:
            asyncio.run(play())

        test.__name__ = story.__name__
        test.__doc__ = story.__doc__
        return test

    return make if story is None else make(story)


async def refusal(request: Awaitable[Any]) -> str:
    """The error that a request is refused with."""
    with pytest.raises(SlackApiError) as caught:
        await request
    return str(caught.value.response["error"])


@dataclass
class Ear:
    """A Socket Mode client that keeps what it hears and acknowledges it, unless told not to."""

    client: SocketModeClient
    acknowledging: bool = True
    heard: list[SocketModeRequest] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def listen(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if self.acknowledging:
            answer = SocketModeResponse(envelope_id=request.envelope_id)
            await client.send_socket_mode_response(answer)
        async with self._news:
            self.heard.append(request)
            self._news.notify_all()

    def events(self, kind: str = "message") -> list[Json]:
        found = [request.payload["event"] for request in self.heard if "event" in request.payload]
        return [event for event in found if event["type"] == kind]

    def texts(self) -> list[str]:
        return [event.get("text", "") for event in self.events()]

    async def until(self, condition: Callable[[], bool], within: float = 20.0) -> None:
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(condition)


@asynccontextmanager
async def listening(workspace: Workspace, **options: Any) -> AsyncIterator[Ear]:
    """An unmodified SocketModeClient, connected."""
    before = workspace.sockets()["open"]
    web = AsyncWebClient(base_url=workspace.api_url)
    client = SocketModeClient(app_token=workspace.app.app_token, web_client=web, **options)
    ear = Ear(client)
    client.socket_mode_request_listeners.append(ear.listen)
    try:
        await client.connect()  # type: ignore[no-untyped-call]  # the SDK's
        await workspace.connected(before + 1)
        yield ear
    finally:
        await client.close()  # type: ignore[no-untyped-call]  # the SDK's
        # The SDK cancels its tasks and does not wait for them.
        tasks = (client.message_processor, client.message_receiver, client.current_session_monitor)
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
