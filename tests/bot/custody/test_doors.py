"""Doors in memory: what opens and closes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.custody.doors import NOWHERE, Circles, Doors, weigh
from bot.custody.effective import Marked
from bot.custody.memberships import FOUNDED, Members
from bot.events import Author, RoomId, Standing
from bot.platforms.base import Roster
from bot.sharing.doors import Rules
from bot.sharing.gate import ALLOWED, NOT_YET, Denied, Matter, Reason, Verdict, judge
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Kind, Membership
from bot.sharing.teams import Directory
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, CHARLIE, matrix, slack
from tests.clock import Clock

ONE, OTHER = RoomId("slack:alpha/C1"), RoomId("matrix:coalition/!a")
ADA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)
CYD = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
GUY = Author(slack("U9"), "Guy", standing=Standing.GUEST)
WRITTEN = Circles(
    "ransomware", (ONE, OTHER), Rules(Label.AMBER), Label.AMBER, teams=("alpha", "charlie")
)
UNWRITTEN = replace(WRITTEN, teams=None)
STRICT = replace(UNWRITTEN, rules=Rules(Label.AMBER_STRICT))


@pytest.fixture
def doors(clock: Clock) -> Doors:
    return Doors([WRITTEN], ALLIES, clock())


def founded(channel: Circles, *facts: Membership) -> list[Membership]:
    return [Membership(FOUNDED, channel.circle), *facts]


def learn(doors: Doors, room: RoomId, clock: Clock, *readers: Author, private: bool = True) -> None:
    doors.learn(room, weigh(Roster(readers, private=private), doors.directory), clock())


def asked(doors: Doors, room: RoomId, clock: Clock, label: Label = Label.AMBER) -> Verdict:
    return judge(Matter(label, clock(), ALPHA), doors.door(room))


def members(doors: Doors, channel: Circles) -> Members:
    return doors.members()[channel.circle]


def test_a_room_that_nothing_describes_admits_clear_only(doors: Doors, clock: Clock) -> None:
    nowhere = RoomId("slack:alpha/C9")
    assert doors.door(nowhere) == NOWHERE
    learn(doors, nowhere, clock, ADA)
    assert asked(doors, nowhere, clock, Label.CLEAR) is ALLOWED
    assert isinstance(asked(doors, nowhere, clock, Label.GREEN), Denied)


def test_a_door_opens_when_its_roster_was_read_and_the_memberships_are_there(
    doors: Doors, clock: Clock
) -> None:
    assert asked(doors, ONE, clock) is NOT_YET
    learn(doors, ONE, clock, ADA)
    assert asked(doors, ONE, clock) is NOT_YET
    doors.join(founded(WRITTEN, Membership(ALPHA, WRITTEN.circle)), clock())
    assert asked(doors, ONE, clock) is ALLOWED
    assert asked(doors, OTHER, clock) is NOT_YET


def test_a_stranger_closes_it_and_it_opens_when_they_are_gone(doors: Doors, clock: Clock) -> None:
    doors.join(founded(WRITTEN, Membership(ALPHA, WRITTEN.circle)), clock())
    for readers, reason in (((ADA,), None), ((ADA, GUY), Reason.STRANGERS), ((ADA,), None)):
        learn(doors, ONE, clock, *readers)
        verdict = asked(doors, ONE, clock)
        assert (verdict.reason if isinstance(verdict, Denied) else None) is reason
    learn(doors, ONE, clock, ADA, private=False)
    assert asked(doors, ONE, clock) == Denied(Reason.UNFIT)


def test_a_team_that_nobody_has_stored_yet_came_this_moment(doors: Doors, clock: Clock) -> None:
    doors.join(founded(WRITTEN, Membership(ALPHA, WRITTEN.circle)), clock())
    said = clock()
    clock.advance(60)
    learn(doors, ONE, clock, ADA, CYD)
    assert judge(Matter(Label.AMBER, said, ALPHA), doors.door(ONE)) == Denied(Reason.LEFT_OUT)
    assert asked(doors, ONE, clock) is ALLOWED


def test_a_roster_that_is_written_nowhere_is_asked_about_only_by_amber_strict(
    clock: Clock,
) -> None:
    for channel, verdict in ((UNWRITTEN, ALLOWED), (STRICT, NOT_YET)):
        doors = Doors([channel], ALLIES, clock())
        doors.join(founded(channel, Membership(ALPHA, channel.circle)), clock())
        learn(doors, ONE, clock, ADA)
        assert asked(doors, ONE, clock) is verdict
        learn(doors, OTHER, clock, CYD)
        assert doors.roster("ransomware") == {ALPHA, CHARLIE}
        assert asked(doors, ONE, clock) is ALLOWED


def test_members_are_the_roster_and_whoever_reads_and_nobody_is_missed_early(
    doors: Doors, clock: Clock
) -> None:
    assert members(doors, WRITTEN) == Members(frozenset({ALPHA, CHARLIE}), whole=False)
    learn(doors, ONE, clock, Author(slack("U7"), "Ben", standing=Standing.MEMBER))
    assert members(doors, WRITTEN).teams == {ALPHA, BRAVO, CHARLIE}
    learn(doors, OTHER, clock)
    assert members(doors, WRITTEN).whole
    open_one = Doors([UNWRITTEN], ALLIES, clock())
    assert not members(open_one, UNWRITTEN).enough
    assert doors.members()[Circle(Kind.GROUP, "partners")].teams == {ALPHA, BRAVO, CHARLIE}


def test_other_settings_let_go_of_rooms_and_keep_what_was_read(doors: Doors, clock: Clock) -> None:
    doors.join(founded(WRITTEN, Membership(ALPHA, WRITTEN.circle)), clock())
    learn(doors, ONE, clock, ADA)
    learn(doors, OTHER, clock)
    epoch = doors.epoch
    doors.settle([replace(WRITTEN, rooms=(ONE,), rules=Rules(Label.GREEN))], ALLIES, clock())
    assert doors.epoch > epoch
    assert asked(doors, ONE, clock) == Denied(Reason.CEILING)
    assert asked(doors, ONE, clock, Label.GREEN) is ALLOWED
    assert doors.door(OTHER) == NOWHERE


def test_markings_follow_the_memberships_of_groups(doors: Doors, clock: Clock) -> None:
    inner = Circle(Kind.GROUP, "inner")
    said = clock() - timedelta(seconds=60)
    facts = [Membership(ALPHA, inner), Membership(BRAVO, inner, clock())]
    marked = Marked(Marking(Label.GREEN, (frozenset({"inner"}),)), None, said)
    assert doors.markings.matter(marked).releasable == frozenset()
    doors.join(facts, clock())
    assert doors.markings.matter(marked).releasable == frozenset({ALPHA})
    assert doors.markings.defaults == {"ransomware": Label.AMBER}
    doors.settle([], Directory(), clock())
    assert doors.markings.defaults == {}
