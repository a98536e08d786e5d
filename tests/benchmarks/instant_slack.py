"""A Slack workspace that answers at once: the few methods that the bot calls, and its socket."""

from __future__ import annotations

import bisect
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from tests.benchmarks.stopwatch import Stopwatch, number_in

BOT_USER, BOT_ID, TEAM = "UBOT", "BBOT", "TBENCH"


class InstantSlack:
    """One workspace; `echo`: the app hears of its own messages, as it does from Slack."""

    def __init__(self, name: str, watch: Stopwatch, address: Callable[[], str]) -> None:
        self.name = name
        self.echo = True
        self.socket: web.WebSocketResponse | None = None
        self.acknowledged = 0
        self._watch = watch
        self._address = address
        self._base = int(time.time())
        self._counter = 0
        self._stamps: dict[int, str] = {}
        self._shown = ""
        """The channel that the last file was put into."""
        self._missed: dict[str, tuple[list[str], list[str]]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Where the workspace is served."""
        return [
            web.post(f"/slack/{self.name}/api/{{method}}", self._call),
            web.get(f"/slack/{self.name}/socket", self._listen),
        ]

    async def say(self, channel: str, text: str, number: int) -> None:
        """Somebody says something, and the app is told."""
        await self.tell(self.message(channel, text, number), number)

    def message(self, channel: str, text: str, number: int, **more: Any) -> dict[str, Any]:
        """A message of somebody's, with a `ts` that `ts_of` knows."""
        self._stamps[number] = self._ts()
        return _message(channel, self._stamps[number], text, f"U{number % 50:03d}") | more

    def ts_of(self, number: int) -> str:
        """The `ts` of what somebody said."""
        return self._stamps[number]

    def now(self) -> str:
        """A `ts` later than all before."""
        return self._ts()

    async def tell(self, event: dict[str, Any], number: int) -> None:
        """The app is told of an event."""
        socket = self.socket
        if socket is None or socket.closed:
            raise RuntimeError("no socket")
        frame = self._frame(event)
        self._watch.said(number)
        await socket.send_str(frame)

    def miss(self, channel: str, texts: list[str]) -> None:
        """These are said while nobody listens: only the history knows them."""
        stamps = [self._ts() for _ in texts]
        known = self._missed.setdefault(channel, ([], []))
        known[0].extend(stamps)
        known[1].extend(texts)

    def _ts(self) -> str:
        self._counter += 1
        return f"{self._base + self._counter // 1_000_000}.{self._counter % 1_000_000:06d}"

    def _frame(self, event: dict[str, Any]) -> str:
        self._counter += 1
        return json.dumps(
            {
                "envelope_id": f"envelope-{self._counter}",
                "type": "events_api",
                "accepts_response_payload": False,
                "retry_attempt": 0,
                "retry_reason": "",
                "payload": {
                    "token": "none",
                    "team_id": TEAM,
                    "api_app_id": "ABENCH",
                    "type": "event_callback",
                    "event_id": f"Ev{self._counter}",
                    "event_time": self._base,
                    "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
                    "event": event,
                },
            }
        )

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self.socket = socket
        self._watch.changed()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged += 1
        return socket

    async def _call(self, request: web.Request) -> web.Response:
        arrived = self._watch.asked = time.perf_counter()
        body = await request.read()
        method = request.match_info["method"]
        if method == "chat.postMessage":
            return await self._posted(body, arrived, request)
        given = dict(parse_qsl(body.decode())) if body[:1] != b"{" else json.loads(body)
        asked = {**request.query, **given}
        if method == "chat.update":
            self._watch.landed(number_in(body), arrived)
        elif method == "reactions.add":
            self._watch.landed(self._watch.reaction_to(str(asked["timestamp"])), arrived)
        elif method == "files.completeUploadExternal":
            self._watch.landed(number_in(body), arrived)
            self._shown = str(asked["channel_id"])
        return web.json_response({"ok": True} | self._answer(method, asked))

    async def _posted(self, body: bytes, arrived: float, request: web.Request) -> web.Response:
        self._watch.landed(number_in(body), arrived)
        given = (
            json.loads(body)
            if request.content_type == "application/json"
            else dict(parse_qsl(body.decode()))
        )
        ts, channel = self._ts(), str(given["channel"])
        self._watch.copied(number_in(body), ts)
        if self.echo and self.socket is not None and not self.socket.closed:
            event = _message(channel, ts, str(given["text"]), BOT_USER) | {
                "bot_id": BOT_ID,
                "blocks": given.get("blocks", []),
                "metadata": given.get("metadata", {}),
            }
            await self.socket.send_str(self._frame(event))
        return web.json_response({"ok": True, "ts": ts, "channel": channel})

    def _answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"user_id": BOT_USER, "bot_id": BOT_ID, "team_id": TEAM, "url": "x"}
            case "apps.connections.open":
                address = self._address().replace("http://", "ws://")
                return {"url": f"{address}/slack/{self.name}/socket"}
            case "users.info":
                user = asked["user"]
                return {"user": {"id": user, "profile": {"display_name": f"Person {user}"}}}
            case "chat.update":
                return {"ts": asked["ts"], "channel": asked["channel"]}
            case "files.getUploadURLExternal":
                return {"upload_url": f"{self._address()}/upload", "file_id": "FTAKEN"}
            case "files.info":
                shares = {"public": {self._shown: [{"ts": self._ts()}]}} if self._shown else {}
                return {"file": {"id": "FTAKEN", "shares": shares}}
            case "conversations.history":
                return self._history(asked)
            case "conversations.replies":
                return {"messages": [], "has_more": False}
            case _:
                return {}

    def _history(self, asked: dict[str, Any]) -> dict[str, Any]:
        channel = asked["channel"]
        stamps, texts = self._missed.get(channel, ([], []))
        low = bisect.bisect_left(stamps, str(asked.get("oldest", "")))
        latest = asked.get("latest")
        inclusive = str(asked.get("inclusive", "")).lower() in {"true", "1"}
        cut = bisect.bisect_right if inclusive else bisect.bisect_left
        high = cut(stamps, str(latest)) if latest else len(stamps)
        first = max(low, high - int(asked.get("limit", 100)))
        messages = [
            _message(channel, stamps[at], texts[at], f"U{at % 50:03d}")
            for at in range(high - 1, first - 1, -1)
        ]
        return {"messages": messages, "has_more": first > low}


def _message(channel: str, ts: str, text: str, user: str) -> dict[str, Any]:
    return {
        "type": "message",
        "channel": channel,
        "channel_type": "channel",
        "user": user,
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "team": TEAM,
    }
