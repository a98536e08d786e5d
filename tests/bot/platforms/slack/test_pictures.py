"""People's pictures: known by their profile, fetched without the token, and from nobody else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from bot.errors import Refused
from bot.events import Author, Delivery, DeliveryId, File, MessagePosted, PersonId, Post
from bot.platforms.slack.connection import SlackPlatform
from bot.platforms.slack.downloads import _has_pictures
from bot.platforms.slack.people import PICTURE, picture_of
from bot.richtext import say
from tests.bot.platforms.slack.workplace import (
    ACCOUNT,
    Place,
    becomes,
    place,
    reading,
    run,
    settings,
    surroundings,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def picture(address: str) -> File:
    return File(ACCOUNT, f"{PICTURE} {address}", "picture")


def give_picture(at: Place, content: bytes = PNG) -> None:
    user = at.workspace.world.users[at.ada]
    user.image, user.picture = f"{at.workspace.world.address}/pictures/{at.ada}", content


async def fetched(at: Place, file: File) -> bytes:
    async with at.platform.open_file(file) as pieces:
        return b"".join([piece async for piece in pieces])


def test_what_a_person_says_comes_with_their_picture_which_can_be_fetched() -> None:
    async def scenario() -> None:
        async with place() as at:
            give_picture(at)
            async with reading(at) as reader:
                await at.caught_up()
                at.say("hello")
                await reader.until(lambda: bool(reader.of(MessagePosted)))
                author = reader.of(MessagePosted)[-1].author
                assert author.name == "Ada"
                assert await fetched(at, File(ACCOUNT, author.picture, "picture")) == PNG

    run(scenario())


def test_who_has_no_picture_has_none() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            at.say("hello")
            await reader.until(lambda: bool(reader.of(MessagePosted)))
            assert reader.of(MessagePosted)[-1].author.picture == ""

    run(scenario())


def test_a_picture_that_is_gone_is_refused() -> None:
    async def scenario() -> None:
        async with place() as at:
            give_picture(at, b"")
            with pytest.raises(Refused):
                await fetched(at, picture(at.workspace.world.users[at.ada].image))

    run(scenario())


@pytest.mark.parametrize(
    "address",
    ["http://a.slack-edge.com/x.png", "https://127.0.0.1/x.png", "https://evil.example/x.png",
     "https://slack-edge.com.evil.example/x", "https://a@slack-edge.com@evil.example/x",
     "https://evilslack-edge.com/x", "https://169.254.169.254/latest", "ftp://gravatar.com/x",
     "https://user@secure.gravatar.com/x", "https://[::1]/x"],
)  # fmt: skip
def test_no_other_address_is_asked_for_a_picture(address: str) -> None:
    assert not _has_pictures(address)

    async def scenario() -> None:
        async with place() as at:
            with pytest.raises(Refused, match="elsewhere"):
                await fetched(at, picture(address))

    run(scenario())


@pytest.mark.parametrize(
    "address",
    ["https://avatars.slack-edge.com/2026/x_192.png", "https://a.slack-edge.com/x.png",
     "https://secure.gravatar.com/avatar/0?d=https%3A%2F%2Fa", "https://i0.wp.com/x"],
)  # fmt: skip
def test_those_who_keep_slacks_pictures_are(address: str) -> None:
    assert _has_pictures(address)


@pytest.mark.parametrize(
    "profile",
    [
        None,
        3,
        {},
        {"image_192": 3},
        {"image_72": "javascript:x"},
        {"image_192": "https://a b/"},
        {"image_192": "https://[::1]/x"},
        {"image_192": "https://a/\n"},
    ],
)
def test_what_is_no_address_is_no_picture(profile: object) -> None:
    assert picture_of({"profile": profile}) == ""


def test_the_larger_picture_is_taken() -> None:
    profile = {"image_72": "https://a/72", "image_192": "https://a/192"}
    assert picture_of({"profile": profile}) == f"{PICTURE} https://a/192"


@dataclass
class Shown:
    """A showcase that keeps nothing."""

    put_there: list[tuple[bytes, str]] = field(default_factory=list)
    good: bool = True

    async def put(self, content: bytes, kind: str) -> str:
        self.put_there.append((content, kind))
        return f"https://x.example/pictures/{len(self.put_there)}"

    def is_there(self, address: str) -> bool:
        return self.good and bool(address)


def test_a_picture_of_another_network_is_shown_once_it_is_published() -> None:
    theirs = Author(PersonId("matrix:c/@grace:x"), "Grace", picture="theirs")

    @asynccontextmanager
    async def opened(_file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
        async def pieces() -> AsyncGenerator[bytes, None]:
            yield PNG

        yield pieces()

    async def scenario() -> None:
        shown = Shown()
        async with place() as at:
            around = replace(surroundings([at.room], at.memory, None, opened), showcase=shown)
            platform = SlackPlatform(settings(at.workspace), around)
            for number in range(3):
                delivered = Delivery(DeliveryId(f"d{number:026}"), at.room, Post(say("x"), theirs))
                await platform.deliver(delivered)
                await becomes(lambda: not platform._pictures or not platform._pictures._asked)
            await platform.close()
            icons = [each.get("icons", {}) for each in at.workspace.messages(at.channel)]
            address = "https://x.example/pictures/1"
            assert [each.get("image_72") for each in icons] == [None, address, address]
            assert shown.put_there == [(PNG, "image/png")]
            shown.good = False  # what was kept is gone from there: it is put there anew
            platform = SlackPlatform(settings(at.workspace), around)
            await platform.deliver(
                Delivery(DeliveryId("d" + "9" * 26), at.room, Post(say("x"), theirs))
            )
            await becomes(lambda: len(shown.put_there) == 2)
            await platform.close()

    run(scenario())
