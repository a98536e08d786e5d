"""One conversation that is configured as two rooms is relayed once."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.doubles import Doubles, doubles
from bot.delivery.outbox import SAME
from bot.events import RoomId
from bot.platforms.base import Identity
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.tasks.canary import Canary
from tests.clock import Clock
from tests.fake_platform import SAID, FakePlatform, FarEnd
from tests.small_bot import small_bot
from tests.watching import watching

ALIAS, ID = RoomId("matrix:a/#ops:x"), RoomId("matrix:a/!1:x")
OTHER, SLACK = RoomId("matrix:b/!1:x"), RoomId("slack:alpha/!1:x")


@pytest.mark.parametrize(
    ("identities", "found"),
    [
        ({ID: Identity("!1:x"), SLACK: Identity("!1:x")}, {}),
        ({ID: Identity("!1:x"), ALIAS: Identity("!2:x")}, {}),
        ({ID: Identity("!1:x"), ALIAS: None}, {}),
        ({ID: Identity("!1:x"), OTHER: Identity("!1:x")}, {OTHER: ID}),
        ({OTHER: Identity("!1:x"), ID: Identity("!1:x")}, {ID: OTHER}),
        # What happens there is told of the room that its account hears it as.
        ({ALIAS: Identity("!1:x", heard=False), ID: Identity("!1:x")}, {ALIAS: ID}),
        (
            {ALIAS: Identity("!1:x", heard=False), OTHER: Identity("!1:x"), ID: Identity("!1:x")},
            {ALIAS: OTHER, ID: OTHER},
        ),
    ],
)
def test_all_but_one_stand_aside(
    identities: dict[RoomId, Identity | None], found: dict[RoomId, RoomId]
) -> None:
    assert doubles(identities) == found


def test_a_conversation_goes_on_by_one_of_its_rooms() -> None:
    leads_to = {ALIAS: Identity("!1:x", heard=False), ID: Identity("!1:x")}
    asked = Doubles([ALIAS, ID], leads_to.get)
    assert [asked.one_of(each) for each in (ALIAS, ID, OTHER)] == [ID, ID, OTHER]


def test_what_a_room_is_may_change() -> None:
    leads_to = {ALIAS: None, ID: Identity("!1:x")}
    now = 0.0
    asked = Doubles([ID, ALIAS], leads_to.get, lambda: now)
    assert not asked(ALIAS)
    assert not asked(OTHER)
    leads_to[ALIAS] = Identity("!1:x", heard=False)
    assert asked(ALIAS)
    leads_to[ID] = Identity("!3:x")
    now = 1.0
    assert not asked(ALIAS)
    leads_to[ID] = Identity("!1:x")
    assert not asked(ID)
    assert asked(ALIAS)
    leads_to[ALIAS] = Identity("!2:x")
    assert not asked(ALIAS)


def test_nothing_is_relayed_to_or_from_the_second(database: Database) -> None:
    async def scenario() -> None:
        a, b, c = (FarEnd(f"fake:{name}", ["room"]) for name in ("a", "b", "c"))
        rooms = [end.room("room") for end in (a, b, c)]
        a.same = {rooms[0]: "one"}
        b.same = {rooms[1]: "one"}
        async with small_bot(database, Clock(SAID), a, b, c, channels={"c": rooms}) as bot:
            await bot.read()
            a.say("hello", local="room")
            b.say("hello as well", local="room")
            await bot.until(lambda: bool(c.copies("room")))
            await bot.settled()
            assert [text.splitlines()[-1] for text in c.copies("room")] == ["hello"]
            assert b.copies("room") == []
            reasons = {row.room: row.reason for row in await bot.rows()}
            assert reasons == {rooms[1]: SAME, rooms[2]: None}
            b.same = {}  # the configuration was mended
            a.say("again", local="room")
            await bot.until(lambda: bool(b.copies("room")))

    asyncio.run(scenario())


def test_the_admin_rooms_hear_of_it_once_and_when_it_is_over(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd("fake:far")
        platform = FakePlatform(far, StoredMemory(sqlite, far.account))
        same = {far.room()}
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            watch.canary = Canary(
                sqlite, watch.canary._platforms, watch.lanes, watch.canary._notices, clock=clock,
                doubles=same.__contains__, rooms=[far.room()],
            )  # fmt: skip
            (told,) = await watch.told()
            assert told.startswith(f"{far.room()} is the same conversation as another")
            assert len(await watch.told()) == 1
            same.clear()
            assert len(await watch.told()) == 2

    asyncio.run(scenario())
