"""The sandbox's page: what it is made of, what it hears of, and what is typed into it.

It listens on loopback only. Two things keep other web pages of the same browser out: the Host
header must be ours (a name that was rebound to 127.0.0.1 is refused), and whatever changes
something carries a token that only our own page was given.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

from aiohttp import web

from bot.sandbox.asked import LARGEST_FILE, asked_in, fault_of
from bot.sandbox.board import Board, Change, Closed, Line
from bot.sandbox.deeds import Deed
from bot.sandbox.plain import plain_line, plain_room, plain_sheet
from bot.sandbox.sheets import Sheet
from commands.registry import Registry

TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105  the header's name
_LARGEST_REQUEST = 2 * LARGEST_FILE
"""Bytes: a file in base64, or a long text, with what is around it."""

_TYPES = {
    "style.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class NotSaid(Exception):
    """What was typed did not reach its room; the text says why, for the one who typed."""


class Stage(Protocol):
    """What the page needs of a coalition."""

    title: str
    board: Board

    async def do(self, person: str, deed: Deed) -> None:
        """Do something as one of the people, in their room; raises NotSaid."""


class Page:
    """The page of one run, served at `address` once `start` has returned."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._token = secrets.token_urlsafe(24)
        self._run = secrets.token_hex(8)
        self._hosts: frozenset[str] = frozenset()
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.address = ""

    async def start(self, port: int) -> None:
        """Listen on a loopback port, 0 for any that is free; raises OSError where it is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=_LARGEST_REQUEST)
        app.on_response_prepare.append(_harden)
        app.router.add_get("/", self._index)
        app.router.add_get("/events", self._events)
        app.router.add_post("/do", self._do)
        app.router.add_get("/{name}", _file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await self.stop()
            raise
        bound = self._runner.addresses[0][1]
        self._hosts = frozenset({f"127.0.0.1:{bound}", f"localhost:{bound}"})
        self.address = f"http://127.0.0.1:{bound}/"

    async def stop(self) -> None:
        """Stop listening and let every open page go."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Any
    ) -> web.StreamResponse:  # aiohttp's own type of a handler is not public
        if request.host.lower() not in self._hosts:
            raise web.HTTPMisdirectedRequest(text="This page answers to its own address only.\n")
        if request.method not in {"GET", "HEAD"}:
            self._check_sender(request)
        answer: web.StreamResponse = await handler(request)
        return answer

    def _check_sender(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://").lower() not in self._hosts:
            raise web.HTTPForbidden(text="Another page's request.\n")
        token = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise web.HTTPForbidden(text="This page is of an earlier run: load it again.\n")

    async def _index(self, _request: web.Request) -> web.Response:
        html = _read("index.html").decode().replace("{{token}}", self._token)
        return web.Response(text=html, content_type="text/html")

    async def _do(self, request: web.Request) -> web.Response:
        try:
            asked = asked_in(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _sorry("That is more than can be sent at once.", 413)
        except ValueError:
            return _sorry("The page does not ask for such a thing: load it again.", 400)
        if fault := fault_of(asked, self._stage.board):
            return _sorry(fault, 400)
        try:
            await self._stage.do(asked.person, asked.deed)
        except NotSaid as why:
            return _sorry(str(why), 502)
        return web.json_response({})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Everything so far in one event, then each change: Server-Sent Events."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        with self._stage.board.watch() as (lines, changes):
            await stream.write(b"retry: 1000\n")  # milliseconds, where the connection is lost
            await _send(stream, "start", self._start(lines))
            closing = asyncio.ensure_future(self._closing.wait())
            try:
                while not self._closing.is_set():
                    await _pass_on(stream, changes, closing)
            except ConnectionError:  # the page was closed
                pass
            finally:
                closing.cancel()
        return stream

    def _start(self, lines: Sequence[Line]) -> dict[str, Any]:
        board = self._stage.board
        return {
            "run": self._run,
            "title": self._stage.title,
            "rooms": [plain_room(room) for room in board.rooms],
            "lines": [plain_line(line) for line in lines],
            "sheets": [plain_sheet(sheet) for sheet in board.sheets.values()],
            "shortcuts": dict(Registry.load().shortcuts),
            "trouble": board.trouble,
        }


async def _pass_on(
    stream: web.StreamResponse, changes: asyncio.Queue[Change], closing: asyncio.Future[Any]
) -> None:
    """Send the next change; after a quiet while a comment, which finds out who has gone."""
    following = asyncio.ensure_future(changes.get())
    await asyncio.wait({following, closing}, timeout=15, return_when=asyncio.FIRST_COMPLETED)
    if not following.done():
        following.cancel()
        if not closing.done():
            await stream.write(b": still here\n\n")
        return
    change = following.result()
    match change:
        case Line():
            await _send(stream, "line", plain_line(change))
        case Sheet():
            await _send(stream, "sheet", plain_sheet(change))
        case Closed(person):
            await _send(stream, "closed", {"person": person})
        case str():
            await _send(stream, "trouble", {"trouble": change})


async def _send(stream: web.StreamResponse, event: str, value: object) -> None:
    await stream.write(f"event: {event}\ndata: {json.dumps(value)}\n\n".encode())


def _sorry(words: str, status: int) -> web.Response:
    return web.json_response({"error": words}, status=status)


async def _file(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _TYPES:
        raise web.HTTPNotFound
    return web.Response(body=_read(name), content_type=_TYPES[name], charset="utf-8")


def _read(name: str) -> bytes:
    return (files(__package__) / "page" / name).read_bytes()


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
