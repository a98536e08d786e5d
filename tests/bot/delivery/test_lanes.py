"""Lanes on a network that misbehaves: each delivery lands once, in order, or is accounted for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from structlog.typing import EventDict

from bot.events import Answer, Delivery, Outgoing, Post
from bot.platforms.base import Sent
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import State
from tests.clock import Clock
from tests.fake_platform import BARE, REMEMBERING, FarEnd, Fault, holding
from tests.small_bot import small_bot

ALL = ["one", "two", "two", "three"]


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.REFUSE])
def test_each_lands_once_in_order_where_the_network_remembers_nothing(
    database: Database, clock: Clock, fault: Fault
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(database, clock, far) as bot:
            far.faults[None].extend([fault] * 2)
            await bot.post(far.room(), *ALL)
            await bot.settled()
            assert far.texts() == ALL
            assert [row.state for row in await bot.rows()] == [State.DELIVERED] * 4
            landed = [row.landed for row in await bot.rows()]
            assert landed == [each.message for each in far.rooms[far.room()]]

    asyncio.run(scenario())


@pytest.mark.parametrize("fault", [Fault.HANG_UP_BEFORE, Fault.HANG_UP_AFTER, Fault.BREAK])
def test_where_the_network_remembers_nothing_is_looked_up(
    database: Database, clock: Clock, fault: Fault
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(
            database, clock, far, capabilities=REMEMBERING, session="device-1"
        ) as bot:
            far.faults[None].extend([fault] * 3)
            await bot.post(far.room(), *ALL)
            await bot.settled()
            assert far.texts() == ALL
            assert far.looked_up == []
            assert {each.via for each in far.tries if each.tried} == {"device-1"}

    asyncio.run(scenario())


def test_another_session_looks_for_what_the_first_left_unclear(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far, capabilities=REMEMBERING, session="old") as bot:
            with holding(far):
                await bot.post(far.room(), "one")
                await far.until(lambda: far.begun == 1)
                await bot.lanes.drain(0)
        async with small_bot(sqlite, clock, far, capabilities=REMEMBERING, session="new") as bot:
            await bot.settled()
        assert far.texts() == ["one"]
        assert len(far.looked_up) == 2

    asyncio.run(scenario())


def test_repeating_a_request_waits_longer_each_time(sqlite: Database, clock: Clock) -> None:
    """A network that hangs up at once was asked again at once, without end."""

    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(
            sqlite, clock, far, capabilities=REMEMBERING, session="device-1"
        ) as bot:
            begun = clock()
            far.faults[None].extend([Fault.HANG_UP_BEFORE] * 5)
            await bot.post(far.room(), "one")
            await bot.settled(step=0.25)
            assert len(far.tries) == 6
            # half of 1 + 2 + 4 + 8 + 16 seconds at the very least
            assert clock() - begun >= timedelta(seconds=15.5)

    asyncio.run(scenario())


def test_nothing_is_sent_again_before_two_complete_look_ups(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            begun = clock()
            far.faults[None].append(Fault.HANG_UP_BEFORE)
            far.find_faults.append(Fault.HANG_UP_BEFORE)
            await bot.post(far.room(), "one")
            await bot.until(lambda: bool(far.looked_up))
            assert clock() - begun >= timedelta(seconds=BARE.request_timeout)
            assert len(far.tries) == 1
            await bot.settled()
            assert far.texts() == ["one"]
            assert len(far.looked_up) == 3
            assert len(far.tries) == 2

    asyncio.run(scenario())


def test_look_ups_that_fail_become_rarer(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            begun = clock()
            far.faults[None].append(Fault.HANG_UP_AFTER)
            far.find_faults.extend([Fault.HANG_UP_BEFORE] * 1000)
            await bot.post(far.room(), "one")
            await bot.until(lambda: clock() - begun > timedelta(hours=1), step=10)
            assert len(far.looked_up) < 200
            far.find_faults.clear()
            await bot.settled(step=10)
            assert far.texts() == ["one"]

    asyncio.run(scenario())


def test_what_was_seen_in_its_room_is_not_sent_again(sqlite: Database, clock: Clock) -> None:
    """The second look-up answered "not there" while the message was arriving."""

    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far, channels={"c": [far.room()]}) as bot:
            far.faults[None].append(Fault.LATE)
            platform = bot.platforms[far.account]
            ask = platform.find

            async def find_too_early(delivery: Delivery) -> Sent | None:
                found = await ask(delivery)
                if len(far.looked_up) == 2:
                    await far.until(lambda: len(platform.acknowledged) == 1)
                    return None
                return found

            platform.find = find_too_early  # type: ignore[method-assign]  # a network's late answer
            await bot.read()
            await bot.post(far.room(), "one", "two")
            await bot.settled()
            assert far.texts() == ["one", "two"]

    asyncio.run(scenario())


def test_an_unknown_outcome_is_settled_by_meeting_the_message_in_its_room(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far, channels={"c": [far.room()]}) as bot:
            far.faults[None].append(Fault.HANG_UP_BEFORE)
            far.find_faults.extend([Fault.HANG_UP_BEFORE] * 1000)
            await bot.read()
            await bot.post(far.room(), "one", "two")
            await bot.until(lambda: len(far.looked_up) == 3)
            far.apply(far.tries[0])  # it was under way all the time
            await bot.settled()
            assert far.texts() == ["one", "two"]
            assert far.find_faults

    asyncio.run(scenario())


def test_a_throttled_lane_keeps_its_order_and_holds_up_no_other(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2"))
        async with small_bot(sqlite, clock, far) as bot:
            far.faults[far.room("r1")].append(Fault.THROTTLE)
            begun = clock()
            await bot.post(far.room("r1"), "slow", "next")
            await bot.post(far.room("r2"), "quick")
            await far.until(lambda: far.texts("r2") == ["quick"])
            assert far.texts("r1") == []
            await bot.settled()
            assert far.texts("r1") == ["slow", "next"]
            assert clock() - begun >= timedelta(seconds=30), "Retry-After is honoured"

    asyncio.run(scenario())


def test_a_pause_that_was_asked_for_holds_when_the_network_comes_back(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2"))
        async with small_bot(sqlite, clock, far) as bot:
            far.faults[far.room("r1")].append(Fault.THROTTLE)
            far.faults[far.room("r2")].extend([Fault.UNREACHABLE] * 6)
            await bot.post(far.room("r1"), "throttled")
            await bot.post(far.room("r2"), "unreachable")
            await bot.until(lambda: not far.faults[far.room("r2")])
            await bot.lanes.reconnected(far.account)
            await far.until(lambda: far.texts("r2") == ["unreachable"])
            far.faults[far.room("r1")].append(Fault.THROTTLE)
            tries = len([each for each in far.tries if each.room == far.room("r1")])
            await bot.lanes.reconnected(far.account)
            await bot.post(far.room("r2"), "again")
            await far.until(lambda: far.texts("r2") == ["unreachable", "again"])
            assert len([e for e in far.tries if e.room == far.room("r1")]) == tries

    asyncio.run(scenario())


def test_a_private_answer_waits_behind_no_room(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            far.faults[far.room()].append(Fault.THROTTLE)
            await bot.post(far.room(), "public")
            await far.until(lambda: len(far.tries) == 1)
            person = far.author("Ada").person
            answer = Answer(person, say("private"))
            await bot.put(Outgoing(far.room(), answer, lane=f"person:{person}"))
            await far.until(lambda: far.told("Ada") == ["private"])
            assert far.told("Ben") == []
            assert far.texts() == []

    asyncio.run(scenario())


def test_what_has_expired_is_not_sent_and_nobody_is_alarmed(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "adm"))
        async with small_bot(sqlite, clock, far, admins=[far.room("adm")]) as bot:
            soon = clock() + timedelta(seconds=10)
            far.faults[far.room()].extend([Fault.UNREACHABLE] * 5)
            late = Outgoing(far.room(), Post(say("late")), expires=soon)
            await bot.put(late, Outgoing(far.room(), Post(say("lasting"))))
            await bot.settled()
            assert far.texts() == ["lasting"]
            assert [row.reason for row in await bot.rows()] == ["expired", None]
            assert far.texts("adm") == []

    asyncio.run(scenario())


def test_an_unclear_private_answer_is_given_up_when_it_has_expired(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            person = far.author("Ada").person
            soon = clock() + timedelta(minutes=1)
            far.faults[None].extend([Fault.HANG_UP_BEFORE] * 1000)
            answer = Outgoing(
                far.room(), Answer(person, say("x")), lane=f"person:{person}", expires=soon
            )
            await bot.put(answer)
            await bot.settled()
            assert [row.reason for row in await bot.rows()] == ["expired"]

    asyncio.run(scenario())


def test_a_refusal_ends_as_dead_the_lane_goes_on_and_admins_hear_of_it_once(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "adm"))
        async with small_bot(sqlite, clock, far, admins=[far.room("adm")]) as bot:
            far.faults[far.room()].extend([Fault.REFUSE] * 3)
            await bot.post(far.room(), "secret one", "secret two", "secret three", "four")
            await bot.settled()
            assert far.texts() == ["four"]
            dead = [row for row in await bot.rows() if row.state == State.DEAD]
            assert [row.reason for row in dead] == ["room_gone"] * 3
            (notice,) = far.texts("adm")
            assert dead[0].id in notice
            assert "secret" not in notice
            clock.advance(3700)
            far.faults[far.room()].append(Fault.REFUSE)
            await bot.post(far.room(), "five")
            await bot.settled()
            assert len(far.texts("adm")) == 2, "after an hour it is worth saying again"

    asyncio.run(scenario())


def test_admins_hear_once_of_what_stays_unknown_for_five_minutes(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "adm"))
        async with small_bot(sqlite, clock, far, admins=[far.room("adm")]) as bot:
            begun = clock()
            far.faults[far.room()].append(Fault.HANG_UP_AFTER)
            far.find_faults.extend([Fault.HANG_UP_BEFORE] * 1000)
            await bot.post(far.room(), "one", "two")
            await bot.until(lambda: bool(far.texts("adm")), step=5)
            assert clock() - begun >= timedelta(minutes=5)
            assert clock() - begun <= timedelta(minutes=8)
            assert far.texts() == ["one"], "it holds its lane"
            later = clock() + timedelta(minutes=10)
            await bot.until(lambda: clock() > later, step=10)
            assert len(far.texts("adm")) == 1
            far.find_faults.clear()
            await bot.settled(step=10)
            assert far.texts() == ["one", "two"]

    asyncio.run(scenario())


def test_an_unexpected_failure_of_an_adapter_is_logged_without_its_words(
    sqlite: Database, clock: Clock, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            far.faults[None].append(Fault.BREAK)
            await bot.post(far.room(), "canary")
            await bot.settled()
            assert far.texts() == ["canary"]

    asyncio.run(scenario())
    (record,) = [each for each in records if each["event"] == "lane.unexpected"]
    assert len(record["reference"]) == 8


def test_draining_finishes_what_is_under_way_and_starts_nothing_new(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            with holding(far):
                await bot.post(far.room(), "one", "two")
                await far.until(lambda: far.begun == 1)
                draining = asyncio.create_task(bot.lanes.drain(5))
                await bot.let_pass(0)
            await draining
            assert [row.state for row in await bot.rows()] == [State.DELIVERED, State.WAITING]
            assert far.texts() == ["one"]
        async with small_bot(sqlite, clock, far) as bot:
            await bot.settled()
        assert far.texts() == ["one", "two"]

    asyncio.run(scenario())


def begun_since(far: FarEnd, number: int) -> bool:
    return far.begun > number


def test_a_crash_while_sending_neither_loses_nor_doubles(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd()
        for _ in range(3):
            async with small_bot(database, clock, far) as bot:
                await bot.settled()
                with holding(far):
                    begun = partial(begun_since, far, far.begun)
                    await bot.post(far.room(), "said")
                    await far.until(begun)
                    await bot.lanes.drain(0)
        async with small_bot(database, clock, far) as bot:
            await bot.settled()
        assert far.texts() == ["said"] * 3

    asyncio.run(scenario())


def test_a_lane_whose_lease_went_to_another_writes_nothing(
    sqlite: Database, clock: Clock, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as old:
            async with small_bot(sqlite, clock, far):
                pass
            await old.post(far.room(), "one")
            await asyncio.gather(*(e.task for e in old.lanes._running.values() if e.task))
            assert far.texts() == []

    asyncio.run(scenario())
    assert [each["event"] for each in records].count("lane.lease_lost") == 1
