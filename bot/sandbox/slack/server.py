"""The stand-in's server: Web API, uploads, downloads, response_urls and websockets, on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.slack.control import control
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.faults import REQUEST, Trouble
from bot.sandbox.slack.requests import (
    answer,
    app_of,
    arguments_of,
    cut,
    misbehave,
    play,
    token_of,
    uploaded,
)
from bot.sandbox.slack.responses import respond
from bot.sandbox.slack.stage import Stage
from bot.sandbox.slack.wire import decode, encode
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.slack.world import World

LARGEST_BODY = 256 * 2**20


class SlackStandIn:
    """Plays Slack for any number of workspaces; `async with` starts and ends it."""

    def __init__(
        self,
        *,
        port: int = 0,
        ack_timeout: float = 3.0,
        keep: int | None = None,
        keep_calls: int = 10_000,
        now: Callable[[], float] = time.time,
        controlled: bool = False,
    ) -> None:
        """`keep`: messages a channel remembers (None: all); `keep_calls`: requests in the log.

        `controlled`: another process may do all that `Workspace` does, over HTTP.
        """
        self._controlled = controlled
        self._port = port
        self._ack_timeout = ack_timeout
        self._keep = keep
        self._keep_calls = keep_calls
        self._now = now
        self._runner: web.AppRunner | None = None
        self.workspaces: dict[str, Workspace] = {}
        self.url = ""
        """`http://127.0.0.1:PORT`, once started."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def __getitem__(self, name: str) -> Workspace:
        """A workspace by its name."""
        return self.workspaces[name]

    def add_workspace(
        self, name: str, *, bot: str = "Liaison", bot_token: str = "", app_token: str = ""
    ) -> Workspace:
        """A new workspace with one app installed; tokens are made where none are given."""
        world = World(name, now=self._now, keep=self._keep)
        world.address = f"{self.url}/{name}"
        stage = Stage(world, ack_timeout=self._ack_timeout, keep_calls=self._keep_calls)
        stage.add_app(bot, bot_token=bot_token, app_token=app_token)
        self.workspaces[name] = Workspace(stage)
        return self.workspaces[name]

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        served = web.Application(client_max_size=LARGEST_BODY)
        served.router.add_route("*", "/{workspace}/api/{method}", self._api)
        served.router.add_get("/{workspace}/link/", self._link)
        served.router.add_route("*", "/{workspace}/upload/{file}", self._upload)
        served.router.add_get("/{workspace}/files/{file}/{name:.+}", self._download)
        served.router.add_get("/{workspace}/pictures/{user}", self._picture)
        served.router.add_post("/{workspace}/response/{id}", self._response)
        served.router.add_get("/login", _login)
        if self._controlled:
            served.router.add_post("/_control/{operation}", self._control)
            served.router.add_post("/_control/{workspace}/{operation}", self._control)
        self._runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        for workspace in self.workspaces.values():
            workspace.world.address = f"{self.url}/{workspace.world.name}"

    async def stop(self) -> None:
        """Cut every connection and let go of the port."""
        for workspace in self.workspaces.values():
            workspace.drop_sockets()
            workspace.stage.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _stage(self, request: web.Request) -> Stage:
        workspace = self.workspaces.get(request.match_info["workspace"])
        if workspace is None:
            raise web.HTTPNotFound
        return workspace.stage

    # ── the Web API ─────────────────────────────────────────────────────────────────────────────

    async def _api(self, request: web.Request) -> web.StreamResponse:
        stage = self._stage(request)
        name = request.match_info["method"]
        stage.counts[name] += 1
        arguments = await arguments_of(request)
        token = token_of(request, arguments)
        fault = stage.faults.strike(REQUEST, name)
        if fault is None:
            return answer(stage, name, *play(stage, name, token, arguments))
        return await misbehave(request, stage, name, token, arguments, fault)

    # ── files ───────────────────────────────────────────────────────────────────────────────────

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        stage = self._stage(request)
        file = stage.world.files.get(request.match_info["file"])
        if file is None or file.complete:
            return web.Response(status=404, text="file_not_found")
        file.content = await uploaded(request)
        file.uploaded = True
        stage.changed()
        return web.Response(text=f"OK - {len(file.content)}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        stage = self._stage(request)
        app = app_of(stage, token_of(request, {}), by_app_token=False)
        if app is None or app.revoked or "files:read" not in app.scopes:
            # Slack sends those it does not know to the login page, with HTTP 200 in the end.
            return web.Response(status=302, headers={"Location": "/login"})
        file = stage.world.files.get(request.match_info["file"])
        if file is None or not file.complete:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        """Slack's pictures lie with others, who are to get no token."""
        user = self._stage(request).world.users.get(request.match_info["user"])
        if user is None or not user.picture:
            return web.Response(status=404)
        if "Authorization" in request.headers:
            return web.Response(status=400, text="token")
        return web.Response(body=user.picture, content_type="image/png")

    # ── Socket Mode and answers ─────────────────────────────────────────────────────────────────

    async def _link(self, request: web.Request) -> web.StreamResponse:
        stage = self._stage(request)
        board = stage.boards.get(request.query.get("app_id", ""))
        ticket = request.query.get("ticket", "")
        if board is None or ticket not in board.tickets:
            return web.Response(status=403)
        if board.refusing:
            # The ticket stays good: the SDK tries the same address until it is let in.
            return web.Response(status=503)
        board.tickets.remove(ticket)
        return await board.serve(request)

    async def _response(self, request: web.Request) -> web.StreamResponse:
        stage = self._stage(request)
        interaction = stage.interactions.get(request.match_info["id"])
        if interaction is None:
            return web.Response(status=404, text="No service")
        fault = stage.faults.strike(REQUEST, "response_url")
        stage.counts["response_url"] += 1
        if fault is not None and fault.trouble is Trouble.CUT_BEFORE:
            return cut(request)
        if fault is not None and fault.trouble in {Trouble.BROKEN, Trouble.REFUSE}:
            return web.Response(status=500, text="server_error")
        try:
            respond(stage, interaction, await arguments_of(request))
        except SlackError as error:
            gone = error.name in {"used_url", "expired_url"}
            return web.Response(status=404 if gone else 500, text=error.name)
        if fault is not None and fault.trouble is Trouble.CUT_AFTER:
            return cut(request)
        return web.Response(text="ok")

    async def _control(self, request: web.Request) -> web.StreamResponse:
        # No web page of the same machine may work it: neither by a rebound name nor by a form.
        if request.url.host != "127.0.0.1" or request.content_type != "application/json":
            return web.Response(status=403)
        workspace = request.match_info.get("workspace", "")
        body = await request.read()
        status, result = await control(
            self, workspace, request.match_info["operation"], decode(body) if body else {}
        )
        return web.Response(status=status, body=encode(result), content_type="application/json")


async def _login(request: web.Request) -> web.Response:
    del request
    return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
