from __future__ import annotations

import asyncio
import hashlib
import io
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from nio.crypto.attachments import encrypt_attachment  # type: ignore[import-untyped]  # no types

from bot.errors import Barred, NotSent, OutcomeUnknown, PlatformError, Refused, Throttled
from bot.events import (
    AccountId,
    Author,
    Delivery,
    DeliveryId,
    File,
    FileKind,
    MessageId,
    PersonId,
    Share,
)
from bot.richtext import plain
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import Friend, House, Inlet, house, place, reading

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")
BYTES = bytes(range(256)) * 1000


@dataclass
class Home:
    """Another network's files: all are these bytes, until `failure` comes after some of them."""

    content: bytes = BYTES
    failure: PlatformError | None = None
    times: int = 0
    opened: int = 0

    @asynccontextmanager
    async def open(self, _file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        self.opened += 1
        yield self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.content) * (self.times or 1), 50_000):
            if self.failure is not None and start:
                raise self.failure
            at = start % len(self.content)
            yield self.content[at : at + 50_000]


def _file(**more: Any) -> File:
    values = {"handle": "F1", "name": "a b.bin", "size": len(BYTES), **more}
    return File(account=AccountId("slack:alpha"), **values)


def _share(room: str, file: File, number: int = 1, thread: str | None = None) -> Delivery:
    root = MessageId(thread) if thread else None
    return Delivery(DeliveryId(f"d{number:026}"), place(room), Share(file, GRACE, root))


async def _download(friend: Friend, mxc: str) -> bytes:
    headers = {"Authorization": f"Bearer {friend.person.access_token}"}
    where = f"/_matrix/client/v1/media/download/{mxc.removeprefix('mxc://')}"
    async with friend.http.get(where, headers=headers) as answer:
        assert answer.status == 200
        return await answer.read()


async def _upload(friend: Friend, content: bytes) -> str:
    headers = {"Authorization": f"Bearer {friend.person.access_token}"}
    body, where = io.BytesIO(content), "/_matrix/media/v3/upload"
    async with friend.http.post(where, data=body, headers=headers) as told:
        return str((await told.json())["content_uri"])


async def _files(friend: Friend, room: str) -> list[dict[str, Any]]:
    return [one["content"] for one in await friend.messages(room) if "url" in one["content"]]


def test_a_file_is_shared_once_and_is_the_same(synapse: Synapse) -> None:
    async def shared() -> None:
        async with house(synapse) as home:
            room, elsewhere = await home.room(), Home()
            root = await home.ada.say(room, "root")
            matrix = home.matrix(room, open_file=elsewhere.open)
            await matrix.open()
            assert matrix.capabilities.largest_file == 50 * 1024 * 1024
            file = _file(kind=FileKind.IMAGE, mimetype="image/png", width=3, height=4, alt="a cat")
            delivery = _share(room, file, thread=root)
            sent = await matrix.deliver(delivery)
            assert await matrix.deliver(delivery) == sent == await matrix.find(delivery)
            await matrix.close()
            again = home.matrix(room, open_file=elsewhere.open)
            await again.open()
            assert await again.deliver(delivery) == sent
            await again.close()
            assert elsewhere.opened == 3  # where a file lies is forgotten when it has landed
            (content,) = await _files(home.ada, room)
            assert await _download(home.ada, content["url"]) == BYTES
            assert content["m.relates_to"]["event_id"] == root
            assert (content["body"], content["filename"]) == ("Grace: a cat", "a b.bin")
            assert content["info"] == {
                "mimetype": "image/png", "size": len(BYTES), "w": 3, "h": 4,
            }  # fmt: skip

    asyncio.run(shared())


@pytest.mark.parametrize("size", [None, 5, 10_000_000])
def test_a_file_whose_size_is_not_known_or_wrong_is_whole(
    synapse: Synapse, size: int | None
) -> None:
    async def shared() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room, open_file=Home().open)
            await matrix.open()
            await matrix.deliver(_share(room, _file(size=size)))
            await matrix.close()
            (content,) = await _files(home.ada, room)
            assert await _download(home.ada, content["url"]) == BYTES

    asyncio.run(shared())


def test_what_is_too_large_is_refused(synapse: Synapse) -> None:
    async def refused() -> None:
        async with house(synapse) as home:
            room, elsewhere = await home.room(), Home(times=250)
            matrix = home.matrix(room, open_file=elsewhere.open)
            await matrix.open()
            with pytest.raises(Refused, match="too large"):
                await matrix.deliver(_share(room, _file(size=60_000_000)))
            assert elsewhere.opened == 0
            with pytest.raises(Refused, match="too large"):  # a home that does not say
                await matrix.deliver(_share(room, _file(size=None), 2))
            await matrix.close()
            assert await _files(home.ada, room) == []

    asyncio.run(refused())


@pytest.mark.parametrize("size", [None, len(BYTES)])
@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Refused("gone"), Refused),
        (NotSent("unreachable"), NotSent),
        (Throttled("slow", retry_after=3.0), NotSent),
        (OutcomeUnknown("lost"), NotSent),
    ],
)
def test_a_file_that_its_home_does_not_give_is_not_sent(
    synapse: Synapse, failure: PlatformError, told: type[PlatformError], size: int | None
) -> None:
    async def failed() -> None:
        async with house(synapse) as home:
            room, elsewhere = await home.room(), Home(failure=failure)
            matrix = home.matrix(room, open_file=elsewhere.open)
            await matrix.open()
            with pytest.raises(told) as caught:
                await matrix.deliver(_share(room, _file(size=size)))
            assert type(caught.value) is told
            assert (caught.value.reason, caught.value.retry_after) == (
                failure.reason,
                failure.retry_after,
            )
            elsewhere.failure = None
            await matrix.deliver(_share(room, _file(size=size)))
            await matrix.close()
            assert len(await _files(home.ada, room)) == 1

    asyncio.run(failed())


def test_a_file_that_people_post_is_read_plain_and_encrypted(synapse: Synapse) -> None:
    async def read() -> None:
        async with house(synapse) as home:
            room = await home.room()
            locked, key = encrypt_attachment(BYTES)
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                url = await _upload(home.ada, BYTES)
                said = {"msgtype": "m.file", "body": "look", "filename": "a.bin", "url": url}
                await home.ada.send(room, "m.room.message", said)
                file = {**key, "url": await _upload(home.ada, locked)}
                await _encrypted(home, room, "b.png", file)
                file = {**key, "url": await _upload(home.ada, locked[:-1])}
                await _encrypted(home, room, "c.png", file)
                files = await _posted(inlet, 3)
                assert plain(inlet.posted[0].body) == "look"
                assert [one.name for one in files] == ["a.bin", "b.png", "c.png"]
                for one in files[:2]:
                    async with matrix.open_file(one) as chunks:
                        assert b"".join([chunk async for chunk in chunks]) == BYTES
                with pytest.raises(Refused, match="file damaged"):
                    async with matrix.open_file(files[2]) as chunks:
                        _ = [chunk async for chunk in chunks]
                for handle in ("x", '{"mxc":"mxc://coalition.example/nothing"}'):
                    with pytest.raises(Refused):
                        async with matrix.open_file(
                            msgspec.structs.replace(files[0], handle=handle)
                        ):
                            pass

    asyncio.run(read())


async def _encrypted(home: House, room: str, name: str, file: object) -> None:
    said = {"msgtype": "m.image", "body": name, "file": file}
    await home.ada.send(room, "m.room.message", said)


async def _posted(inlet: Inlet, count: int) -> list[File]:
    await inlet.until(lambda all_: len(all_.posted) >= count)
    return [file for event in inlet.posted for file in event.files]


def test_a_large_file_passes_from_room_to_room_in_little_memory(synapse: Synapse) -> None:
    async def passed() -> None:
        async with house(synapse) as home:
            room, other = await home.room(), await home.room()
            matrix = home.matrix(room)
            relay = home.matrix(room, other, open_file=matrix.open_file)
            await matrix.open()
            await relay.open()
            pattern = BYTES * 64
            url = await _upload(home.ada, pattern)
            handle = f'{{"mxc":"{url}"}}'
            tracemalloc.start()
            before, _ = tracemalloc.get_traced_memory()
            await relay.deliver(_share(other, _file(handle=handle, size=len(pattern))))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak - before < 8_000_000 < len(pattern)
            (content,) = await _files(home.ada, other)
            there = await _download(home.ada, content["url"])
            assert hashlib.sha256(there).digest() == hashlib.sha256(pattern).digest()
            await relay.close()
            await matrix.close()

    asyncio.run(passed())


def test_a_room_that_may_not_be_entered_gets_no_file(synapse: Synapse) -> None:
    async def refused() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room()
            matrix = home.matrix(room, open_file=Home().open)
            await matrix.open()
            with pytest.raises(Barred, match="not in the room"):
                await matrix.deliver(_share(room, _file()))
            await matrix.close()

    asyncio.run(refused())
