"""The tiny network's server: rooms of lines, counted, with faults on request."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

Line = dict[str, Any]
TOKEN = "tiny-secret"
_AT = 1772629200.0


class TinyServer:
    """The far end. `faults` of the next posts: `swallow`, `drop`, `hold`, or seconds."""

    def __init__(self, rooms: Iterable[str] = ("r1",)) -> None:
        self.rooms: dict[str, list[Line]] = {room: [] for room in rooms}
        self.people: dict[str, list[str]] = {room: ["Ada", "Ben"] for room in self.rooms}
        self.privates: list[Line] = []
        self.faults: deque[str | int] = deque()
        self.port = 0
        self.changed = asyncio.Event()
        self.logged_in: set[asyncio.StreamWriter] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._number = 0

    async def start(self) -> None:
        """Listen, on the same port again after `stop`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None
            await self.until(lambda: not self._writers)

    def say(self, text: str, *, room: str = "r1", by: str = "Ada") -> Line:
        """A person says something."""
        line = self._line("message", room, by, text)
        self.rooms[room].append(line)
        self.push(line)
        return line

    def call(self, text: str, *, room: str = "r1", by: str = "Ada") -> None:
        """A person types a command."""
        self.push(self._line("command", room, by, text))

    def push(self, line: Line) -> None:
        """Give everybody a line, whatever it is."""
        for writer in self.logged_in:
            writer.write(json.dumps(line).encode() + b"\n")
        self._stir()

    def texts(self, room: str = "r1") -> list[str]:
        """What stands in a room."""
        return [line["text"] for line in self.rooms[room]]

    def copies(self, room: str = "r1") -> list[str]:
        """What the bot wrote there."""
        return [line["text"] for line in self.rooms[room] if "delivery" in line]

    async def until(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something here is so."""
        async with asyncio.timeout(seconds):
            while not done():
                await self.changed.wait()

    def _line(self, event: str, room: str, by: str, text: str) -> Line:
        self._number += 1
        return {
            "event": event, "room": room, "n": self._number, "by": by, "text": text, "at": _AT
        }  # fmt: skip

    def _stir(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while raw := await reader.readline():
                asked = json.loads(raw)
                answer = self._answer(asked, writer)
                if answer is not None:
                    writer.write(json.dumps({**answer, "answer": asked["id"]}).encode() + b"\n")
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            self.logged_in.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self._stir()

    def _answer(self, asked: Line, writer: asyncio.StreamWriter) -> Line | None:
        if asked["do"] == "hello":
            good = asked["token"] == TOKEN
            if good:
                self.logged_in.add(writer)
                self._stir()
            return {"ok": good}
        if asked["do"] == "rooms":
            return {"rooms": list(self.rooms)}
        room = self.rooms.get(asked["room"])
        if room is None:
            return {"refused": "no_such_room"}
        match asked["do"]:
            case "people":
                return {"people": self.people.get(asked["room"], [])}
            case "newest":
                return {"n": room[-1]["n"] if room else 0}
            case "history":
                since, limit = asked["since"], asked["limit"]
                return {"lines": [line for line in room if line["n"] > since][:limit]}
            case "find":
                lines = [*room, *self.privates]
                found = (e["n"] for e in lines if e.get("delivery") == asked["delivery"])
                return {"n": next(found, None)}
            case _:
                return self._post(asked, room, writer)

    def _post(self, asked: Line, room: list[Line], writer: asyncio.StreamWriter) -> Line | None:
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, int):
            return {"throttled": fault}
        if fault == "hold":  # never answered
            return None
        if fault != "drop":
            line = self._line("message", asked["room"], asked["by"], asked["text"])
            line["delivery"] = asked["delivery"]
            if "to" in asked:
                self.privates.append({**line, "to": asked["to"]})
                self._stir()
            else:
                room.append(line)
                if fault is None:
                    self.push(line)
        if fault is not None:
            writer.transport.abort()
            return None
        return {"n": self._number}


@asynccontextmanager
async def tiny_server(rooms: Iterable[str] = ("r1",)) -> AsyncIterator[TinyServer]:
    """A server for the time of a test."""
    server = TinyServer(rooms)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
