"""`share`: an answer computed anew for all who read a room, as far as they may read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.custody.effective import Marked, marked_of, stored_marked
from bot.events import RoomId
from bot.sharing.gate import Matter
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Roster
from commands.registry import Command, Context, Registry, Reply, command, reply
from tests.clock import Clock
from tests.custody import BEGINNING, ROOMS, Alliance, member
from tests.fake_platform import BARE, REMEMBERING, FarEnd
from tests.small_bot import SmallBot, small_bot

TRAY = "\N{OUTBOX TRAY}"
AMBER = Marked(Marking(Label.AMBER), None, BEGINNING)


@command("secrets", shareable=True, placed=True)
def secrets(context: Context) -> Reply:
    """Say what its readers may know."""
    known = [
        label.value
        for label in (Label.CLEAR, Label.GREEN, Label.AMBER)
        if context.may_read(Matter(label, BEGINNING))
    ]
    return reply(" ".join(known))


@command("ambers", shareable=True)
def ambers(context: Context) -> Reply:
    """Say something marked."""
    return replace(reply("amber"), matter=stored_marked(AMBER))


def registry() -> Registry:
    whole = Registry.load()
    names = ("share", "mark", "channel", "team", "help")
    kept: list[Command] = [each for name in names if (each := whole.get(name)) is not None]
    return Registry([*kept, secrets, ambers])


@asynccontextmanager
async def room_of(
    database: Database, alliance: Alliance, capabilities: object = BARE
) -> AsyncIterator[tuple[SmallBot, FarEnd]]:
    """The room of team a, with its people in it."""
    room = ROOMS[0]
    far = FarEnd(rooms=(room.partition("/")[2],), account=room.partition("/")[0])
    known = REMEMBERING if capabilities is REMEMBERING else BARE
    async with small_bot(
        database, Clock(), far, channels={"c": [room]}, registry=registry(),
        custody=alliance.custody, directory=alliance.directory, capabilities=known,
        session="s" if known is REMEMBERING else "",
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot, far


def local(room: RoomId) -> str:
    return room.partition("/")[2]


def test_what_is_shared_is_for_all_in_the_room_and_marked_as_the_channel_is(
    database: Database,
) -> None:
    async def scenario() -> None:
        alliance = Alliance()
        alliance.open()
        async with room_of(database, alliance) as (bot, far):
            far.say("!share secrets", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.copies(local(ROOMS[0]))))
            assert far.copies(local(ROOMS[0])) == ["TLP:CLEAR TLP:GREEN TLP:AMBER"]
            assert far.told("Ada") == []
            (row,) = await bot.rows()
            assert marked_of(str(row.matter)).marking == Marking(Label.GREEN)

    asyncio.run(scenario())


def test_what_the_asker_may_read_and_the_room_may_not_is_left_out(sqlite: Database) -> None:
    async def scenario() -> None:
        alliance = Alliance(clearances={"b": Label.GREEN})
        alliance.seat(ROOMS[0], member(ROOMS[0]), member(ROOMS[1]))
        async with room_of(sqlite, alliance) as (_, far):
            far.say("!secrets", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.told("Ada")))
            assert far.told("Ada") == ["TLP:CLEAR TLP:GREEN TLP:AMBER"]
            far.say("!share secrets", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.copies(local(ROOMS[0]))))
            assert far.copies(local(ROOMS[0])) == ["TLP:CLEAR TLP:GREEN"]

    asyncio.run(scenario())


def test_what_may_not_be_in_the_room_is_refused_privately(sqlite: Database) -> None:
    async def scenario() -> None:
        alliance = Alliance(ceiling=Label.GREEN)
        alliance.open()
        async with room_of(sqlite, alliance) as (_, far):
            for asked in ("ambers", "mark TLP:GREEN", "frobnicate", "share secrets"):
                far.say(f"!share {asked}", local=local(ROOMS[0]))
            await far.until(lambda: len(far.told("Ada")) == 4)
            told = sorted(far.told("Ada"))
            assert told[0].startswith("I know no command “frobnicate”")
            assert told[1].startswith("Not shared in ")
            assert told[2:] == [
                "What “mark” answers is not for sharing.",
                "What “share” answers is not for sharing.",
            ]
            assert far.copies(local(ROOMS[0])) == []

    asyncio.run(scenario())


def test_a_private_answer_has_a_button_that_shares_it_where_it_was_asked_for(
    sqlite: Database,
) -> None:
    async def scenario() -> None:
        alliance = Alliance()
        alliance.open()
        async with room_of(sqlite, alliance, REMEMBERING) as (bot, far):
            ada = far.author("Ada").person
            seat = Roster(room=ROOMS[0], person=ada, name="Ada", standing="member", team="a",
                          since=BEGINNING)  # fmt: skip
            await bot.database.run(lambda s: s.add(seat))
            far.say("!secrets", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.privates))
            answer = far.privates[0]
            await bot.settled()
            assert far.marks(answer.message) == [TRAY]
            far.react(answer.message, TRAY, local=local(ROOMS[0]))
            await far.until(lambda: bool(far.copies(local(ROOMS[0]))))
            await bot.settled()
            assert far.marks(answer.message) == []
            far.react(answer.message, TRAY, name="Ben", local=local(ROOMS[0]))
            await bot.settled()
            assert len(far.copies(local(ROOMS[0]))) == 1

    asyncio.run(scenario())
