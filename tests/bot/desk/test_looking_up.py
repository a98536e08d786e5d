"""`ioc` through the bot: who hears the answer, what is kept of the question, what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from bot.bridge import kept
from bot.custody.audit import Action
from bot.delivery import outbox, outcomes
from bot.delivery.retention import sweep
from bot.desk import enclosures, quota
from bot.events import (
    HOUSE,
    Answer,
    CommandTyped,
    DeliveryId,
    File,
    MessageId,
    Outgoing,
    PersonId,
    RoomId,
    Share,
)
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Audit, Base, Inbox, Offer, Outbox, Roster
from tests.clock import Clock
from tests.custody import BEGINNING, ROOMS, Alliance
from tests.fake_platform import BARE, SAID, FarEnd
from tests.indicators import ADDRESS, feed, take_in, thing
from tests.small_bot import SmallBot, small_bot

VALUE = "198.51.100.7"
CHECK = "\N{CHECK MARK}"


@asynccontextmanager
async def room_of(database: Database) -> AsyncIterator[tuple[SmallBot, FarEnd]]:
    """The room of team a, with Ada in it, who speaks for the team."""
    alliance, room = Alliance(), ROOMS[0]
    alliance.open()
    far = FarEnd(rooms=(local(room),), account=room.partition("/")[0])
    ada = far.author("Ada").person
    seat = Roster(room=room, person=ada, name="Ada", standing="member", team="a", since=BEGINNING)
    await database.run(lambda s: s.add(seat))
    async with small_bot(
        database, Clock(), far, channels={"c": [room]}, custody=alliance.custody,
        directory=alliance.directory, capabilities=BARE,
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot, far


def local(room: RoomId) -> str:
    return room.partition("/")[2]


def test_only_the_asker_is_answered_and_nothing_of_the_question_is_kept(
    database: Database, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        take_in(database, feed("acme"), thing(1, ADDRESS, confidence=60))
        async with room_of(database) as (bot, far):
            far.say(f"!ioc {VALUE}", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.told("Ada")))
            await bot.settled()
            assert far.told("Ada")[0].startswith("TLP:GREEN 198[.]51[.]100[.]7: known")
            assert far.copies(local(ROOMS[0])) == []
        acts = database.read_now(lambda s: list(s.scalars(select(Audit))))
        assert [(each.action, each.object) for each in acts] == [(Action.LOOKED_UP, "lookup")]
        kept = database.read_now(lambda s: list(s.scalars(select(Inbox.content))))
        assert kept == [None]
        for table in ("audit", "inbox", "indicator_quota", "request"):
            rows = database.read_now(
                lambda s, table=table: s.execute(text(f"SELECT * FROM {table}")).all()  # type: ignore[misc]
            )
            assert "198" not in str([tuple(row)[3:] for row in rows]).replace("1980", "")
        assert VALUE not in str(records)

    asyncio.run(scenario())


def whole_store(database: Database) -> str:
    """Everything that any row of any table holds but those of what sources say."""
    tables = [each for each in Base.metadata.tables if not each.startswith("indicator_")]
    tables += ["indicator_quota", "indicator_watch"]
    return database.read_now(
        lambda s: str([list(map(tuple, s.execute(text(f'SELECT * FROM "{t}"')))) for t in tables])
    )


def test_once_an_answer_has_landed_no_row_says_what_was_asked(database: Database) -> None:
    async def scenario() -> None:
        take_in(database, feed("acme"), thing(1, ADDRESS, confidence=60))
        async with room_of(database) as (bot, far):
            there = local(ROOMS[0])
            far.say(f"!ioc {VALUE}", local=there)
            await far.until(lambda: bool(far.told("Ada")))
            await bot.settled()
            await bot.database.run(lambda s: s.execute(text("DELETE FROM control")))
            assert "198" not in whole_store(database).replace("1980", "")

    asyncio.run(scenario())


def test_what_its_buttons_stand_for_is_erased_when_they_have_had_their_time(
    database: Database,
) -> None:
    async def scenario() -> None:
        async with room_of(database) as (bot, far):
            far.say(f"!ioc {VALUE}", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.told("Ada")))
            await bot.settled()
            stands = await database.read(lambda s: list(s.scalars(select(Offer))))
            assert all(VALUE.replace(".", "[.]") in each.call for each in stands)
            bot.clock.advance(7200)
            later = bot.clock()
            await sweep(database, later, payloads=timedelta(days=7), links=timedelta(days=400))
            assert "198" not in whole_store(database).replace("1980", "")
            pressed = DeliveryId(stands[0].delivery)
            far.hand_out(
                CommandTyped(
                    ROOMS[0], "press", far.author("Ada"), stands[0].call, SAID, pressed=pressed
                )
            )
            await far.until(lambda: len(far.told("Ada")) == 2)
            assert far.told("Ada")[1] == "It is too late for that: ask again."

    asyncio.run(scenario())


def test_nothing_that_is_kept_says_who_saw_something_anonymously(database: Database) -> None:
    """The answer said so, and was kept for a week; the audit named the command."""

    async def scenario() -> None:
        async with room_of(database) as (bot, far):
            far.say(f"!sighting {VALUE} --anonymous", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.told("Ada")))
            await bot.settled()
            assert "Nothing that is kept says" in far.told("Ada")[0]
        assert "198" not in whole_store(database).replace("1980", "")
        acts = database.read_now(lambda s: list(s.scalars(select(Audit))))
        assert [(each.action, each.object) for each in acts] == [(Action.LOOKED_UP, "lookup")]

    asyncio.run(scenario())


def test_the_table_of_an_answer_is_erased_when_it_has_landed(sqlite: Database) -> None:
    key = DeliveryId("d1")

    def work(session: Session) -> object:
        table = Share(File(HOUSE, VALUE, "lookup.csv"), secret=True)
        outbox.put(session, [Outgoing(ROOMS[0], table, id=key)], BEGINNING)
        outbox.settle(session, outcomes.Delivered(key, MessageId("m1")), BEGINNING)
        return session.execute(select(Outbox.content)).scalar()

    assert sqlite.run_now(work) is None


def test_an_answer_that_never_lands_is_not_kept_for_another_try(sqlite: Database) -> None:
    key = DeliveryId("d1")

    def work(session: Session) -> object:
        answer = Answer(PersonId("fake:a/ada"), say(VALUE), secret=True)
        outbox.put(session, [Outgoing(ROOMS[0], answer, id=key)], BEGINNING)
        outbox.settle(session, outcomes.Refusal(key, "gone"), BEGINNING)
        return session.execute(select(Outbox.content)).scalar()

    assert sqlite.run_now(work) is None


def test_an_attached_file_is_fetched_and_looked_through(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with room_of(sqlite) as (_, far):
            there = local(ROOMS[0])
            far.say("!ioc", local=there, files={"l.txt": b"198.51.100.7\n192.0.2.1\n"})
            await far.until(lambda: bool(far.told("Ada")))
            assert far.told("Ada")[0].startswith("TLP:GREEN 1 of 2 values are known")
            far.say("!ioc", local=there, files={"l.txt": bytes(enclosures.LARGEST + 1)})
            await far.until(lambda: len(far.told("Ada")) == 2)
            assert far.told("Ada")[1].startswith("That is more than I read at once")

    asyncio.run(scenario())


@asynccontextmanager
async def two_rooms(database: Database) -> AsyncIterator[tuple[SmallBot, FarEnd, FarEnd]]:
    """A channel of two rooms, of teams a and b, with Ada of each in hers."""
    alliance, rooms = Alliance(), ROOMS[:2]
    alliance.open()
    a, b = (FarEnd(rooms=(local(each),), account=each.partition("/")[0]) for each in rooms)
    async with small_bot(
        database, Clock(), a, b, channels={"c": rooms}, custody=alliance.custody,
        directory=alliance.directory, capabilities=BARE,
    ) as bot:  # fmt: skip
        await bot.read()
        yield bot, a, b


async def copied(far: FarEnd, count: int) -> MessageId:
    """The last of so many copies that have landed in a room."""
    there = local(far.room("room"))
    await far.until(lambda: len(far.copies(there)) == count)
    return [each for each in far.standing(there) if each.delivery][-1].message


def test_in_answer_to_a_message_it_looks_up_what_that_says_and_its_file(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with two_rooms(sqlite) as (_, a, b):
            there = local(ROOMS[0])
            said = a.say(
                "C2 at 198.51.100[.]7", local=there, files={"l.txt": b"192.0.2.8 192.0.2.9"}
            )
            copy = await copied(b, 2)
            b.say("!ioc", local=there, reply_to=copy)
            await b.until(lambda: len(b.told("Ada")) == 1)
            a.say("!ioc", local=there, reply_to=said)
            await a.until(lambda: len(a.told("Ada")) == 1)
            for told in (a.told("Ada"), b.told("Ada")):
                assert told[0].startswith("TLP:GREEN 1 of 3 values are known"), told

    asyncio.run(scenario())


def test_in_a_thread_it_looks_up_what_all_of_the_thread_says(sqlite: Database) -> None:
    async def scenario() -> None:
        take_in(sqlite, feed("acme"), thing(1, ADDRESS))
        async with two_rooms(sqlite) as (_, a, b):
            there = local(ROOMS[0])
            root = a.say("look at 198.51.100.7", local=there)
            a.say("and at 192.0.2.1", local=there, thread=root)
            b.say("192.0.2.2 is another matter", local=there)
            await copied(b, 2)
            a.say("!ioc", local=there, thread=root)
            await a.until(lambda: len(a.told("Ada")) == 1)
            assert a.told("Ada")[0].startswith("TLP:GREEN 1 of 2 values are known")
            assert "Only the newest messages" not in a.told("Ada")[0]
            a.say("!ioc 192.0.2.7", local=there, thread=root)
            await a.until(lambda: len(a.told("Ada")) == 2)
            assert a.told("Ada")[1].startswith("TLP:CLEAR 192[.]0[.]2[.]7: nothing is known")

    asyncio.run(scenario())


def test_of_a_long_thread_the_newest_is_looked_through_and_that_is_said(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(kept, "MOST", 2)
        async with two_rooms(sqlite) as (_, a, b):
            there = local(ROOMS[0])
            root = a.say("see below", local=there)
            for n in range(3):
                a.say(f"192.0.2.{n}", local=there, thread=root)
            await copied(b, 4)
            a.say("!ioc", local=there, thread=root)
            await a.until(lambda: len(a.told("Ada")) == 1)
            assert a.told("Ada")[0].startswith("TLP:CLEAR 0 of 2 values are known")
            assert "Only the newest messages of the thread" in a.told("Ada")[0]

    asyncio.run(scenario())


def test_what_was_taken_back_or_never_kept_is_not_looked_through(sqlite: Database) -> None:
    async def scenario() -> None:
        async with two_rooms(sqlite) as (_, a, b):
            there = local(ROOMS[0])
            said = a.say("198.51.100.7", local=there)
            copy = await copied(b, 1)
            a.delete(said, local=there)
            await b.until(lambda: b.copies(there) == [])
            b.say("!ioc", local=there, reply_to=copy)
            await b.until(lambda: len(b.told("Ada")) == 1)
            assert b.told("Ada")[0].startswith("Of what you answer I keep no words")

    asyncio.run(scenario())


def test_a_failing_lookup_is_written_down_no_otherwise(sqlite: Database) -> None:
    async def scenario() -> None:
        async with room_of(sqlite) as (_, far):
            far.say("!ioc nothing-of-the-kind", local=local(ROOMS[0]))
            await far.until(lambda: bool(far.told("Ada")))
        acts = sqlite.read_now(lambda s: list(s.scalars(select(Audit))))
        assert [(each.action, each.object) for each in acts] == [(Action.LOOKED_UP, "lookup")]

    asyncio.run(scenario())


def test_a_harvest_is_told_to_the_teams_own_admins_once(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(quota, "QUOTA", 3)
        async with room_of(sqlite) as (bot, far):
            for asked in ("192.0.2.1 192.0.2.2", "192.0.2.3 192.0.2.4", "192.0.2.5"):
                far.say(f"!ioc {asked}", name="Ben", local=local(ROOMS[0]))
            await far.until(lambda: len(far.told("Ben")) == 3)
            await bot.settled()
            (told,) = far.told("Ada")
            assert told.startswith("Your team has looked up more than 3 values today; Ben")
            assert "192" not in told

    asyncio.run(scenario())
