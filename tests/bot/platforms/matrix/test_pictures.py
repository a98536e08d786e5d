"""Pictures of authors: put on the homeserver once, beside the messages, which never wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from bot.errors import PlatformError, Refused, Throttled
from bot.events import Author, Delivery, DeliveryId, Edit, File, MessageId, PersonId, Post
from bot.platforms.matrix.attachments import handle_of
from bot.platforms.pictures import LARGEST
from bot.richtext import say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import Friend, House, Inlet, eventually, house, place, reading
from tests.bot.platforms.matrix.test_media import _download, _upload

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
GRACE = Author(PersonId("slack:alpha/U1"), "Grace", picture="picture https://a/1")


@dataclass
class Gallery:
    """Where pictures lie: each opening waits until it is let go on."""

    content: bytes = PNG
    failure: PlatformError | None = None
    opened: list[File] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def open(self, file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        self.opened.append(file)
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        yield self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.content), 50_000):
            yield self.content[start : start + 50_000]


def post(room: str, number: int, author: Author = GRACE) -> Delivery:
    return Delivery(DeliveryId(f"d{number:026}"), place(room), Post(say(f"m{number}"), author))


async def profiles(friend: Friend, room: str) -> list[dict[str, str]]:
    return [one["content"]["com.beeper.per_message_profile"] for one in await friend.messages(room)]


def test_the_first_message_goes_without_and_those_after_show_the_picture(synapse: Synapse) -> None:
    async def shown() -> None:
        async with house(synapse) as home:
            room, gallery = await home.room(), Gallery()
            matrix = home.matrix(room, open_file=gallery.open)
            await matrix.open()
            first = await matrix.deliver(post(room, 1))
            assert gallery.opened == [] or not gallery.go_on.is_set()
            gallery.go_on.set()
            await eventually(lambda: _kept(home))
            await matrix.deliver(post(room, 2))
            edit = Edit(say("other words"), GRACE, MessageId(str(first.message)))
            await matrix.deliver(Delivery(DeliveryId("d" + "3" * 26), place(room), edit))
            await matrix.close()
            one, two, three = await profiles(home.ada, room)
            assert "avatar_url" not in one
            assert two["avatar_url"] == three["avatar_url"]
            assert await _download(home.ada, two["avatar_url"]) == PNG
            again = home.matrix(room, open_file=gallery.open)  # it is known from then on
            await again.open()
            await again.deliver(post(room, 4))
            await eventually(lambda: _known(again))
            await again.deliver(post(room, 5))
            await again.close()
            assert (await profiles(home.ada, room))[-1]["avatar_url"] == two["avatar_url"]
            assert [each.handle for each in gallery.opened] == [GRACE.picture]

    async def _kept(home: House) -> bool:
        return any(key.startswith("picture:") for key in home.memory.kept)

    async def _known(matrix: object) -> bool:
        return bool(matrix._pictures._known)  # type: ignore[attr-defined]  # nothing tells of it

    asyncio.run(shown())


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b"<svg onload='x'>", None),
        (PNG + bytes(LARGEST), None),
        (PNG, Refused("gone")),
        (PNG, Throttled("later", retry_after=1)),
    ],
)
def test_what_is_no_picture_or_too_large_or_not_to_be_had_is_not_shown(
    synapse: Synapse, content: bytes, failure: PlatformError | None
) -> None:
    async def shown() -> None:
        async with house(synapse) as home:
            room, gallery = await home.room(), Gallery(content, failure)
            gallery.go_on.set()
            matrix = home.matrix(room, open_file=gallery.open)
            await matrix.open()
            for number in range(3):
                await matrix.deliver(post(room, number))
                await eventually(lambda: _over(matrix))
            await matrix.close()
            assert not any("avatar_url" in each for each in await profiles(home.ada, room))
            assert len(gallery.opened) == 1
            assert not any(key.startswith("picture:") for key in home.memory.kept)

    async def _over(matrix: object) -> bool:
        return not matrix._pictures._asked  # type: ignore[attr-defined]  # nothing tells of it

    asyncio.run(shown())


def test_a_picture_that_lies_on_a_homeserver_is_shown_from_there_at_once(synapse: Synapse) -> None:
    async def shown() -> None:
        async with house(synapse) as home:
            room, gallery = await home.room(), Gallery()
            matrix = home.matrix(room, open_file=gallery.open)
            await matrix.open()
            theirs = replace(GRACE, picture=handle_of("mxc://other.example/abc"))
            await matrix.deliver(post(room, 1, theirs))
            await matrix.close()
            (profile,) = await profiles(home.ada, room)
            assert profile["avatar_url"] == "mxc://other.example/abc"
            assert gallery.opened == []

    asyncio.run(shown())


def test_what_a_person_says_comes_with_their_picture_in_the_room(synapse: Synapse) -> None:
    async def heard() -> None:
        async with house(synapse) as home:
            mxc = await _upload(home.ada, PNG)
            await home.ada.call("PUT", f"profile/{home.ada.id}/avatar_url", {"avatar_url": mxc})
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                await home.ada.say(room, "hello")
                await inlet.until_text("hello")
                assert _pictures(inlet) == {handle_of(mxc)}

    asyncio.run(heard())


def _pictures(inlet: Inlet) -> set[str]:
    return {event.author.picture for event in inlet.posted}
