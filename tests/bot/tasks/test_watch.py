"""What is frozen is held back and what nobody here has done raises alarm, in the whole engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import freezing
from bot.custody.audit import Action
from bot.custody.frozen import Kind
from bot.events import Delivery, DeliveryId, MessageDeleted, MessageEdited, Post, RoomId
from bot.richtext import say
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database
from bot.store.tables import Audit, Freeze, Roster
from tests.clock import Clock
from tests.fake_platform import FarEnd, event_of
from tests.small_bot import SmallBot, small_bot
from tests.twice import carry_out_twice


def _team(name: str, admin: str) -> Team:
    home = RoomId(f"fake:{name}/home")
    return Team(TeamKey(name), name, members=(f"fake:{name}",), admins=(admin,), home=home)


ALLIES = Directory(
    [_team("a", "fake:a/ada"), _team("b", "fake:b/ben"), _team("c", "fake:c/cleo")],
    home_of=lambda member: member.partition("/")[0],
)


@dataclass
class Allies:
    """Three houses with a room each in one channel; the admin room is with the third."""

    bot: SmallBot
    a: FarEnd
    b: FarEnd
    c: FarEnd

    @property
    def admins(self) -> list[str]:
        """What the admin room was told."""
        return self.c.copies("adm")

    async def told(self, far: FarEnd, name: str, number: int) -> str:
        """A person's answer of that number."""
        await far.until(lambda: len(far.told(name)) >= number)
        return far.told(name)[number - 1]

    async def copied(self, far: FarEnd, *texts: str) -> None:
        """Wait until a house's room has these copies and no others."""
        await self.bot.until(lambda: len(far.copies()) >= len(texts))
        assert far.copies() == list(texts)

    async def audited(self, action: Action) -> list[str]:
        """What was done of a kind, and to what."""
        rows = select(Audit.object).where(Audit.action == action).order_by(Audit.seq)
        return await self.bot.database.read(lambda s: list(s.execute(rows).scalars()))


@asynccontextmanager
async def allies(
    database: Database, clock: Clock, *ends: FarEnd, alarms: bool = False
) -> AsyncIterator[Allies]:
    a, b, c = ends or houses()
    async with small_bot(
        database, clock, a, b, c,
        channels={"c": [far.room() for far in (a, b, c)]},
        admins=[c.room("adm")], directory=ALLIES, alarms=alarms,
    ) as bot:  # fmt: skip
        await bot.read()
        yield Allies(bot, a, b, c)


def houses() -> tuple[FarEnd, FarEnd, FarEnd]:
    return (
        FarEnd("fake:a", ("r1", "home")),
        FarEnd("fake:b", ("r1", "home")),
        FarEnd("fake:c", ("r1", "home", "adm")),
    )


def test_a_team_freezes_its_own_house_alone_and_at_once(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(database, clock) as all_:
            all_.a.say("!freeze fake:a")
            assert (await all_.told(all_.a, "Ada", 1)).startswith("Frozen: fake:a.")
            await all_.bot.until(lambda: len(all_.admins) == 1)
            assert "fake:a was frozen by a" in all_.admins[0]
            all_.a.say("stolen words", name="Mallory")
            all_.a.say("!thaw fake:a")
            all_.b.say("for all")
            await all_.copied(all_.c, "for all")
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            assert all_.a.copies() == []
            assert all_.b.copies() == []
            assert len(all_.a.told("Ada")) == 1, "nothing from there is run"
            assert await all_.audited(Action.FROZE) == ["account:fake:a"]

    asyncio.run(scenario())


def test_two_teams_thaw_and_what_waited_goes_what_was_held_back_does_not(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(database, clock) as all_:
            all_.a.say("!freeze a")
            await all_.told(all_.a, "Ada", 1)
            lost = all_.a.say("stolen words", name="Mallory")
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            all_.b.say("waits for a")
            await all_.copied(all_.c, "waits for a")
            all_.b.say("!thaw a", name="Ben")
            assert (await all_.told(all_.b, "Ben", 1)).startswith("Not thawed yet: a.")
            all_.b.say("!thaw a", name="Ben")
            assert (await all_.told(all_.b, "Ben", 2)).startswith("Not thawed yet: a.")
            assert all_.a.copies() == []
            all_.c.say("!thaw a", name="Cleo")
            told = await all_.told(all_.c, "Cleo", 1)
            assert told.startswith("Thawed: a.")
            assert "1 message or change from there was not taken in" in told
            await _looks(all_.bot)
            await all_.copied(all_.a, "waits for a")
            all_.a.edit(lost, "stolen words, edited")
            all_.a.double(lost)
            all_.a.say("free")
            await all_.copied(all_.b, "free")

    asyncio.run(scenario())


def test_what_answers_what_was_held_back_is_marked_like_that(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            all_.a.say("!freeze a")
            await all_.told(all_.a, "Ada", 1)
            high = all_.a.say("TLP:AMBER words")
            low = all_.a.say("TLP:CLEAR words")
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            for far, name in ((all_.b, "Ben"), (all_.c, "Cleo")):
                far.say("!thaw a", name=name)
                await all_.told(far, name, 1)
            await _looks(all_.bot)
            all_.a.say("in answer to that", thread=high)
            all_.a.say("and to this", thread=low)
            await all_.bot.until(lambda: bool(all_.b.copies()))
            assert [text.splitlines()[-1] for text in all_.b.copies()] == ["and to this"]

    asyncio.run(scenario())


def test_all_is_frozen_by_two_teams_within_ten_minutes_and_thawed_by_two(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(database, clock) as all_:
            all_.a.say("!freeze all")
            assert (await all_.told(all_.a, "Ada", 1)).startswith("Not frozen yet: all.")
            clock.advance(601)
            all_.b.say("!freeze all", name="Ben")
            assert (await all_.told(all_.b, "Ben", 1)).startswith("Not frozen yet: all.")
            all_.c.say("!freeze all", name="Cleo")
            assert (await all_.told(all_.c, "Cleo", 1)).startswith("Frozen: all.")
            all_.a.say("lost")
            all_.a.say("!ping")
            all_.a.say("!thaw all")
            assert (await all_.told(all_.a, "Ada", 2)).startswith("Not thawed yet: all.")
            all_.c.say("!thaw all", name="Cleo")
            assert (await all_.told(all_.c, "Cleo", 2)).startswith("Thawed: all.")
            await _looks(all_.bot)
            all_.a.say("free")
            await all_.copied(all_.b, "free")
            assert len(all_.a.told("Ada")) == 2
            assert any("was thawed" in each for each in all_.admins)

    asyncio.run(scenario())


def test_it_freezes_and_thaws_though_each_unit_of_work_is_carried_out_twice(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            carry_out_twice(sqlite)
            all_.a.say("!freeze all")
            assert (await all_.told(all_.a, "Ada", 1)).startswith("Not frozen yet: all.")
            all_.b.say("!freeze all", name="Ben")
            assert (await all_.told(all_.b, "Ben", 1)).startswith("Frozen: all.")
            all_.b.say("!thaw all", name="Ben")
            assert (await all_.told(all_.b, "Ben", 2)).startswith("Not thawed yet: all.")
            all_.c.say("!thaw all", name="Cleo")
            assert (await all_.told(all_.c, "Cleo", 1)).startswith("Thawed: all.")

    asyncio.run(scenario())


def test_an_admin_room_freezes_anything_alone(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            all_.c.say("!freeze fake:b/r1", name="Opal", local="adm")
            assert (await all_.told(all_.c, "Opal", 1)).startswith("Frozen: fake:b/r1.")
            all_.a.say("not for b")
            await all_.copied(all_.c, "not for b")
            assert all_.b.copies() == []
            frozen = all_.bot.frozen
            assert frozen.is_frozen(all_.b.author("Ben").person, all_.b.room())
            assert not frozen.is_frozen(all_.b.author("Ben").person, all_.b.room("home"))

    asyncio.run(scenario())


def test_a_server_of_which_nobody_is_known_is_frozen_with_a_word_of_that(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            seen = Roster(
                room=all_.b.room(), person="fake:d/dora", name="Dora", standing="guest",
                since=clock(),
            )  # fmt: skip
            await all_.bot.database.run(lambda s: s.add(seen))
            for number, name in enumerate(("fake:nowhere", "fake:d"), 1):
                all_.c.say(f"!freeze {name}", name="Opal", local="adm")
                told = await all_.told(all_.c, "Opal", number)
                assert told.startswith(f"Frozen: {name}.")
                assert ("I know nobody of" in told) == (name == "fake:nowhere")

    asyncio.run(scenario())


def test_what_is_frozen_is_so_after_a_restart(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        ends = houses()
        async with allies(sqlite, clock, *ends) as all_:
            all_.a.say("!freeze fake:a")
            await all_.told(all_.a, "Ada", 1)
        ends[0].say("said while away")
        async with allies(sqlite, clock, *ends) as all_:
            all_.b.say("for all")
            await all_.copied(all_.c, "for all")
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            assert all_.a.copies() == []

    asyncio.run(scenario())


def test_what_is_said_for_a_paused_channel_waits(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            by = freezing.Asker("operator", freezing.OPERATORS)
            await all_.bot.database.run(lambda s: freezing.begin(s, Kind.PAUSE, "c", by, clock()))
            await _looks(all_.bot)
            all_.a.say("waits")
            all_.a.say("!ping")
            await all_.told(all_.a, "Ada", 1)
            assert all_.b.copies() == []
            await all_.bot.database.run(lambda s: freezing.resume(s, "c", clock()))
            await _looks(all_.bot)
            await all_.copied(all_.b, "waits")

    asyncio.run(scenario())


async def _looks(bot: SmallBot) -> None:
    """What the running bot does every second."""
    await bot.database.run(lambda s: bot.frozen.hold(freezing.standing(s)))
    bot.lanes.wake([row.lane for row in await bot.rows()], hurry=True)


# ── the alarm ───────────────────────────────────────────────────────────────────────────────────


def test_a_post_that_nobody_here_has_made_raises_one_alarm_on_the_other_network(
    database: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with allies(database, clock, alarms=True) as all_:
            forged = DeliveryId("d" + "f" * 26)
            all_.a.apply(Delivery(forged, all_.a.room(), Post(say("forged canary"))))
            await all_.bot.until(lambda: len(all_.admins) == 1)
            all_.a.double(all_.a.rooms[all_.a.room()][0].message)
            all_.a.say("true")
            await all_.copied(all_.b, "true")
            assert len(all_.admins) == 1
            assert all_.admins[0].startswith("ALARM: fake:a/r1: message ")
            assert "canary" not in all_.admins[0]
            assert len(await all_.audited(Action.ALARM)) == 1

    asyncio.run(scenario())


def test_a_delivery_named_twice_raises_alarm(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock, alarms=True) as all_:
            all_.b.say("true")
            await all_.copied(all_.a, "true")
            await all_.bot.settled()
            (landed,) = all_.a.standing()
            assert landed.delivery is not None
            all_.a.apply(Delivery(landed.delivery, all_.a.room(), Post(say("again"))))
            await all_.bot.until(lambda: len(all_.admins) == 1)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_a_change_of_ours_that_nobody_here_has_made_raises_alarm(
    sqlite: Database, clock: Clock, kind: str
) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock, alarms=True) as all_:
            all_.b.say("true")
            await all_.copied(all_.a, "true")
            await all_.bot.settled()
            clock.advance(3600)
            (landed,) = all_.a.standing()
            said = clock() - timedelta(seconds=1)
            deed: MessageEdited | MessageDeleted
            if kind == "edited":
                author = event_of(landed).author
                deed = MessageEdited(
                    landed.room, landed.message, author, say("forged"), "9", said, own=True
                )
            else:
                deed = MessageDeleted(landed.room, landed.message, said, own=True)
            all_.a.hand_out(deed)
            await all_.bot.until(lambda: len(all_.admins) == 1)
            assert f"was {kind} under my account" in all_.admins[0]

    asyncio.run(scenario())


def test_edits_and_deletions_of_ours_raise_none(database: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(database, clock) as all_:
            first, second = all_.b.say("one"), all_.b.say("two")
            await all_.copied(all_.a, "one", "two")
            all_.b.edit(first, "one, edited")
            all_.b.delete(second)
            await all_.bot.until(lambda: len(all_.a.texts()) == 1 and "edited" in all_.a.texts()[0])
            await all_.bot.settled()
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            assert all_.admins == []

    asyncio.run(scenario())


def test_of_a_flood_no_more_than_twenty_are_told(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock, alarms=True) as all_:
            for number in range(25):
                forged = DeliveryId(f"d{number:026}")
                all_.a.apply(Delivery(forged, all_.a.room(), Post(say("forged"))))
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)
            await all_.bot.settled()
            assert len(all_.admins) == 20
            assert "no more" in all_.admins[-1]
            assert len(await all_.audited(Action.ALARM)) == 25

    asyncio.run(scenario())


def test_a_frozen_rooms_row_counts_what_was_held_back(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with allies(sqlite, clock) as all_:
            known = all_.a.say("before")
            await all_.copied(all_.b, "before")
            all_.a.say("!freeze fake:a/r1")
            await all_.told(all_.a, "Ada", 1)
            all_.a.edit(known, "after")
            all_.a.react(known, "👍")
            all_.a.call("ping")
            lost = all_.a.say("lost")
            all_.a.double(lost)
            await all_.bot.until(lambda: all_.bot.platforms[all_.a.account].caught_up)

            def held(session: Session) -> int:
                return session.execute(select(Freeze.held)).scalar_one()

            assert await all_.bot.database.read(held) == 4
            assert all_.b.texts() == ["before"]

    asyncio.run(scenario())
