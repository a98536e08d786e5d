"""Rosters are read, doors follow, the admin rooms hear what stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.doors import Circles, Doors
from bot.delivery import outbox
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.rules import NoGate
from bot.errors import NotSent, Refused, Throttled
from bot.events import Author, Outgoing, Post, Standing
from bot.platforms.base import Roster
from bot.richtext import say
from bot.sharing.doors import Rules
from bot.sharing.gate import ALLOWED, NOT_YET, Denied, Matter, Reason, Verdict, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store import tables
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.tables import Message
from bot.tasks.audience_notices import AudienceNotices
from bot.tasks.audiences import Audiences
from bot.words import words_for
from tests.clock import Clock
from tests.fake_platform import FakePlatform, FarEnd

ALPHA, BRAVO = TeamKey("alpha"), TeamKey("bravo")
TEAMS = Directory(
    [
        Team(ALPHA, "CERT Alpha", members=("fake:far",)),
        Team(BRAVO, "CERT Bravo", clearance=Label.GREEN, members=("fake:far/ben", "fake:far/bea")),
    ],
    home_of=lambda member: member.partition("/")[0],
)
AMBER = Rules(Label.AMBER)


@dataclass
class Scene:
    """Two rooms at a far end, an admin room at another, and who looks at them."""

    far: FarEnd
    admin: FarEnd
    audiences: Audiences
    doors: Doors
    lanes: Lanes
    database: Database
    clock: Clock

    def person(self, name: str, standing: Standing = Standing.MEMBER) -> Author:
        return Author(self.far.author(name.strip()).person, name, standing=standing)

    def seat(
        self,
        *people: Author,
        private: bool = True,
        encrypted: bool = True,
        history_from_joining: bool = True,
    ) -> None:
        """Who is in the first room, and what it is like."""
        self.far.seat(
            Roster(
                people,
                private=private,
                encrypted=encrypted,
                history_from_joining=history_from_joining,
            )
        )

    async def look(self, *changed: str) -> None:
        """Something changed in these rooms; a second later somebody looks."""
        self.audiences.changed({self.far.room(local) for local in changed})
        self.clock.advance(1)
        await self.audiences.look()

    async def told(self) -> list[str]:
        """What the admin room shows when all is sent."""
        while await self.database.read(outbox.lanes_in_use):
            await self.admin.until(lambda: True)
        return self.admin.copies()

    def asked(self, local: str = "r1", label: Label = Label.AMBER) -> Verdict:
        return judge(Matter(label, self.clock(), ALPHA), self.doors.door(self.far.room(local)))


@asynccontextmanager
async def scene(
    database: Database, clock: Clock, rules: Rules = AMBER, far: FarEnd | None = None
) -> AsyncIterator[Scene]:
    far, admin = far or FarEnd(rooms=("r1", "r2")), FarEnd("fake:admin")
    platforms = {
        each.account: FakePlatform(each, StoredMemory(database, each.account))
        for each in (far, admin)
    }
    leases = Leases()
    names = [f"lanes:{account}" for account in platforms]
    leases.took(await database.run(lambda s: leases.acquire(s, names, clock(), alone=True)))
    lanes = Lanes(database, platforms, leases, lambda *_: set(), NoGate(), clock=clock)
    channel = Circles("ops", tuple(far.rooms), rules, rules.ceiling)
    doors = Doors([channel], TEAMS, clock())
    notices = AudienceNotices([admin.room()], words_for("en"))
    audiences = Audiences(database, platforms, doors, lanes, notices, clock=clock)
    try:
        yield Scene(far, admin, audiences, doors, lanes, database, clock)
    finally:
        await lanes.drain(0)
        await database.run(lambda s: leases.release(s, clock()))


Play = Callable[[Scene], Awaitable[None]]


@pytest.fixture
def play(sqlite: Database, clock: Clock) -> Callable[..., None]:
    """Plays a scenario."""

    def play(scenario: Play, rules: Rules = AMBER) -> None:
        async def whole() -> None:
            async with asyncio.timeout(20), scene(sqlite, clock, rules) as it:
                await scenario(it)

        asyncio.run(whole())

    return play


Player = Callable[..., None]


def test_doors_are_closed_until_the_rosters_were_read(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"))
        assert it.asked() is NOT_YET
        await it.look()
        assert it.asked() is ALLOWED
        assert it.asked("r2") is ALLOWED
        assert await it.told() == []

    play(scenario)


def test_a_room_is_read_again_when_it_changed_and_every_ten_minutes(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        await it.look()
        assert it.audiences.readings == 2
        await it.look()
        assert it.audiences.readings == 2
        for _ in range(50):
            it.audiences.changed({it.far.room()})
        await it.look("r1")
        assert it.audiences.readings == 3
        it.clock.advance(600)
        await it.look()
        assert it.audiences.readings == 5
        it.audiences.reconnected(it.far.account)
        await it.look()
        assert it.audiences.readings == 7

    play(scenario)


def test_a_stranger_closes_a_door_at_once_and_is_told_once(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        ada, guy = it.person("Ada"), it.person("Guy\n", Standing.GUEST)
        it.seat(ada)
        await it.look()
        for _ in range(2):
            it.seat(ada, guy)
            await it.look("r1")
            assert it.asked() == Denied(Reason.STRANGERS)
        line = (
            "fake:far/r1 is read by Guy (guy), of no team: nothing above TLP:CLEAR is sent there."
        )
        assert await it.told() == [line]
        it.seat(ada)
        await it.look("r1")
        assert it.asked() is ALLOWED
        gone = "fake:far/r1 is no longer read by Guy (guy)."
        assert await it.told() == [line, gone]
        it.seat(ada, guy)
        await it.look("r1")
        assert await it.told() == [line, gone, line]

    play(scenario)


def test_where_strangers_are_reported_they_hold_nothing(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"), it.person("Guy", Standing.GUEST))
        await it.look()
        assert it.asked() is ALLOWED
        (line,) = await it.told()
        assert line.endswith("is sent there all the same: strangers are only reported.")

    play(scenario, Rules(Label.AMBER, hold=False))


def test_a_team_that_may_not_read_it_is_told_by_name_of_the_team(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"), it.person("Ben"), it.person("Bea"))
        await it.look()
        assert it.asked() == Denied(Reason.CLEARANCE)
        (told,) = await it.told()
        assert told == (
            "fake:far/r1 is read by CERT Bravo, who may not read TLP:AMBER: nothing of that is "
            "sent there."
        )

    play(scenario)


def test_what_a_room_lacks_is_told_once_and_that_it_was_mended(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        ada = it.person("Ada")
        for _ in range(2):
            it.seat(ada, private=False, encrypted=False)
            await it.look("r1")
        assert it.asked() == Denied(Reason.UNFIT)
        lacks = (
            "fake:far/r1 gets nothing above TLP:GREEN (everybody can see it: make it private; "
            "it is not encrypted: turn on its encryption)."
        )
        assert await it.told() == [lacks]
        it.seat(ada, encrypted=False)
        await it.look("r1")
        assert await it.told() == [lacks]
        it.seat(ada)
        await it.look("r1")
        assert it.asked() is ALLOWED
        assert await it.told() == [
            lacks,
            "fake:far/r1 has all that it needs above TLP:GREEN now.",
        ]

    play(scenario)


def test_a_waiver_is_recorded_once(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"), private=False)
        await it.look()
        it.audiences.read_anew()
        await it.look()
        assert it.asked() is ALLOWED
        row = tables.Audit
        acts = await it.database.read(
            lambda s: s.execute(select(row.who, row.action).where(row.rule == "waiver")).all()
        )
        assert [tuple(act) for act in acts] == [("operator", "configured")]
        assert await it.told() == []

    play(scenario, Rules(Label.AMBER, waiver="agreed on 3 March"))


def test_a_call_that_fails_is_no_leave_and_no_join_and_is_tried_again(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"))
        await it.look()
        it.seat(it.person("Guy", Standing.GUEST))
        for fault in (NotSent("unreachable"), Throttled("slow", retry_after=9), Refused("gone")):
            it.far.roster_faults.append(fault)
            await it.look("r1")
            assert it.asked() is ALLOWED
        assert not it.far.roster_faults
        it.clock.advance(60)
        await it.look()
        assert it.asked() == Denied(Reason.STRANGERS)

    play(scenario)


def test_a_network_that_is_away_is_not_asked_and_read_when_it_is_back(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.far.cut()
        await it.look()
        assert it.audiences.readings == 0
        it.far.restore()
        await it.look()
        assert it.audiences.readings == 2

    play(scenario)


def test_what_cannot_be_read_for_half_an_hour_is_told_once_for_all_rooms_of_an_account(
    play: Player,
) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"))
        await it.look()
        it.far.cut()
        for _ in range(40):
            it.clock.advance(60)
            await it.look()
        assert it.asked() is ALLOWED
        (told,) = await it.told()
        assert told.startswith("I cannot find out who reads fake:far/r1, fake:far/r2, since 14:30")
        it.far.restore()
        await it.look()
        assert (await it.told())[1:] == ["I know again who reads fake:far/r1, fake:far/r2."]

    play(scenario)


def test_somebody_who_is_not_looked_up_yet_keeps_the_door_closed_and_is_no_stranger(
    play: Player,
) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Zoe", Standing.UNKNOWN))
        await it.look()
        assert it.asked() is NOT_YET
        assert await it.told() == []
        it.seat(it.person("Zoe", Standing.GUEST))
        it.clock.advance(60)
        await it.look()
        assert it.asked() == Denied(Reason.STRANGERS)

    play(scenario)


def test_who_comes_later_is_told_with_what_they_can_scroll_back_to(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        ada, ben = it.person("Ada"), it.person("Ben")
        it.seat(ada, history_from_joining=False)
        await it.look()
        await brought(it)
        it.clock.advance(3600)
        it.seat(ada, ben, it.person("Guy", Standing.GUEST), history_from_joining=False)
        await it.look("r1")
        stranger = (
            "fake:far/r1 is read by Guy (guy), of no team: nothing above TLP:CLEAR is sent there."
        )
        past = "One can scroll back there: copies since 14:30 UTC, up to TLP:GREEN."
        assert await it.told() == [
            f"CERT Bravo has come to read fake:far/r1. {past}",
            f"{stranger}\n{past}",
        ]

    play(scenario, Rules(Label.GREEN))


async def brought(it: Scene) -> None:
    """A message of the other room has been copied into the first."""
    room = it.far.room("r2")

    def work(session: Session) -> set[str]:
        row = Message(
            room=room, message="m1", channel="ops", author="ada", said=it.clock(),
            received=it.clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        post = Outgoing(it.far.room(), Post(say("hello")), source=row.id)
        return outbox.put(session, [post], it.clock())

    it.lanes.wake(await it.database.run(work))
    await it.far.until(lambda: it.far.copies() == ["hello"])
    await it.told()


def test_rosters_are_kept_with_who_came_and_went(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        ada, ben = it.person("Ada"), it.person("Ben")
        for people in ((ada,), (ada, ben), (ben,)):
            it.seat(*people)
            await it.look("r1")
        row = tables.Roster
        found = await it.database.read(
            lambda s: s.execute(select(row.name, row.team, row.until).order_by(row.id)).all()
        )
        assert [(name, team, until is None) for name, team, until in found] == [
            ("Ada", "alpha", False),
            ("Ben", "bravo", True),
        ]

    play(scenario)


def test_after_a_restart_nothing_is_told_twice_and_the_end_is_told(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        far = FarEnd(rooms=("r1", "r2"))
        async with scene(sqlite, clock, far=far) as it:
            it.seat(it.person("Guy", Standing.GUEST))
            await it.look()
            assert len(await it.told()) == 1
        async with scene(sqlite, clock, far=far) as it:
            assert it.asked() is NOT_YET
            await it.look()
            assert await it.told() == []
            it.seat(it.person("Ada"))
            await it.look("r1")
            assert await it.told() == ["fake:far/r1 is no longer read by Guy (guy)."]

    asyncio.run(scenario())


def test_what_changes_while_a_room_is_read_is_read_after_it(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Ada"))
        await it.look()
        it.far.rosters_held.clear()
        it.audiences.reconnected(it.far.account)
        looking = asyncio.create_task(it.audiences.look())
        await it.far.until(lambda: it.far.rosters_asked == 4)
        await it.look("r1")
        assert it.far.rosters_asked == 4, "one reading of a room at a time"
        it.far.rosters_held.set()
        await looking
        it.clock.advance(10)
        await it.look()
        assert it.far.rosters_asked == 5

    play(scenario)


def test_it_looks_by_itself(play: Player) -> None:
    async def scenario(it: Scene) -> None:
        it.seat(it.person("Guy", Standing.GUEST))
        running = asyncio.create_task(it.audiences.run())
        try:
            await it.admin.until(lambda: len(it.admin.copies()) == 1)
            it.seat(it.person("Ada"))
            it.audiences.changed({it.far.room()})
            it.clock.advance(1)
            await it.admin.until(lambda: len(it.admin.copies()) == 2)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    play(scenario)
