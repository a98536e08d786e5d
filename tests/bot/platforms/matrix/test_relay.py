from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import Author, Delivery, DeliveryId, MessageId, PersonId, Post, React, Standing
from bot.richtext import Mention, Paragraph, plain, say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import ACCOUNT, Friend, eventually, house, place, reading

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")


def _post(room: str, text: str, number: int = 1, thread: str | None = None) -> Delivery:
    root = MessageId(thread) if thread else None
    return Delivery(DeliveryId(f"d{number:026}"), place(room), Post(say(text), GRACE, root))


def test_text_is_carried_both_ways(synapse: Synapse) -> None:
    async def both() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                event = await home.ada.say(room, "one\n<b>two</b>")
                await inlet.until_text("one\n<b>two</b>")
                heard = inlet.posted[0]
                assert heard.message == event
                assert heard.room == place(room)
                ada = PersonId(f"{ACCOUNT}/{home.ada.id}")
                assert heard.author == Author(ada, "Ada L.", standing=Standing.MEMBER)
                assert abs((heard.said - datetime.now(UTC)).total_seconds()) < 60
                assert (heard.own, heard.direct, heard.mentions_bot) == (None, False, False)
                sent = await matrix.deliver(_post(room, "three & four"))
                await inlet.until(lambda all_: any(e.own for e in all_.posted))
                assert inlet.posted[-1].own == f"d{1:026}"
                assert inlet.posted[-1].message == sent.message
            said = (await home.ada.messages(room))[-1]
            assert said["event_id"] == sent.message
            assert said["content"]["body"] == "Grace: three & four"
            assert said["content"]["m.mentions"] == {}

    asyncio.run(both())


def test_a_delivery_that_is_repeated_after_a_restart_lands_once(synapse: Synapse) -> None:
    async def repeated() -> None:
        async with house(synapse) as home:
            room = await home.room()
            first = home.matrix(room)
            await first.open()
            session = first.session
            sent = await first.deliver(_post(room, "once"))
            await first.close()
            second = home.matrix(room)
            await second.open()
            assert second.session == session != ""
            assert await second.deliver(_post(room, "once")) == sent
            assert await second.find(_post(room, "once")) == sent
            assert await second.find(_post(room, "once", number=2)) is None
            await second.close()
            assert len(await home.ada.messages(room)) == 1

    asyncio.run(repeated())


def test_threads_and_reactions_go_where_they_belong(synapse: Synapse) -> None:
    async def related() -> None:
        async with house(synapse) as home:
            room = await home.room()
            root = await home.ada.say(room, "root")
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                await matrix.deliver(_post(room, "reply", thread=root))
                await inlet.until(lambda all_: bool(all_.posted))
                assert inlet.posted[-1].thread == root
                react = React("✅", MessageId(root))
                delivery = Delivery(DeliveryId("d" + "r" * 26), place(room), react)
                sent = await matrix.deliver(delivery)
                assert await matrix.find(delivery) == sent
                # another delivery of the same reaction finds it there
                again = Delivery(DeliveryId("d" + "s" * 26), place(room), react)
                assert await matrix.deliver(again) == sent

    asyncio.run(related())


def test_what_was_missed_comes_complete_and_in_order(synapse: Synapse) -> None:
    async def missed() -> None:
        async with house(synapse) as home:
            room, other = await home.room(), await home.room()
            await home.ada.say(room, "before the bot")
            async with reading(home.matrix(room, other), home.memory) as inlet:
                await home.ada.say(room, "seen")
                await inlet.until_text("seen")
            assert inlet.texts == ["seen"]
            for number in range(205):
                await home.ada.say(room, f"missed {number}")
            await home.ada.say(other, "elsewhere")
            async with reading(home.matrix(room, other), home.memory) as inlet:
                await home.ada.say(room, "new")
                await inlet.until_text("new")
                here = [plain(e.body) for e in inlet.posted if e.room == place(room)]
                assert here == [*(f"missed {number}" for number in range(205)), "new"]
                assert "elsewhere" in inlet.texts
                assert {event.author.name for event in inlet.posted} == {"Ada L."}

    asyncio.run(missed())


def test_a_position_moves_only_with_the_last_arrival_of_an_answer(synapse: Synapse) -> None:
    async def cut() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory):
                pass
            for number in range(5):
                await home.ada.say(room, f"m{number}")
            matrix = home.matrix(room)
            stream = matrix.events()
            first = await anext(stream)  # and then a crash: nothing was committed
            assert first.mark is None
            await stream.aclose()
            await matrix.close()
            async with reading(home.matrix(room), home.memory) as inlet:
                await inlet.until_text("m4")
                assert inlet.texts == [f"m{number}" for number in range(5)]
                assert [a.mark is not None for a in inlet.arrivals] == [*[False] * 4, True]

    asyncio.run(cut())


def test_what_was_said_before_the_bot_came_is_not_told(synapse: Synapse) -> None:
    async def came_later() -> None:
        async with house(synapse) as home:
            ids = [await home.ada.make_room() for _ in range(2)]
            async with reading(home.matrix(*ids), home.memory):
                pass
            for room, after in zip(ids, (3, 105), strict=True):
                for number in range(3):
                    await home.ada.say(room, f"before {number}")
                await home.ada.call("POST", f"rooms/{room}/invite", {"user_id": home.bot.id})
                await home.bot.join(room)
                for number in range(after):
                    await home.ada.say(room, f"after {number}")
            async with reading(home.matrix(*ids), home.memory) as inlet:
                await inlet.until(lambda all_: len(all_.texts) >= 108)
                assert sorted(inlet.texts) == sorted(
                    f"after {number}" for after in (3, 105) for number in range(after)
                )

    asyncio.run(came_later())


def test_a_homeserver_that_stops_and_starts_loses_nothing(synapse: Synapse) -> None:
    async def stopped() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                await home.ada.say(room, "one")
                await inlet.until_text("one")
                await synapse.stop(at_once=True)
                try:
                    with pytest.raises((NotSent, OutcomeUnknown)):
                        await matrix.deliver(_post(room, "kept"))
                    await eventually(lambda: _is(not matrix.connected))
                finally:
                    await synapse.start()
                await home.ada.say(room, "two")
                await inlet.until_text("two")
                assert matrix.connected
                assert inlet.texts == ["one", "two"]
                await matrix.deliver(_post(room, "kept"))

    asyncio.run(stopped())


def test_rooms_in_no_channel_are_counted_and_not_read(synapse: Synapse) -> None:
    async def counted() -> None:
        async with house(synapse) as home:
            room, other = await home.room(), await home.room()
            async with reading(home.matrix(room), home.memory) as inlet:
                await home.ada.say(other, "not for the bot")
                await home.ada.say(room, "for the bot")
                await inlet.until_text("for the bot")
                assert inlet.texts == ["for the bot"]
                await inlet.until(lambda all_: "room in no channel" in all_.kinds)

    asyncio.run(counted())


def test_an_alias_is_a_room_under_its_own_name(synapse: Synapse) -> None:
    async def by_alias() -> None:
        async with house(synapse) as home:
            name = home.ada.id[1:].partition(":")[0]
            alias = f"#{name}:{synapse.server_name}"
            room = await home.ada.make_room(home.bot.id, room_alias_name=name)
            matrix = home.matrix(alias)
            async with reading(matrix, home.memory) as inlet:
                await eventually(lambda: _is_in(home.bot, room))
                await home.ada.say(room, "hello")
                await inlet.until_text("hello")
                assert inlet.posted[0].room == place(alias)
                await matrix.deliver(_post(alias, "answer"))
                # the alias comes to lead elsewhere: noticed on reconnecting
                second = await home.ada.make_room(home.bot.id)
                await home.bot.join(second)
                directory = f"directory/room/%23{name}:{synapse.server_name}"
                await home.ada.call("DELETE", directory)
                await home.ada.call("PUT", directory, {"room_id": second})
            async with reading(home.matrix(alias), home.memory) as inlet:
                await home.ada.say(second, "here now")
                await inlet.until_text("here now")
                assert inlet.posted[-1].room == place(alias)
            assert (await home.ada.messages(room))[-1]["content"]["body"] == "Grace: answer"

    asyncio.run(by_alias())


def test_what_can_never_be_carried_out_is_refused(synapse: Synapse) -> None:
    async def refused() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room()
            matrix = home.matrix(room, "#nowhere:coalition.example")
            with pytest.raises(NotSent):
                await matrix.deliver(_post(room, "not signed in"))
            await matrix.open()
            reasons = []
            for where, text in (
                (room, "not a member"),
                ("!gone", "no such room"),
                ("#nowhere:coalition.example", "no such alias"),
                (room, "x" * 70_000),
            ):
                with pytest.raises(PlatformError) as caught:
                    await matrix.deliver(_post(where, text))
                assert isinstance(caught.value, Refused)
                reasons.append(caught.value.reason)
            assert reasons == ["not in the room", "not in the room", "M_NOT_FOUND", "too long"]
            await matrix.close()

    asyncio.run(refused())


def test_a_mention_stands_in_the_tree(synapse: Synapse) -> None:
    async def mentioned() -> None:
        async with house(synapse) as home:
            room = await home.room()
            async with reading(home.matrix(room), home.memory) as inlet:
                mentions = {"m.mentions": {"user_ids": [home.bot.id]}}
                await home.ada.say(room, "Liaison: ping", **mentions)
                await inlet.until(lambda all_: bool(all_.posted))
                event = inlet.posted[0]
                assert event.mentions_bot
                block = event.body.blocks[0]
                assert isinstance(block, Paragraph)
                assert block.content[0] == Mention(f"{ACCOUNT}/{home.bot.id}", "Liaison")

    asyncio.run(mentioned())


async def _is(truth: bool) -> bool:
    return truth


async def _is_in(friend: Friend, room: str) -> bool:
    return room in await friend.rooms()
