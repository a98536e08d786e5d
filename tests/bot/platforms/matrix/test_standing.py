"""What the admin rooms hear of an account: logged out, put out of a room, silenced, moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from bot.delivery.outbox import new_id
from bot.errors import Barred, Refused
from bot.events import Delivery, Post, Topic
from bot.richtext import say
from bot.sandbox.synapse import Synapse
from bot.store.database import Database
from tests.bot.platforms.matrix.house import ACCOUNT, House, eventually, house, place, reading
from tests.clock import Clock
from tests.watching import Watch, watching


@asynccontextmanager
async def watched(
    at: House, database: Database, clock: Clock, room: str, **more: object
) -> AsyncIterator[Watch]:
    matrix = at.matrix(room, **more)  # type: ignore[arg-type]  # settings by name
    async with (
        reading(matrix, at.memory),
        watching(database, clock, {ACCOUNT: matrix}) as watch,
    ):
        assert await watch.told() == []
        yield watch


@pytest.mark.parametrize("how", ["kick", "ban"])
def test_a_room_that_the_bot_is_put_out_of_is_said_and_what_waits_lands_when_it_is_back(
    synapse: Synapse, sqlite: Database, clock: Clock, how: str
) -> None:
    async def scenario() -> None:
        async with house(synapse) as at:
            room = await at.room()
            async with watched(at, sqlite, clock, room) as watch:
                await at.ada.call("POST", f"rooms/{quote(room)}/{how}", {"user_id": at.bot.id})
                (told,) = await watch.told()
                assert "is closed to me: the bot is not in the room" in told
                await watch.post(place(room), "while the bot was out")
                await eventually(lambda: _barred(watch))
                if how == "ban":
                    await at.ada.call("POST", f"rooms/{quote(room)}/unban", {"user_id": at.bot.id})
                await at.ada.call("POST", f"rooms/{quote(room)}/invite", {"user_id": at.bot.id})
                await eventually(lambda: _is_in(at, room))
                await watch.canary.look()  # its lane is hurried
                await eventually(lambda: _shows(at, room, "while the bot was out"))
                assert (await watch.told())[1:] == [f"{place(room)} is open to me again."]

    asyncio.run(scenario())


def test_an_account_that_was_logged_out_is_said(
    synapse: Synapse, sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with house(synapse) as at:
            room = await at.room()
            token = at.bot.person.access_token
            async with watched(at, sqlite, clock, room, password=None, access_token=token) as watch:
                await at.bot.call("POST", "logout", {})
                (told,) = await watch.told()
                assert told.startswith(
                    f"{ACCOUNT} does not work: the bot's account is not accepted"
                )

    asyncio.run(scenario())


def test_a_room_where_the_bot_may_not_speak_waits_and_a_right_that_lacks_does_not(
    synapse: Synapse,
) -> None:
    async def scenario() -> None:
        async with house(synapse) as at:
            room = await at.room()
            matrix = at.matrix(room)
            async with reading(matrix, at.memory):
                with pytest.raises(Refused, match="M_FORBIDDEN") as lacks:
                    await matrix.deliver(Delivery(new_id(), place(room), Topic("ours")))
                assert not isinstance(lacks.value, Barred)
                where = f"rooms/{quote(room)}/state/m.room.power_levels"
                levels = await at.ada.call("GET", where)
                await at.ada.call("PUT", where, {**levels, "events_default": 50})
                with pytest.raises(Barred, match="may not speak"):
                    await matrix.deliver(Delivery(new_id(), place(room), Post(say("hello"))))

    asyncio.run(scenario())


async def _barred(watch: Watch) -> bool:
    return bool(watch.lanes.barred)


async def _is_in(at: House, room: str) -> bool:
    return room in await at.bot.rooms()


async def _shows(at: House, room: str, text: str) -> bool:
    return any(text in each["content"].get("body", "") for each in await at.ada.messages(room))
