from __future__ import annotations

import asyncio

from bot.events import Answer, Delivery, DeliveryId, person_id
from bot.richtext import say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import ACCOUNT, Friend, eventually, house, place, reading


def _answer(asker: Friend, room: str, number: int = 1, *, direct: bool = False) -> Delivery:
    content = Answer(person_id(ACCOUNT, asker.id), say("pong"), direct=direct)
    return Delivery(DeliveryId(f"d{number:026}"), place(room), content)


async def _invited(friend: Friend) -> list[str]:
    return list((await friend.call("GET", "sync")).get("rooms", {}).get("invite", {}))


def test_invitations_are_accepted_to_configured_rooms_alone(synapse: Synapse) -> None:
    async def invited() -> None:
        async with house(synapse) as home:
            waiting = await home.ada.make_room(home.bot.id)
            mine, other = await home.ada.make_room(), await home.ada.make_room()
            async with reading(home.matrix(waiting, mine), home.memory) as inlet:
                for room in (other, mine):
                    await home.ada.call("POST", f"rooms/{room}/invite", {"user_id": home.bot.id})
                await eventually(lambda: _has_joined(home.bot, {waiting, mine}))
                await home.ada.say(mine, "welcome")
                await inlet.until_text("welcome")
                assert "invitation to a room in no channel" in inlet.kinds
                assert set(await home.bot.rooms()) == {waiting, mine}
                assert await _invited(home.bot) == [other]

    asyncio.run(invited())


def test_once_open_nothing_that_is_said_is_missed(synapse: Synapse) -> None:
    async def opened() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room(home.bot.id)
            matrix = home.matrix(room)
            await matrix.open()
            assert await home.bot.rooms() == [room]
            await home.ada.say(room, "first")
            async with reading(matrix, home.memory) as inlet:
                await inlet.until_text("first")

    asyncio.run(opened())


def test_a_direct_room_is_met_with_people_of_the_rooms(synapse: Synapse) -> None:
    async def met() -> None:
        async with house(synapse) as home:
            room = await home.room()
            async with reading(home.matrix(room), home.memory) as inlet:
                strange = await home.bob.make_room(home.bot.id, is_direct=True)
                direct = await home.ada.make_room(home.bot.id, is_direct=True)
                await home.ada.say(direct, "said before the bot came in")
                await eventually(lambda: _has_joined(home.bot, {room, direct}))
                await home.ada.say(direct, "help")
                await inlet.until_text("help")
                assert inlet.texts == ["said before the bot came in", "help"]
                assert all(event.direct for event in inlet.posted)
                assert inlet.posted[-1].room == place(direct)
                assert await _invited(home.bot) == [strange]

    asyncio.run(met())


def test_an_answer_goes_to_one_direct_room_that_is_used_again(synapse: Synapse) -> None:
    async def answered() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            await matrix.open()
            sent = await matrix.deliver(_answer(home.ada, room))
            (direct,) = await _invited(home.ada)
            await home.ada.join(direct)
            # a crash after the room was made and before it was noted
            for key in list(home.memory.kept):
                if key.startswith(("direct:", "partner:")):
                    del home.memory.kept[key]
            assert await matrix.deliver(_answer(home.ada, room)) == sent
            assert await matrix.find(_answer(home.ada, room)) == sent
            assert await matrix.find(_answer(home.ada, room, 9)) is None
            assert set(await home.bot.rooms()) == {room, direct}
            said = await home.ada.messages(direct)
            assert [event["content"]["body"] for event in said] == ["pong"]
            assert await home.ada.messages(room) == []
            listed = await home.bot.call("GET", f"user/{home.bot.id}/account_data/m.direct")
            assert listed == {home.ada.id: [direct]}
            state = await home.ada.call("GET", f"rooms/{direct}/state/m.room.history_visibility")
            assert state == {"history_visibility": "invited"}
            await matrix.close()

    asyncio.run(answered())


def test_who_has_left_is_invited_again(synapse: Synapse) -> None:
    async def left() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            await matrix.open()
            await matrix.deliver(_answer(home.ada, room))
            (direct,) = await _invited(home.ada)
            await home.ada.join(direct)
            await home.ada.call("POST", f"rooms/{direct}/leave", {})
            await matrix.deliver(_answer(home.ada, room, 2))
            assert await _invited(home.ada) == [direct]
            await matrix.close()

    asyncio.run(left())


def test_an_answer_never_enters_a_room_with_a_third_person(synapse: Synapse) -> None:
    async def third() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                direct = await home.ada.make_room(home.bot.id, is_direct=True)
                await eventually(lambda: _has_joined(home.bot, {room, direct}))
                await home.ada.say(direct, "ping")
                await inlet.until_text("ping")
                await home.ada.call("POST", f"rooms/{direct}/invite", {"user_id": home.bob.id})
                await matrix.deliver(_answer(home.ada, direct, direct=True))
                (fresh,) = await _invited(home.ada)
                assert fresh != direct
                said = [event["content"]["body"] for event in await home.ada.messages(direct)]
                assert said == ["ping"]
                # and what is said there is for the bot no more
                await home.ada.say(direct, "psst")
                await home.ada.say(room, "aloud")
                await inlet.until_text("aloud")
                assert "psst" not in inlet.texts

    asyncio.run(third())


def test_an_answer_to_a_question_in_the_direct_room_stays_there(synapse: Synapse) -> None:
    async def stays() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                direct = await home.ada.make_room(home.bot.id, is_direct=True)
                await eventually(lambda: _has_joined(home.bot, {room, direct}))
                await home.ada.say(direct, "ping")
                await inlet.until_text("ping")
                await matrix.deliver(_answer(home.ada, direct, direct=True))
                said = [event["content"]["body"] for event in await home.ada.messages(direct)]
                assert said == ["ping", "pong"]
                assert await _invited(home.ada) == []

    asyncio.run(stays())


async def _has_joined(friend: Friend, rooms: set[str]) -> bool:
    return rooms <= set(await friend.rooms())
