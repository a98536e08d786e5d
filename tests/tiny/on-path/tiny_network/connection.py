"""All that is sent to and read from the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from typing import Any

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError, Refused, Throttled
from bot.events import (
    Answer,
    Arrival,
    Author,
    CommandTyped,
    Delivery,
    File,
    MessageId,
    MessagePosted,
    RoomId,
    Standing,
    local,
    person_id,
    room_id,
)
from bot.forms import Form
from bot.platforms.base import (
    Capabilities,
    CatchUp,
    Finding,
    Identity,
    RoomInfo,
    Roster,
    Sent,
    Surroundings,
    Trouble,
)
from bot.platforms.gaps import Gaps
from tiny_network.inbound import read
from tiny_network.outbound import request
from tiny_network.settings import TinyAccount

_AGAIN = 0.05
"""Seconds between two attempts to connect: the server is on this machine."""


class TinyPlatform:
    """One account on a server of lines."""

    capabilities = Capabilities(
        longest_text=10_000,
        idempotent_for=0.0,
        request_timeout=0.5,
        history_hides_privates=False,
        reactions=False,
        topics=False,
        largest_file=0,
    )

    def __init__(self, settings: TinyAccount, surroundings: Surroundings) -> None:
        self.account = surroundings.account
        self._settings = settings
        self._rooms = surroundings.rooms
        self._gaps = Gaps(surroundings.rooms, self, surroundings.memory, first_pause=_AGAIN)
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._closed = False

    @property
    def session(self) -> str:
        return ""

    @property
    def connected(self) -> bool:
        return self._writer is not None

    async def open(self) -> None:
        await self._connect()

    async def events(self) -> AsyncIterator[Arrival]:
        staying = asyncio.create_task(self._stay_connected())
        try:
            async for arrival in self._gaps.arrivals():
                yield arrival
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)

    def read_up(self, rooms: Iterable[RoomId]) -> None:
        self._gaps.read_up(rooms)

    async def history(self, room: RoomId, since: str) -> AsyncIterator[Arrival]:
        async for arrival in self.read(room, since, CatchUp()):
            yield arrival

    async def past(self, room: RoomId, since: datetime, most: int) -> AsyncIterator[Arrival]:
        await self._connect()
        said = [each async for each in self.read(room, "", CatchUp())]
        for arrival in said[-most:]:
            if isinstance(arrival.event, MessagePosted) and arrival.event.said >= since:
                yield arrival

    async def read(self, room: RoomId, since: str, limit: CatchUp) -> AsyncGenerator[Arrival, None]:
        """As `bot.platforms.past.Past` asks for it."""
        position = int(since or 0)
        while True:
            asked = {"do": "history", "room": local(room), "since": position, "limit": 100}
            lines = (await self._ask(asked))["lines"]
            for line in lines:
                position = line["n"]
                yield read(self.account, line, live=False)
            if not lines:
                return

    async def newest(self, room: RoomId) -> str:
        found = await self._ask({"do": "newest", "room": local(room)})
        return f"{found['n']:08d}"

    def earlier(self, position: str) -> str:
        return position

    def is_later(self, position: str, than: str) -> bool:
        return position > than

    async def deliver(self, delivery: Delivery) -> Sent:
        number = (await self._ask(request(delivery)))["n"]
        return Sent(None if isinstance(delivery.content, Answer) else _message(number))

    async def find(self, delivery: Delivery) -> Sent | None:
        asked = {"do": "find", "room": local(delivery.room), "delivery": delivery.id}
        number = (await self._ask(asked))["n"]
        return None if number is None else Sent(_message(number))

    async def roster(self, room: RoomId) -> Roster:
        await self._connect()
        names = (await self._ask({"do": "people", "room": local(room)}))["people"]
        us = Author(person_id(self.account, ""), "", bot=True, standing=Standing.OURS)
        people = (
            Author(person_id(self.account, name.lower()), name, standing=Standing.MEMBER)
            for name in names
        )
        return Roster((*people, us))

    async def fetch(self, room: RoomId, message: MessageId) -> MessagePosted | None:
        await self._connect()
        asked = {"do": "history", "room": local(room), "since": int(message) - 1, "limit": 1}
        for line in (await self._ask(asked))["lines"]:
            event = read(self.account, line).event
            if isinstance(event, MessagePosted) and event.message == message:
                return event
        return None

    def open_file(self, file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise Refused("no_files")

    async def check(self) -> Sequence[Finding]:
        try:
            await self._connect()
        except AccountRefused as refusal:
            return [Finding("token", ok=False, mend=refusal.mend)]
        there = {info.room for info in await self.list_rooms()}
        return [
            Finding(f"{room} is there", room in there, "" if room in there else "make the room")
            for room in sorted(self._rooms)
        ]

    def identity(self, room: RoomId) -> Identity | None:
        return Identity(room)

    def link_to(self, room: RoomId, message: MessageId) -> str | None:
        return None

    async def probe(self) -> Sequence[Trouble]:
        there = {info.room for info in await self.list_rooms()}
        return [Trouble("no such room", room) for room in sorted(self._rooms - there)]

    async def show_form(self, opens: str, form: Form, typed: CommandTyped) -> None:
        raise Refused("not_here")

    async def list_rooms(self) -> Sequence[RoomInfo]:
        await self._connect()
        names = (await self._ask({"do": "rooms"}))["rooms"]
        return [
            RoomInfo(room_id(self.account, name), name, joined=True, private=True) for name in names
        ]

    async def close(self) -> None:
        self._closed = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._let_go()

    async def _stay_connected(self) -> None:
        while not self._closed:
            with suppress(PlatformError):
                await self._connect()
            if self._reading is not None and self.connected:
                await asyncio.wait([self._reading])
            else:
                await asyncio.sleep(_AGAIN)

    async def _connect(self) -> None:
        async with self._connecting:
            if self._writer is not None or self._closed:
                return
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._settings.port)
            except OSError as error:
                raise NotSent("unreachable") from error
            self._writer = writer
            self._reading = asyncio.create_task(self._read(reader))
            token = self._settings.token.get_secret_value()
            if not (await self._ask({"do": "hello", "token": token}))["ok"]:
                await self._let_go()
                raise AccountRefused("bad_token", mend=f"{self.account}: token: ask the server")
            self._gaps.fall_behind()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                await self._take(line)
        except (OSError, ValueError):
            pass
        finally:
            await self._let_go()

    async def _take(self, raw: bytes) -> None:
        line = json.loads(raw)
        if "answer" in line:
            waiting = self._answers.pop(line["answer"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(line)
        else:
            await self._gaps.put(read(self.account, line))

    async def _let_go(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(OutcomeUnknown("cut"))
        self._answers.clear()

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self._writer is None:
            raise NotSent("not_connected")
        self._number += 1
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._number] = waiting
        self._writer.write(json.dumps({**asked, "id": self._number}).encode() + b"\n")
        try:
            async with asyncio.timeout(self.capabilities.request_timeout):
                answer = await waiting
        except TimeoutError as error:
            raise OutcomeUnknown("timeout") from error
        if "throttled" in answer:
            raise Throttled("throttled", retry_after=answer["throttled"])
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer


def _message(number: int) -> MessageId:
    return MessageId(f"{number:08d}")
