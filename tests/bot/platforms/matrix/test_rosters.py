"""Who can read a room, by a real homeserver, and what tells that it may be somebody else now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.errors import NotSent, PlatformError, Refused
from bot.events import Event, Ignored, MessageId, Moved, RosterChanged, Standing, person_id
from bot.platforms.base import Roster
from bot.platforms.matrix.adapter import Matrix
from bot.richtext import plain
from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.ally import ENCRYPTED, ally
from tests.bot.platforms.matrix.house import ACCOUNT, Friend, House, Inlet, house, place, reading
from tests.bot.platforms.matrix.test_encrypted_rooms import Scene, play
from tests.bot.platforms.matrix.test_inbound import ADA, BOT, DIRECT, PLACE, ROOM, _event, _read


def state(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"m.room.{kind}", "state_key": "", "content": content}


def joins(rule: str, *allow: dict[str, Any]) -> dict[str, Any]:
    return state("join_rules", {"join_rule": rule, **({"allow": list(allow)} if allow else {})})


def through(room: str) -> dict[str, Any]:
    return {"type": "m.room_membership", "room_id": room}


def shown(to: str) -> dict[str, Any]:
    return state("history_visibility", {"history_visibility": to})


async def put(friend: Friend, room: str, event: dict[str, Any]) -> None:
    where = f"rooms/{quote(room)}/state/{event['type']}"
    await friend.call("PUT", where, event["content"])


async def ban(friend: Friend, room: str, user: str, how: str = "ban") -> None:
    await friend.call("POST", f"rooms/{quote(room)}/{how}", {"user_id": user})


def people(roster: Roster) -> dict[str, Standing]:
    assert all(each.person.startswith(f"{ACCOUNT}/@") for each in roster.readers)
    return {each.name: each.standing for each in roster.readers}


def ask(synapse: Synapse, scenario: Callable[[House], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with house(synapse) as home:
            await scenario(home)

    asyncio.run(whole())


@asynccontextmanager
async def adapter(home: House, *rooms: str) -> AsyncIterator[Matrix]:
    matrix = home.matrix(*rooms)
    try:
        yield matrix
    finally:
        await matrix.close()


async def made(home: House, *states: dict[str, Any], **more: Any) -> str:
    """A room that Ada made and the bot is in."""
    room = await home.ada.make_room(home.bot.id, initial_state=list(states), **more)
    await home.bot.join(room)
    return room


async def roster(home: House, room: str) -> Roster:
    async with adapter(home, room) as matrix:
        return await matrix.roster(place(room))


def test_readers_are_those_in_the_room_and_the_invited(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        room = await made(home)
        both = {"Ada L.": Standing.MEMBER, "Liaison": Standing.OURS}
        assert people(await roster(home, room)) == both
        await home.ada.call("POST", f"rooms/{room}/invite", {"user_id": home.bob.id})
        assert people(await roster(home, room)) == both | {"Bob": Standing.MEMBER}
        await home.bob.join(room)
        assert people(await roster(home, room)) == both | {"Bob": Standing.MEMBER}
        await ban(home.ada, room, home.bob.id)
        found = await roster(home, room)
        assert people(found) == both
        assert {each.person for each in found.readers} == {
            person_id(ACCOUNT, home.ada.id), person_id(ACCOUNT, home.bot.id),
        }  # fmt: skip

    ask(synapse, scenario)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], Roster((), history_from_joining=False, encrypted=False)),
        (
            [shown("joined"), ENCRYPTED],
            Roster((), history_from_joining=True, encrypted=True),
        ),
        (
            [shown("invited"), joins("knock")],
            Roster((), history_from_joining=True, encrypted=False),
        ),
        (
            [joins("public"), shown("joined")],
            Roster(
                (), world=True, private=False, invitation_only=False,
                history_from_joining=True, encrypted=False,
            ),
        ),
        (
            [shown("world_readable")],
            Roster(
                (), world=True, private=False, invitation_only=False,
                history_from_joining=False, encrypted=False,
            ),
        ),
        (
            [joins("restricted", through("!nobody-knows:coalition.example"))],
            Roster(
                (), world=True, invitation_only=False, history_from_joining=False, encrypted=False
            ),
        ),
        (
            [joins("restricted", {"type": "org.example.paid"})],
            Roster(
                (), world=True, invitation_only=False, history_from_joining=False, encrypted=False
            ),
        ),
    ],
)  # fmt: skip
def test_what_a_room_is_like_is_what_its_state_says(
    synapse: Synapse, states: list[dict[str, Any]], expected: Roster
) -> None:
    async def scenario(home: House) -> None:
        found = await roster(home, await made(home, *states))
        assert len(found.readers) == 2
        assert Roster((), *list(_traits(found))) == Roster((), *list(_traits(expected)))

    ask(synapse, scenario)


def _traits(of: Roster) -> tuple[Any, ...]:
    return (
        of.homes, of.world, of.private, of.invitation_only, of.history_from_joining, of.encrypted
    )  # fmt: skip


def test_who_may_enter_for_being_elsewhere_counts_as_a_reader(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        space = await made(home)
        await home.ada.call("POST", f"rooms/{space}/invite", {"user_id": home.bob.id})
        await home.bob.join(space)
        room = await made(home, joins("restricted", through(space)))
        found = await roster(home, room)
        assert set(people(found)) == {"Ada L.", "Liaison", "Bob"}
        assert (found.world, found.invitation_only, found.private) == (False, False, True)
        behind = await made(home, joins("restricted", through(room)))
        assert set(people(await roster(home, behind))) == {"Ada L.", "Liaison", "Bob"}
        await put(home.ada, space, joins("restricted", through(behind)))  # in a ring
        assert set(people(await roster(home, behind))) == {"Ada L.", "Liaison", "Bob"}
        assert not (await roster(home, behind)).world
        await put(home.ada, space, joins("public"))
        assert (await roster(home, behind)).world
        await ban(home.ada, space, home.bot.id, "kick")
        assert (await roster(home, room)).world, "nobody can say who is in there"

    ask(synapse, scenario)


def test_no_roster_of_a_room_that_the_bot_is_not_in(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        with pytest.raises(Refused):
            await roster(home, await home.ada.make_room())
        with pytest.raises(Refused):
            await roster(home, "!absent:coalition.example")

    ask(synapse, scenario)


def test_a_call_that_fails_gives_no_roster(
    synapse: Synapse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of them it is: the rest alone would name too few."""

    async def scenario(home: House) -> None:
        space = await made(home)
        room = await made(home, joins("restricted", through(space)))
        async with adapter(home, room) as matrix:
            await matrix.roster(place(room))
            call, left = matrix._connection.call, 0

            async def failing(into: Any, method: str, where: str, body: Any = None) -> Any:
                nonlocal left
                left -= 1
                if not left:
                    raise NotSent("cut")
                return await call(into, method, where, body)

            monkeypatch.setattr(matrix._connection, "call", failing)
            for last in range(1, 9):
                left = last
                with pytest.raises(PlatformError):
                    await matrix.roster(place(room))
            left = 9
            assert len((await matrix.roster(place(room))).readers) == 2
            assert left == 1, "each of the eight has failed once"

    ask(synapse, scenario)


def _member(before: str | None, now: str, who: str = ADA, **more: Any) -> dict[str, Any]:
    unsigned = {} if before is None else {"prev_content": {"membership": before}}
    content = {"membership": now, **more}
    return _event(content, type="m.room.member", state_key=who, unsigned=unsigned)


CHANGED = RosterChanged(ROOM)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (_member("leave", "invite"), CHANGED),
        (_member(None, "invite"), CHANGED),
        (_member("invite", "leave"), CHANGED),
        (_member("invite", "ban"), CHANGED),
        (_member("knock", "invite"), CHANGED),
        (_member(None, "ban"), CHANGED),
        (_member(None, "leave"), CHANGED),
        (_member("join", "join"), Ignored("m.room.member")),
        (_member("leave", "ban"), Ignored("m.room.member")),
        (_member("knock", "leave"), Ignored("m.room.member")),
        (_member("invite", "join", BOT), CHANGED),
        (_member("join", "leave", BOT), CHANGED),
        (_member("join", "join", BOT, displayname="Bot"), Ignored("m.room.member")),
        (_event({}, type="m.room.join_rules", state_key=""), CHANGED),
        (_event({}, type="m.room.history_visibility", state_key=""), CHANGED),
        (_event({}, type="m.room.encryption", state_key=""), CHANGED),
        (_event({}, type="m.room.encryption", state_key="x"), Ignored("unknown event type")),
        (_event({}, type="m.room.encryption"), Ignored("unknown event type")),
        (_event({}, type="m.room.server_acl", state_key=""), Ignored("m.room.server_acl")),
    ],
)
def test_what_changes_a_roster_without_a_move_is_told(
    event: dict[str, Any], expected: Event
) -> None:
    assert _read(event, PLACE) == expected


def test_a_direct_room_has_no_roster_to_change() -> None:
    for event in (_member("leave", "invite"), _event({}, type="m.room.encryption", state_key="")):
        assert isinstance(_read(event, DIRECT), Ignored)


def _told(inlet: Inlet, kind: type[Any]) -> list[Any]:
    return [a.event for a in inlet.arrivals if isinstance(a.event, kind)]


def test_it_is_told_of_whatever_changes_a_roster(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        space = await made(home)
        room = await made(home)
        matrix = home.matrix(room)
        async with reading(matrix, home.memory) as inlet:

            async def told(work: Awaitable[Any]) -> int:
                before = len(_told(inlet, RosterChanged))
                await work
                number = len(inlet.texts)
                await home.ada.say(room, f"done {number}")
                await inlet.until_text(f"done {number}")
                assert set(_told(inlet, RosterChanged)) <= {RosterChanged(place(room))}
                return len(_told(inlet, RosterChanged)) - before

            assert await told(put(home.ada, room, shown("joined"))) == 1
            assert await told(put(home.ada, room, joins("restricted", through(space)))) == 1
            assert await told(home.ada.say(space, "a word elsewhere")) == 0
            assert await told(ban(home.ada, room, home.bob.id, "invite")) == 1
            assert await told(home.bob.join(room)) == 0
            assert await told(ban(home.ada, room, home.bob.id)) == 0
            assert [moved.joined for moved in _told(inlet, Moved)] == [True, False]
            await matrix.roster(place(room))
            assert await told(ban(home.ada, space, home.bob.id, "invite")) == 1

    ask(synapse, scenario)


def test_where_not_all_was_read_the_roster_may_be_another(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        room = await made(home)
        async with reading(home.matrix(room), home.memory) as inlet:
            await home.ada.say(room, "before")
            await inlet.until_text("before")
            assert _told(inlet, RosterChanged) == []
        for number in range(110):
            await home.ada.say(room, f"missed {number}")
        async with reading(home.matrix(room), home.memory) as inlet:
            await inlet.until(lambda _: bool(_told(inlet, RosterChanged)))

    ask(synapse, scenario)


def test_a_message_is_fetched_as_it_was_heard(synapse: Synapse) -> None:
    async def scenario(home: House) -> None:
        room = await made(home)
        matrix = home.matrix(room)
        async with reading(matrix, home.memory) as inlet:
            root = await home.ada.say(room, "<b>root</b>")
            relation = {"rel_type": "m.thread", "event_id": root}
            reply = await home.ada.say(room, "below", **{"m.relates_to": relation})
            picture = {"msgtype": "m.image", "url": "mxc://a.example/b", "body": "b.png"}
            file = await home.ada.send(room, "m.room.message", picture)
            await inlet.until(lambda _: len(inlet.posted) == 3)
            heard = {event.message: event for event in inlet.posted}
            for message in map(MessageId, (root, reply, file)):
                assert await matrix.fetch(place(room), message) == heard[message]
            await edit(home.ada, room, reply, "other words")
            edited = await matrix.fetch(place(room), MessageId(reply))
            assert edited is not None
            assert (plain(edited.body), edited.thread) == ("other words", root)
            assert edited.version
            await home.ada.call("PUT", f"rooms/{quote(room)}/redact/{quote(reply)}/1", {})
            assert await matrix.fetch(place(room), MessageId(reply)) is None
            assert await matrix.fetch(place(room), MessageId("$never")) is None
            with pytest.raises(Refused):
                await matrix.fetch(place("!absent:coalition.example"), MessageId(root))
        async with adapter(home, room) as again:  # who has heard nobody yet
            fetched = await again.fetch(place(room), MessageId(root))
            assert fetched == heard[MessageId(root)]

    ask(synapse, scenario)


async def edit(friend: Friend, room: str, message: str, text: str) -> None:
    """In other words; what is not allowed is not asked about."""
    relation = {"rel_type": "m.replace", "event_id": message}
    new = {"msgtype": "m.text", "body": text}
    where = f"rooms/{quote(room)}/send/m.room.message/{text.replace(' ', '')}"
    await friend.ask("PUT", where, {**new, "m.new_content": new, "m.relates_to": relation})


def test_what_is_hidden_is_fetched_in_the_clear_and_edited_in_hiding_only(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def act(on: Scene) -> None:
        said = MessageId(await on.ada.say(on.room, "hidden"))
        await on.inlet.until_text("hidden")
        assert await on.matrix.fetch(place(on.room), said) == on.inlet.posted[-1]
        relation = {"rel_type": "m.replace", "event_id": said}
        new = {"msgtype": "m.text", "body": "better"}
        await on.ada.say(on.room, "* better", **{"m.new_content": new, "m.relates_to": relation})
        edited = await on.matrix.fetch(place(on.room), said)
        assert edited is not None
        assert plain(edited.body) == "better"
        assert edited.version
        await edit(on.home.ada, on.room, said, "forged")
        unmoved = await on.matrix.fetch(place(on.room), said)
        assert unmoved is not None
        assert plain(unmoved.body) == "better"

    play(synapse, tmp_path, act)


def test_a_message_whose_key_is_missing_cannot_be_fetched_yet(
    synapse: Synapse, tmp_path: Path
) -> None:
    async def scenario(home: House) -> None:
        home.folder = tmp_path
        room = await made(home, ENCRYPTED)
        async with ally(home, tmp_path / "ada") as ada:
            said = await ada.say(room, "before the bot had a device")
        async with reading(home.matrix(room), home.memory):
            pass
        matrix = home.matrix(room)
        try:
            await matrix.open()
            with pytest.raises(NotSent):
                await matrix.fetch(place(room), MessageId(said))
        finally:
            await matrix.close()

    ask(synapse, scenario)
