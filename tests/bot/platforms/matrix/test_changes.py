from __future__ import annotations

import asyncio
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from bot.errors import NotSent, Refused
from bot.events import (
    Author,
    Content,
    Delete,
    Delivery,
    DeliveryId,
    Edit,
    Event,
    Manner,
    MessageDeleted,
    MessageEdited,
    MessageId,
    Moved,
    PersonId,
    Pinned,
    Post,
    React,
    Reacted,
    Topic,
    TopicChanged,
    Unreact,
)
from bot.richtext import Everyone, Paragraph, plain, say
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.house import Friend, House, Inlet, eventually, house, place, reading

GRACE = Author(PersonId("slack:alpha/U1"), "Grace")
E = TypeVar("E", bound=Event)


def _delivery(room: str, content: Content, number: int) -> Delivery:
    return Delivery(DeliveryId(f"d{number:026}"), place(room), content)


async def _told(inlet: Inlet, kind: type[E], count: int = 1) -> list[E]:
    """The events of one kind, once there are so many."""

    def found() -> list[E]:
        return [a.event for a in inlet.arrivals if isinstance(a.event, kind)]

    await inlet.until(lambda _: len(found()) >= count)
    return found()


async def _event(friend: Friend, room: str, event: str | None) -> dict[str, Any]:
    told = await friend.call("GET", f"rooms/{quote(room)}/event/{quote(event or '')}")
    assert isinstance(told, dict)
    return told


async def _state(friend: Friend, room: str, kind: str, content: object) -> None:
    await friend.call("PUT", f"rooms/{quote(room)}/state/{kind}/", content)


@pytest.mark.parametrize("version", ["10", "12"])
def test_what_people_change_is_told(synapse: Synapse, version: str) -> None:
    async def told() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room(home.bot.id, room_version=version)
            await home.bot.join(room)
            async with reading(home.matrix(room), home.memory) as inlet:
                event = await home.ada.say(room, "first")
                replaces = {"rel_type": "m.replace", "event_id": event}
                for text in ("second", "third"):
                    new = {"msgtype": "m.text", "body": text}
                    changed = {"m.new_content": new, "m.relates_to": replaces}
                    await home.ada.say(room, f"* {text}", **changed)
                edits = await _told(inlet, MessageEdited, 2)
                assert [(e.message, plain(e.body)) for e in edits] == [
                    (event, "second"),
                    (event, "third"),
                ]
                assert edits[0].version < edits[1].version
                relation = {"rel_type": "m.annotation", "event_id": event, "key": "❤️"}
                reaction = await home.ada.send(room, "m.reaction", {"m.relates_to": relation})
                (reacted,) = await _told(inlet, Reacted)
                assert (reacted.message, reacted.emoji) == (event, "❤")
                assert (reacted.reaction, reacted.own) == (reaction, False)
                for one in (reaction, event):
                    where = f"rooms/{quote(room)}/redact/{quote(one)}/x{one[1:9]}"
                    await home.ada.call("PUT", where, {})
                deleted = await _told(inlet, MessageDeleted, 2)
                assert [one.message for one in deleted] == [reaction, event]
                assert deleted[0].by == reacted.author.person
                await _rooms_state(home, room, inlet)

    asyncio.run(told())


async def _rooms_state(home: House, room: str, inlet: Inlet) -> None:
    await _state(home.ada, room, "m.room.topic", {"topic": "of the day"})
    (topic,) = await _told(inlet, TopicChanged)
    assert (topic.topic, topic.author.name, topic.own) == ("of the day", "Ada L.", False)
    await _state(home.ada, room, "m.room.pinned_events", {"pinned": ["$a", "$b"]})
    await _state(home.ada, room, "m.room.pinned_events", {"pinned": ["$b"]})
    pins = await _told(inlet, Pinned, 3)
    assert [(one.message, one.pinned) for one in pins] == [
        ("$a", True),
        ("$b", True),
        ("$a", False),
    ]
    await home.ada.call("POST", f"rooms/{quote(room)}/invite", {"user_id": home.bob.id})
    await home.bob.join(room)
    renamed = {"membership": "join", "displayname": "Robert"}
    where = f"rooms/{quote(room)}/state/m.room.member/{quote(home.bob.id)}"
    await home.bob.call("PUT", where, renamed)
    await home.bob.call("POST", f"rooms/{quote(room)}/leave", {})
    moves = await _told(inlet, Moved, 2)
    assert [(one.author.name, one.joined) for one in moves] == [("Bob", True), ("Robert", False)]


def test_what_is_edited_and_taken_back_shows_to_other_clients(synapse: Synapse) -> None:
    async def changed() -> None:
        async with house(synapse) as home:
            room = await home.room()
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                post = _delivery(room, Post(say("one"), GRACE, manner=Manner.EMOTE), 1)
                message = (await matrix.deliver(post)).message
                assert message is not None
                edit = _delivery(room, Edit(say("two"), GRACE, message, Manner.EMOTE), 2)
                first, again = await matrix.deliver(edit), await matrix.deliver(edit)
                assert first == again == await matrix.find(edit)
                where = f"rooms/{quote(room)}/relations/{quote(message)}/m.replace"
                (seen,) = (await _v1(home.ada, where))["chunk"]
                assert seen["content"]["m.new_content"]["body"] == "Grace: two"
                assert seen["content"]["m.new_content"]["msgtype"] == "m.emote"
                (told,) = await _told(inlet, MessageEdited)
                assert (told.message, told.own) == (message, True)
                delete = _delivery(room, Delete(message), 3)
                assert await matrix.deliver(delete) == await matrix.deliver(delete)
                gone = await _event(home.ada, room, message)
                assert gone["content"] == {}
                (deleted,) = await _told(inlet, MessageDeleted)
                assert (deleted.message, deleted.own) == (message, True)
                # once more, and what nobody has ever seen: all is as it should be
                await matrix.deliver(_delivery(room, Delete(message), 4))
                await matrix.deliver(_delivery(room, Delete(MessageId("$" + "x" * 43)), 5))

    asyncio.run(changed())


async def _v1(friend: Friend, where: str) -> Any:
    headers = {"Authorization": f"Bearer {friend.person.access_token}"}
    async with friend.http.get(f"/_matrix/client/v1/{where}", headers=headers) as answer:
        return await answer.json()


def test_reactions_are_added_and_removed(synapse: Synapse) -> None:
    async def reacted() -> None:
        async with house(synapse) as home:
            room = await home.room()
            event = MessageId(await home.ada.say(room, "hello"))
            where = f"rooms/{quote(room)}/relations/{quote(event)}/m.annotation"

            async def keys() -> list[str]:
                chunk = (await _v1(home.ada, where))["chunk"]
                return sorted(one["content"]["m.relates_to"]["key"] for one in chunk)

            matrix = home.matrix(room)
            await matrix.open()
            heart = await matrix.deliver(_delivery(room, React("❤", event), 1))
            await matrix.deliver(_delivery(room, React(":parrot:", event), 2))
            assert await keys() == [":parrot:", "❤️"]
            again = await matrix.deliver(_delivery(room, React("❤", event), 3))
            assert again == heart  # it is there already
            await matrix.deliver(_delivery(room, Unreact("❤", event, heart.message), 4))
            assert await keys() == [":parrot:"]
            # without the reaction's own id it is looked for
            await matrix.deliver(_delivery(room, Unreact(":parrot:", event), 5))
            assert await keys() == []
            nothing = await matrix.deliver(_delivery(room, Unreact(":parrot:", event), 6))
            assert nothing.message is None
            assert await matrix.find(_delivery(room, Unreact("❤", event, heart.message), 4)) is None
            await matrix.close()

    asyncio.run(reacted())


def test_a_topic_is_set_where_the_bot_may(synapse: Synapse) -> None:
    async def set_it() -> None:
        async with house(synapse) as home:
            allowing = {"events": {"m.room.topic": 0}}
            free = await home.ada.make_room(home.bot.id, power_level_content_override=allowing)
            await home.bot.join(free)
            strict = await home.room()
            matrix = home.matrix(free, strict)
            async with reading(matrix, home.memory) as inlet:
                await matrix.deliver(_delivery(free, Topic("ours"), 1))
                told = await home.ada.call("GET", f"rooms/{quote(free)}/state/m.room.topic/")
                assert told["topic"] == "ours"
                (changed,) = await _told(inlet, TopicChanged)
                assert (changed.topic, changed.own) == ("ours", True)
                with pytest.raises(Refused, match="M_FORBIDDEN"):
                    await matrix.deliver(_delivery(strict, Topic("ours"), 2))

    asyncio.run(set_it())


def test_everybody_is_called_by_those_who_may(synapse: Synapse) -> None:
    async def called() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room(home.bot.id, home.bob.id)
            await home.bot.join(room)
            await home.bob.join(room)
            async with reading(home.matrix(room), home.memory) as inlet:
                for friend in (home.ada, home.bob):
                    await friend.say(room, "@room come", **{"m.mentions": {"room": True}})
                await inlet.until(lambda all_: len(all_.posted) == 2)
                levels = await home.ada.call(
                    "GET", f"rooms/{quote(room)}/state/m.room.power_levels/"
                )
                levels["users"][home.bob.id] = 50
                await _state(home.ada, room, "m.room.power_levels", levels)
                await home.bob.say(room, "@room come", **{"m.mentions": {"room": True}})
                await inlet.until(lambda all_: len(all_.posted) == 3)
                assert [_pings(one.body.blocks[0]) for one in inlet.posted] == [True, False, True]

    asyncio.run(called())


def _pings(block: object) -> bool:
    assert isinstance(block, Paragraph)
    return any(isinstance(leaf, Everyone) and leaf.ping for leaf in block.content)


def test_a_reply_and_a_thread_arrive_as_they_were_sent(synapse: Synapse) -> None:
    async def related() -> None:
        async with house(synapse) as home:
            room = await home.room()
            root = MessageId(await home.ada.say(room, "root"))
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                for number, post in enumerate(
                    (
                        Post(say("a"), GRACE, reply_to=root),
                        Post(say("b"), GRACE, thread=root),
                        Post(say("c"), GRACE, thread=root, reply_to=root),
                    )
                ):
                    await matrix.deliver(_delivery(room, post, number))
                await inlet.until(lambda all_: len(all_.posted) == 3)
                assert [(one.thread, one.reply_to) for one in inlet.posted] == [
                    (None, root),
                    (root, None),
                    (root, root),
                ]
            async with reading(home.matrix(room), home.memory):
                thread = await _v1(
                    home.ada, f"rooms/{quote(room)}/relations/{quote(root)}/m.thread"
                )
                assert len(thread["chunk"]) == 2

    asyncio.run(related())


@pytest.mark.parametrize("preset", ["public_chat", "private_chat"])
def test_a_room_that_moves_is_followed(synapse: Synapse, preset: str) -> None:
    async def moved() -> None:
        async with house(synapse) as home:
            room = await home.ada.make_room(home.bot.id, preset=preset, room_version="11")
            await home.bot.join(room)
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                told = await home.ada.call(
                    "POST", f"rooms/{quote(room)}/upgrade", {"new_version": "12"}
                )
                new = told["replacement_room"]
                if preset == "private_chat":
                    await inlet.until(lambda all_: "m.room.tombstone" in all_.kinds)
                    with pytest.raises(NotSent, match="room moves"):
                        await matrix.deliver(_delivery(room, Post(say("early"), GRACE), 1))
                    assert [f.what for f in await matrix.check() if not f.ok] == [
                        f"{place(room)}: replaced"
                    ]
                    await home.ada.call(
                        "POST", f"rooms/{quote(new)}/invite", {"user_id": home.bot.id}
                    )
                await _until_moved(home, room, new)
                await home.ada.say(new, "here now")
                await inlet.until_text("here now")
                assert inlet.posted[-1].room == place(room)
                sent = await matrix.deliver(_delivery(room, Post(say("answer"), GRACE), 2))
                await _event(home.ada, new, sent.message)
                replaced = f"{place(room)}: replaced by {new}, which is used instead"
                assert replaced in [found.what for found in await matrix.check()]
            async with reading(home.matrix(room), home.memory) as inlet:
                await home.ada.say(new, "after a restart")
                await inlet.until_text("after a restart")
                assert inlet.posted[-1].room == place(room)

    asyncio.run(moved())


async def _until_moved(home: House, room: str, new: str) -> None:
    async def moved() -> bool:
        return home.memory.kept.get(f"moved:{place(room)}") == new

    await eventually(moved)


def test_a_room_that_only_claims_to_replace_another_is_left(synapse: Synapse) -> None:
    async def claimed() -> None:
        async with house(synapse) as home:
            room = await home.room()
            other = await home.ada.make_room(preset="public_chat")
            matrix = home.matrix(room)
            async with reading(matrix, home.memory) as inlet:
                stone = {"body": "gone", "replacement_room": other}
                await _state(home.ada, room, "m.room.tombstone", stone)
                await inlet.until(lambda all_: "m.room.tombstone" in all_.kinds)
                await _until_settled(home, room)
                assert other not in await home.bot.rooms()
                sent = await matrix.deliver(_delivery(room, Post(say("still here"), GRACE), 1))
                await _event(home.ada, room, sent.message)

    asyncio.run(claimed())


async def _until_settled(home: House, room: str) -> None:
    async def settled() -> bool:
        return home.memory.kept.get(f"moving:{place(room)}") == ""

    await eventually(settled)
