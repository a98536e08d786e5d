"""What it takes to know who reads a room: 5,000 people read and stored, 100 doors made anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from bot.custody.doors import Circles, Doors, weigh
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.rules import NoGate
from bot.events import Author, PersonId, RoomId, Standing
from bot.platforms.base import Roster
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Membership
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.tasks.audience_notices import AudienceNotices
from bot.tasks.audiences import Audiences
from bot.words import words_for
from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words
from tests.clock import Clock
from tests.fake_platform import FakePlatform, FarEnd
from tests.stores import opened, sqlite_url

_TEAMS, _PEOPLE, _ROOMS = 50, 5000, 100


def audience(size: Size) -> list[Figure]:
    """A large room, and many."""
    del size
    with folder_for_it() as folder, opened(sqlite_url(folder), durable=True) as database:
        took, waits = asyncio.run(_one_large_room(database))
    swaps = _swapped()
    return [
        Figure(
            f"A room of {_PEOPLE:,} people is read and stored for the first time",
            "nobody waits for it: 10 ms p99",
            f"{took:.2f} s, and commits of others meanwhile take {in_words(waits)}",
            method=(
                "From the answer of the network (in memory) to the last row, on SQLite, while "
                "another task commits without a pause."
            ),
            reached=waits.p99 <= 10,
        ),
        Figure(
            f"The doors of {_ROOMS} rooms with {_TEAMS} teams are made anew and swapped",
            "",
            in_words(swaps),
            method="`Doors.join`, as when a team comes or leaves; in the event loop.",
        ),
    ]


def _directory() -> Directory:
    teams = [
        Team(TeamKey(f"t{number}"), f"T{number}", members=(f"fake:far/t{number}",))
        for number in range(_TEAMS)
    ]
    return Directory(teams, home_of=lambda member: member.partition(".")[0])


def _people(number: int) -> Iterator[Author]:
    for each in range(number):
        person = PersonId(f"fake:far/t{each % _TEAMS}.{each}")
        yield Author(person, f"P {each}", standing=Standing.MEMBER)


async def _one_large_room(database: Database) -> tuple[float, Spread]:
    far, clock, leases = FarEnd(), Clock(), Leases()
    far.seat(Roster(tuple(_people(_PEOPLE))))
    platforms = {far.account: FakePlatform(far, StoredMemory(database, far.account))}
    names = [f"lanes:{far.account}"]
    leases.took(await database.run(lambda s: leases.acquire(s, names, clock(), alone=True)))
    lanes = Lanes(database, platforms, leases, lambda *_: set(), NoGate(), clock=clock)
    rules = Rules(Label.AMBER)
    doors = Doors([Circles("ops", (far.room(),), rules, rules.ceiling)], _directory(), clock())
    notices = AudienceNotices([], words_for("en"))
    audiences = Audiences(database, platforms, doors, lanes, notices, clock=clock)
    begun = time.perf_counter()
    looking = asyncio.create_task(audiences.look())
    waits = []
    while not looking.done():
        asked = time.perf_counter()
        await database.run(lambda session: session.get_bind())
        waits.append(time.perf_counter() - asked)
    await looking
    took = time.perf_counter() - begun
    await lanes.drain(0)
    return took, spread(waits)


def _swapped() -> Spread:
    clock, directory = Clock(), _directory()
    rules = Rules(Label.AMBER)
    channels = [
        Circles(f"c{number}", (RoomId(f"fake:far/r{number}"),), rules, rules.ceiling)
        for number in range(_ROOMS)
    ]
    doors = Doors(channels, directory, clock())
    for channel in channels:
        roster = Roster(tuple(_people(_TEAMS)))
        doors.learn(channel.rooms[0], weigh(roster, directory), clock())
    facts = [Membership(team, each.circle) for each in channels for team in directory.teams]
    took = []
    for _ in range(30):
        begun = time.perf_counter()
        doors.join(facts, clock())
        took.append(time.perf_counter() - begun)
    return spread(took)
