"""What arrives is stored, then acknowledged; what cannot be stored is not acknowledged."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from bot.delivery.inlet import Handled
from bot.errors import AccountRefused
from bot.events import Event, Ignored, MessagePosted, RoomId, Unreadable
from bot.platforms.base import Roster
from bot.richtext import say
from bot.richtext.plain import plain
from bot.store.database import Database
from bot.store.tables import Inbox, InboxState, Mark
from tests.clock import Clock
from tests.fake_platform import SAID, FarEnd
from tests.small_bot import small_bot
from tests.stores import opened, sqlite_url

TWO = ("r1", "r2")


def channel(far: FarEnd, *names: str) -> dict[str, list[RoomId]]:
    return {"c": [far.room(name) for name in names or TWO]}


def test_nothing_is_acknowledged_before_it_is_stored(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            begun, go_on = threading.Event(), threading.Event()
            platform = bot.platforms[far.account]
            handle = bot.inlets[0]._handle

            def slow(session: Session, event: Event, now: datetime) -> Handled:
                begun.set()
                assert go_on.wait(10)
                return handle(session, event, now)

            bot.inlets[0]._handle = slow
            await bot.read()
            far.say("one")
            await asyncio.to_thread(begun.wait, 10)
            assert platform.acknowledged == []
            assert await database.read(lambda s: s.execute(select(Inbox.seq)).all()) == []
            go_on.set()
            await far.until(lambda: len(platform.acknowledged) >= 1)
            position = await database.read(lambda s: s.get(Mark, far.room("r1")))
            assert position is not None
            assert position.position == far.rooms[far.room("r1")][0].message

    asyncio.run(scenario())


def test_rooms_whose_readers_changed_are_passed_on(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
            changed: list[set[RoomId]] = []
            bot.inlets[0]._changed = changed.append
            await bot.read()
            far.seat(Roster(()))
            far.move("Ada", local="r2")
            far.move("Ada", local="r2", joined=False)
            acknowledged = bot.platforms[far.account].acknowledged
            await far.until(lambda: len(acknowledged) == 3)
            assert changed == [{far.room("r1")}, {far.room("r2")}, {far.room("r2")}]

    asyncio.run(scenario())


def test_what_comes_twice_is_relayed_once(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            await bot.read()
            first = far.say("one")
            await far.until(lambda: far.copies("r2") == ["one"])
            far.double(first)
            far.say("one")
            await far.until(lambda: len(far.copies("r2")) == 2)
            await far.until(lambda: len(bot.platforms[far.account].acknowledged) == 5)
            assert far.copies("r2") == ["one", "one"]

    asyncio.run(scenario())


def test_what_was_said_while_we_were_away_comes_first(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        for life in range(3):
            async with small_bot(database, clock, far, channels=channel(far)) as bot:
                await bot.read()
                far.say(f"live {life}")
                await far.until(lambda life=life: f"live {life}" in far.copies("r2"))  # type: ignore[misc]  # a default holds the loop's value
                await bot.settled()
            far.say(f"away {life}")
        wanted = ["live 0", "away 0", "live 1", "away 1", "live 2"]
        assert far.copies("r2") == wanted

    asyncio.run(scenario())


def test_an_event_that_cannot_be_handled_is_set_aside_and_the_next_is_read(
    database: Database, clock: Clock, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        async with small_bot(database, clock, far, channels=channel(far)) as bot:
            await bot.read()
            far.say("canary \ud800")
            far.say("next")
            await far.until(lambda: far.copies("r2") == ["next"])
            state = select(Inbox.reference).where(Inbox.state == InboxState.FAILED)
            shown = await database.read(lambda s: s.execute(state).scalar_one())
            (record,) = [each for each in records if each["event"] == "event.failed"]
            assert record["reference"] == shown
            assert record["kind"] == "MessagePosted"

    asyncio.run(scenario())


def test_a_locked_store_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, records: list[EventDict]
) -> None:
    monkeypatch.setattr("bot.store.database._BUSY_SECONDS", 0.05)
    monkeypatch.setattr("bot.delivery.inlet._STORE_PAUSE", 0.01)
    monkeypatch.setattr("bot.delivery.lanes._STORE_PAUSE", 0.01)

    async def scenario() -> None:
        far = FarEnd(rooms=TWO)
        with opened(sqlite_url(tmp_path)) as ours, opened(sqlite_url(tmp_path)) as theirs:
            async with small_bot(ours, clock, far, channels=channel(far)) as bot:
                await bot.read()
                far.say("before")
                await far.until(lambda: far.copies("r2") == ["before"])
                await bot.settled()
                with theirs.engine.connect() as other, other.begin():
                    far.say("during")
                    async with asyncio.timeout(30):
                        while not any(each["event"] == "store.unusable" for each in records):
                            await bot.let_pass(0)
                    acknowledged = bot.platforms[far.account].acknowledged
                    assert "during" not in [
                        plain(e.body) for e in acknowledged if isinstance(e, MessagePosted)
                    ]
                await far.until(lambda: far.copies("r2") == ["before", "during"])

    asyncio.run(scenario())


def test_what_is_nothing_to_us_is_counted_and_acknowledged(
    sqlite: Database, clock: Clock, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        async with small_bot(sqlite, clock, far) as bot:
            await bot.read()
            for number in range(1200):
                far.extra.append(Unreadable(f"kind-{number}"))
            for _ in range(100):
                far.extra.append(Ignored("reaction"))
            far.stir()
            await far.until(lambda: len(bot.platforms[far.account].acknowledged) == 1300)
            counted = bot.inlets[0].counted
            assert sum(counted.values()) == 1300
            assert len(counted) <= 501, "names from outside do not fill the memory"

    asyncio.run(scenario())
    assert len(records) < 600


def test_a_refused_account_is_known_and_not_tried_again(
    sqlite: Database, clock: Clock, records: list[EventDict]
) -> None:
    async def scenario() -> None:
        far = FarEnd()
        far.refused = AccountRefused("bad_token", mend="fake.far.token: get a new one")
        async with small_bot(sqlite, clock, far) as bot:
            await bot.read()
            async with asyncio.timeout(30):
                await bot.inlets[0].known.wait()
            assert bot.inlets[0].refused is far.refused

    asyncio.run(scenario())
    assert [each["event"] for each in records] == ["account.refused"]


def test_messages_of_other_rooms_are_not_relayed(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2", "elsewhere"))
        async with small_bot(sqlite, clock, far, channels=channel(far)) as bot:
            await bot.read()
            far.say("unrelated", local="elsewhere")
            far.hand_out(
                MessagePosted(
                    far.room("elsewhere"), far.say("x"), far.author("Ada"), say("words"), SAID
                )
            )
            await far.until(lambda: far.copies("r2") == ["x"])
            await bot.settled()
            assert far.copies("r1") == []

    asyncio.run(scenario())
