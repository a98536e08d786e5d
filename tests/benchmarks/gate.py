"""What the gate costs: a decision, of all that it takes without a query; and reading a marking."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta

from bot.custody.doors import Circles, Doors, weigh
from bot.custody.effective import Marked
from bot.custody.gatekeeper import Gatekeeper
from bot.events import Author, PersonId, RoomId, Standing
from bot.platforms.base import Roster
from bot.richtext import say
from bot.sharing.doors import Rules
from bot.sharing.gate import Allowed
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import Directory, Team, TeamKey
from bot.sharing.written import read_marking
from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size
from tests.clock import Clock

_TEAMS, _GROUPS, _ROOMS, _ROUNDS = 50, 20, 100, 200
_LABELS = (Label.CLEAR, Label.GREEN, Label.AMBER, Label.AMBER_STRICT, Label.RED)
_LISTS = ((), (frozenset({"g19"}),), (frozenset({"g3", "t7"}), frozenset({"g12", "fr"})))


def gate(size: Size) -> list[Figure]:
    """Decisions over all rooms, with markings of every kind."""
    del size
    custody, rooms, clock = _house()
    said = clock() - timedelta(hours=1)
    root = Marked(Marking(Label.GREEN, (frozenset({"g5"}),)), TeamKey("t1"), said)
    matters = [
        (Marked(Marking(label, lists), TeamKey("t2"), said), above)
        for label, lists, above in itertools.product(_LABELS, _LISTS, ((), (root,)))
    ]
    took, allowed = [], 0
    for _ in range(_ROUNDS):
        for marked, above in matters:
            begun = time.perf_counter()
            for room in rooms:
                matter = custody.markings.effective(marked, above).matter
                allowed += isinstance(custody.ask(matter, room), Allowed)
            took.append((time.perf_counter() - begun) / len(rooms))
    found, texts = spread(took), _reading()
    return [
        Figure(
            f"A decision of the gate with {_TEAMS} teams, {_GROUPS} groups and {_ROOMS} rooms",
            "20 µs", _shown(found), f"{allowed / len(took) / len(rooms):.0%} of them allowed",
            "The marking with what it hangs on and its lists, to whom that is releasable now, and "
            f"the room's door; each marking for all {_ROOMS} rooms, without a query.",
            found.p99 * 1000 <= 20,
        ),
        Figure(
            "Reading the marking of a message", "", _shown(texts),
            method="`read_marking` of texts as people write them, most of them without a label.",
        ),
    ]  # fmt: skip


def _house() -> tuple[Gatekeeper, list[RoomId], Clock]:
    """Every fifth room is read by all teams, the others by some."""
    clock = Clock()
    teams = [
        Team(TeamKey(f"t{number}"), f"T{number}", members=(f"fake:far/t{number}",), country="FR")
        for number in range(_TEAMS)
    ]
    groups = {
        f"g{number}": (*(f"t{each}" for each in range(number, _TEAMS, _GROUPS)),
                       *([f"g{number - 1}"] if number else []))
        for number in range(_GROUPS)
    }  # fmt: skip
    directory = Directory(teams, groups, home_of=lambda member: member.partition(".")[0])
    rooms = [RoomId(f"fake:far/r{number}") for number in range(_ROOMS)]
    circles = [
        Circles(f"c{number}", (room,), Rules(Label.AMBER_STRICT), Label.AMBER)
        for number, room in enumerate(rooms)
    ]
    doors = Doors(circles, directory, clock())
    for number, room in enumerate(rooms):
        few = range(number % 7, _TEAMS, 1 if number % 5 == 0 else 11)
        people = (PersonId(f"fake:far/t{each}") for each in few)
        readers = tuple(Author(each, "P", standing=Standing.MEMBER) for each in people)
        doors.learn(room, weigh(Roster(readers), directory), clock())
    facts = [Membership(team.key, circle.circle) for circle in circles for team in teams]
    facts += [
        Membership(team, Circle(Kind.GROUP, name))
        for name in groups
        for team in directory.members_of(name)
    ]
    doors.join(facts, clock())
    return Gatekeeper(doors, bytes(32)), rooms, clock


def _reading() -> Spread:
    plain = "somebody has seen this address again, about as long as people write in such a room"
    bodies = [
        *[say(f"{plain} {number}") for number in range(8)],
        say(f"TLP:AMBER REL FRA, DEU\n{plain}"),
        say(f"{plain}, é\n[tlp green]"),
    ]
    took = []
    for body in bodies * 500:
        begun = time.perf_counter()
        read_marking(body)
        took.append(time.perf_counter() - begun)
    return spread(took)


def _shown(found: Spread) -> str:
    return f"p50 {found.p50 * 1000:.1f} µs, p99 {found.p99 * 1000:.1f} µs"
