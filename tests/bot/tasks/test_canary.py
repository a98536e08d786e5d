"""What the admin rooms hear of an account or a room that works no more, and works again."""

from __future__ import annotations

import asyncio

from bot.errors import AccountRefused
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.tables import State
from tests.clock import Clock
from tests.fake_platform import FakePlatform, FarEnd
from tests.small_bot import small_bot
from tests.watching import watching


def far_and_platform(database: Database) -> tuple[FarEnd, FakePlatform]:
    far = FarEnd("fake:far")
    return far, FakePlatform(far, StoredMemory(database, far.account))


def test_a_refused_account_is_said_once_and_that_it_works_again_once(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            assert await watch.told() == []
            far.refused = AccountRefused("token_revoked", mend="take a new one")
            assert len(await watch.told()) == 1
            assert "fake:far does not work" in (await watch.told())[0]
            far.refused = None
            assert (await watch.told())[1:] == ["fake:far works again."]
            assert len(await watch.told()) == 2

    asyncio.run(scenario())


def test_a_network_that_is_away_is_said_after_a_minute(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            far.cut()
            assert await watch.told() == []
            clock.advance(59)
            assert await watch.told() == []
            clock.advance(2)
            (told,) = await watch.told()
            assert told.startswith("fake:far does not work")
            far.restore()
            assert (await watch.told())[1:] == ["fake:far works again."]

    asyncio.run(scenario())


def test_a_network_that_is_away_for_a_moment_is_not_worth_a_word(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            for _ in range(4):
                far.cut()
                await watch.told()
                clock.advance(40)
                await watch.told()
                far.restore()
                await watch.told()
                clock.advance(40)
            assert await watch.told() == []

    asyncio.run(scenario())


def test_a_closed_room_is_said_once_and_while_nobody_can_ask_it_stays_so(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            far.barred.add(far.room())
            assert len(await watch.told()) == 1
            far.cut()
            clock.advance(30)
            assert len(await watch.told()) == 1
            far.restore()
            far.barred.clear()
            assert (await watch.told())[1:] == ["fake:far/r1 is open to me again."]

    asyncio.run(scenario())


def test_after_a_restart_nothing_is_said_twice_and_the_end_is_said(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        far.barred.add(far.room())
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            assert len(await watch.told()) == 1
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            assert await watch.told() == []
            far.barred.clear()
            assert await watch.told() == ["fake:far/r1 is open to me again."]

    asyncio.run(scenario())


def test_what_is_said_for_a_closed_room_waits_in_order_and_lands_when_it_opens(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            far.barred.add(far.room())
            await bot.post(far.room(), "one", "two")
            clock.advance(600)
            await bot.until(lambda: bool(bot.lanes.barred))
            assert bot.lanes.barred == {far.room(): "not in the room"}
            for _ in range(5):
                await bot.let_pass(120)
            assert not {row.state for row in await bot.rows()} & {State.DEAD, State.DELIVERED}
            far.barred.clear()
            await bot.settled()
            assert far.texts() == ["one", "two"]
            assert not bot.lanes.barred

    asyncio.run(scenario())


def test_a_room_that_only_its_lane_knows_to_be_closed_is_said_too(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far, platform = far_and_platform(sqlite)
        async with watching(sqlite, clock, {far.account: platform}) as watch:
            await watch.canary.look()
            watch.lanes.barred[far.room()] = "restricted_action"
            assert len(await watch.told()) == 1
            await watch.post(far.room(), "hello")
            await far.until(lambda: far.texts() == ["hello"])
            assert (await watch.told())[1:] == ["fake:far/r1 is open to me again."]

    asyncio.run(scenario())
