"""Other networks' own emoji in Matrix: pictures on our homeserver, which no message waits for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.events import Author, Delivery, DeliveryId, File, PersonId, Post
from bot.richtext import Emoji, Paragraph, RichText
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import house, place
from tests.bot.platforms.matrix.test_media import _download

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OURS = RichText((Paragraph((Emoji(":ours:", picture="slack:alpha picture https://x/y.png"),)),))


def test_the_first_has_its_name_and_those_after_it_their_picture(synapse: Synapse) -> None:
    opened: list[File] = []

    @asynccontextmanager
    async def open_file(file: File) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            yield PNG

        opened.append(file)
        yield pieces()

    async def said() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room, open_file=open_file)
            await matrix.open()
            for number in range(3):
                delivery = Delivery(DeliveryId(f"d{number:026}"), place(room), Post(OURS, GRACE))
                await matrix.deliver(delivery)
                await asyncio.gather(*matrix._pictures._asked.values())
            await matrix.close()
            (file,) = opened
            assert (file.account, file.handle) == ("slack:alpha", "picture https://x/y.png")
            first, *others = [one["content"] for one in await home.ada.messages(room)]
            assert "<img" not in first["formatted_body"]
            for other in others:
                assert other["body"] == "Grace: :ours:"
                shown = other["formatted_body"]
                found = re.search(r'<img data-mx-emoticon src="(mxc://[^"]+)" alt=":ours:"', shown)
                assert found is not None
                assert await _download(home.ada, found[1]) == PNG

    asyncio.run(said())
