"""A homeserver that answers at once: the client-server API as far as a bot needs it to talk."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

from aiohttp import web

from tests.benchmarks.stopwatch import Stopwatch, number_in

BOT = "@liaison:bench.example"
_KEPT = 20_000
"""Events that are still given out: who asks from further back is told of a gap."""
_API = "/_matrix/client/v3"


class InstantMatrix:
    """One homeserver with one account; `echo`: it hears of its own messages, as it does."""

    def __init__(self, watch: Stopwatch) -> None:
        self.echo = True
        self.synced = False
        """Whether somebody waits for news."""
        self._watch = watch
        self._events: deque[tuple[str, str, int | None]] = deque()
        """Room, event as JSON, and the number of what a person said."""
        self._first = 0
        self._sent = 0
        self._news = asyncio.Event()
        self._missed: dict[str, list[str]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Where it is served."""
        return [
            web.get("/_matrix/client/versions", _versions),
            web.post(f"{_API}/login", _login),
            web.get(f"{_API}/account/whoami", _login),
            web.get(f"{_API}/sync", self._sync),
            web.put(f"{_API}/rooms/{{room}}/send/{{type}}/{{key}}", self._put),
            web.get(f"{_API}/rooms/{{room}}/messages", self._messages),
            web.get(f"{_API}/rooms/{{room}}/state/m.room.encryption", _none),
            web.get(f"{_API}/rooms/{{room}}/state/m.room.encryption/", _none),
            web.route("*", "/_matrix/{rest:.*}", _empty),
        ]

    async def say(self, room: str, text: str, number: int) -> None:
        """Somebody says something; it goes out with the answer to the request that waits."""
        await self.tell(room, {"msgtype": "m.text", "body": text}, number)

    async def tell(
        self,
        room: str,
        content: dict[str, Any],
        number: int,
        *,
        by: int | None = None,
        kind: str = "m.room.message",
    ) -> None:
        """Somebody sends an event; `by`: whoever has sent the one with that number."""
        sender = f"@p{(number if by is None else by) % 50}:bench.example"
        event = _event(f"$said{number}", sender, "") | {"content": content, "type": kind}
        self._add(room, event, number)

    def _add(self, room: str, event: dict[str, Any], number: int | None = None) -> None:
        self._events.append((room, json.dumps(event), number))
        if len(self._events) > _KEPT:
            self._events.popleft()
            self._first += 1
        self._news.set()

    async def _sync(self, request: web.Request) -> web.Response:
        since = request.query.get("since")
        end = self._first + len(self._events)
        if since is None:
            return web.json_response(_answer(f"s{end}"))
        position = int(since[1:])
        seconds = int(request.query.get("timeout", "0")) / 1000
        if position >= end and seconds:
            self.synced = True
            self._news.clear()
            self._watch.changed()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                pass
            self.synced = False
        return self._told(position)

    def _told(self, position: int) -> web.Response:
        joined: dict[str, list[str]] = {}
        numbers = []
        for at in range(max(position - self._first, 0), len(self._events)):
            room, event, number = self._events[at]
            joined.setdefault(room, []).append(event)
            if number is not None:
                numbers.append(number)
        rooms = ",".join(
            f'{json.dumps(room)}:{{"timeline":{{"events":[{",".join(events)}],"limited":false,'
            f'"prev_batch":"s{position}"}},"state":{{"events":[]}},"ephemeral":{{"events":[]}},'
            '"account_data":{"events":[]},"summary":{},"unread_notifications":{}}'
            for room, events in joined.items()
        )
        answer = json.dumps(_answer(f"s{self._first + len(self._events)}"))
        body = answer.replace('"join": {}', f'"join": {{{rooms}}}', 1)
        for number in numbers:
            self._watch.said(number)
        return web.Response(body=body.encode(), content_type="application/json")

    async def _put(self, request: web.Request) -> web.Response:
        arrived = time.perf_counter()
        body = await request.read()
        number = number_in(body)
        self._sent += 1
        event = f"$sent{self._sent}"
        kind = request.match_info["type"]
        if kind == "m.reaction":
            number = self._watch.reaction_to(json.loads(body)["m.relates_to"]["event_id"])
        else:
            self._watch.copied(number, event)
        self._watch.landed(number, arrived)
        if self.echo:
            said = _event(event, BOT, "") | {"content": json.loads(body), "type": kind}
            said["unsigned"] = {"transaction_id": request.match_info["key"]}
            self._add(request.match_info["room"], said)
        return web.json_response({"event_id": event})

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response({"chunk": [], "start": request.query.get("from", "")})


def _event(event_id: str, sender: str, text: str) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "event_id": event_id,
        "sender": sender,
        "origin_server_ts": int(time.time() * 1000),
        "content": {"msgtype": "m.text", "body": text},
    }


def _answer(position: str) -> dict[str, Any]:
    return {
        "next_batch": position,
        "rooms": {"join": {}, "invite": {}, "leave": {}},
        "to_device": {"events": []},
        "device_lists": {"changed": [], "left": []},
        "device_one_time_keys_count": {},
        "presence": {"events": []},
        "account_data": {"events": []},
    }


async def _login(_request: web.Request) -> web.Response:
    who = {"user_id": BOT, "device_id": "BENCH", "access_token": "none"}
    return web.json_response(who)


async def _versions(_request: web.Request) -> web.Response:
    return web.json_response({"versions": ["v1.11"]})


async def _none(_request: web.Request) -> web.Response:
    return web.json_response({"errcode": "M_NOT_FOUND", "error": "Event not found."}, status=404)


async def _empty(_request: web.Request) -> web.Response:
    return web.json_response({})
