"""A person whose client encrypts: nio's own, the independent judge of what the bot does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]  # it brings no types

from tests.bot.platforms.matrix.house import PASSWORD, Friend, House

ENCRYPTED = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


class Ally:
    """Somebody with a client that encrypts."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.events: list[Any] = []
        self._more = asyncio.Event()

    def hear(self, _room: object, event: Any) -> None:
        self.events.append(event)
        self._more.set()

    async def until(self, holds: Callable[[Ally], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds(self):
                self._more.clear()
                await self._more.wait()

    def find(self, text: str) -> Any:
        """The event with this text, None if it was not heard."""
        return next((e for e in self.events if getattr(e, "body", "") == text), None)

    async def until_text(self, text: str) -> Any:
        await self.until(lambda ally: ally.find(text) is not None)
        return self.find(text)

    async def send(self, room: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        answer = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def say(self, room: str, text: str, **more: object) -> str:
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})


@asynccontextmanager
async def ally(home: House, folder: Path, who: Friend | None = None) -> AsyncIterator[Ally]:
    """Ada's client (or another's), syncing."""
    person = (who or home.ada).id
    folder.mkdir(exist_ok=True)
    config = nio.AsyncClientConfig(store_sync_tokens=False, encryption_enabled=True)
    client = nio.AsyncClient(home.synapse.url, person, store_path=str(folder), config=config)
    made = await client.login(PASSWORD)
    assert isinstance(made, nio.LoginResponse), made
    judge = Ally(client)
    client.add_event_callback(judge.hear, nio.Event)
    await client.sync(timeout=0, full_state=True)
    if client.should_upload_keys:
        await client.keys_upload()
    task = asyncio.create_task(follow(client))
    try:
        yield judge
    finally:
        task.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await task
        finally:
            await client.close()


async def follow(client: Any) -> None:
    """One request after another. nio's own `sync_forever` asks beside the sync, in a task of its
    own; where a `room_send` asked meanwhile it ends with "No key query required".
    """
    while True:
        await client.sync(timeout=10_000)
        await client.send_to_device_messages()
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())


async def hidden_room(home: House) -> str:
    """An encrypted room that Ada made and the bot is in."""
    room = await home.ada.make_room(home.bot.id, initial_state=[ENCRYPTED])
    await home.bot.join(room)
    return room
