"""Who can read a room."""

from __future__ import annotations

import gc
import time

from hypothesis import given
from hypothesis import strategies as st

from bot.events import PersonId, Standing
from bot.sharing.audience import (
    CLOSED,
    UNREAD,
    WORLD,
    Audience,
    Opening,
    Reader,
    build_audience,
    roster_teams,
)
from bot.sharing.marking import Label
from bot.sharing.teams import Team, TeamKey
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, CHARLIE, directory, matrix, slack

ADA, BEN = (slack("U5"), Standing.MEMBER), (matrix("@ben:bravo.example"), Standing.MEMBER)
GUEST, BOT = (slack("U6"), Standing.GUEST), (slack("UBOT"), Standing.OURS)
CYD = (matrix("@cyd:open.example"), Standing.MEMBER)


def audience(*people: tuple[PersonId, Standing], opening: Opening = CLOSED) -> Audience:
    return build_audience(people, opening, ALLIES)


def test_the_teams_of_its_members_read_a_room() -> None:
    found = audience(ADA, BEN, BOT, (slack("U8"), Standing.APP))
    assert found.known
    assert found.teams == found.present == {ALPHA, BRAVO}
    assert found.people == {ALPHA: 2, BRAVO: 1}
    assert found.lowest is Label.GREEN
    assert not found.has_strangers


def test_guests_partners_and_people_nobody_knows_are_strangers() -> None:
    foreign, unknown = (slack("U9"), Standing.FOREIGN), (matrix("@x:y.example"), Standing.MEMBER)
    found = audience(ADA, GUEST, foreign, unknown)
    assert found.strangers == (Reader(*GUEST), Reader(*foreign), Reader(*unknown))
    assert found.has_strangers
    assert found.known


def test_until_a_roster_is_read_nobody_can_say() -> None:
    assert build_audience(None, CLOSED, ALLIES) is UNREAD
    assert build_audience([ADA], None, ALLIES) is UNREAD
    assert not UNREAD.known
    assert not audience(ADA, (slack("U9"), Standing.UNKNOWN)).known
    assert audience((slack("U7"), Standing.UNKNOWN)).known  # named: of a team, whatever else


def test_whoever_may_enter_uninvited_reads_too() -> None:
    found = audience(BEN, opening=Opening(frozenset({"slack:alpha"})))
    assert found.present == {BRAVO}
    assert found.teams == {ALPHA, BRAVO}
    assert not found.has_strangers


def test_those_of_a_workspace_who_are_named_by_another_team_may_enter_it_too() -> None:
    found = audience(ADA, opening=Opening(frozenset({"slack:alpha"})))
    assert found.teams == {ALPHA, BRAVO}  # slack:alpha/U7 is of bravo
    assert found.lowest is Label.GREEN


def test_a_workspace_of_no_team_is_strange_as_a_whole() -> None:
    found = audience(CYD, opening=Opening(frozenset({"matrix:open.example"})))
    assert found.teams == {CHARLIE}
    assert found.strange_homes == {"matrix:open.example"}
    assert found.has_strangers


def test_the_world_is_a_stranger() -> None:
    found = audience(ADA, opening=WORLD)
    assert found.world
    assert found.has_strangers
    assert not found.strangers


def test_an_empty_room_has_no_readers() -> None:
    found = audience(BOT)
    assert (found.known, found.teams, found.has_strangers) == (True, frozenset(), False)


def test_the_roster_is_what_the_settings_name_or_who_is_in_the_rooms() -> None:
    rooms = [audience(ADA), audience(BEN, opening=Opening(frozenset({"slack:alpha"}))), UNREAD]
    assert roster_teams(["alpha"], ["charlie"], rooms) == {ALPHA, CHARLIE}
    assert roster_teams([], [], rooms) == frozenset()
    assert roster_teams(None, [], rooms) == {ALPHA, BRAVO}
    assert roster_teams(None, ["charlie"], [rooms[1]]) == {BRAVO, CHARLIE}


PEOPLE = st.tuples(
    st.sampled_from([slack(f"U{n}") for n in range(9)] + [matrix("@a:bravo.example"), CYD[0]]),
    st.sampled_from(list(Standing)),
)


@given(st.lists(PEOPLE, max_size=20), st.permutations(range(20)))
def test_everybody_is_counted_once_in_whatever_order(
    people: list[tuple[PersonId, Standing]], order: list[int]
) -> None:
    found = audience(*people)
    ours = [standing for _, standing in people].count(Standing.OURS)
    assert sum(found.people.values()) + len(found.strangers) + ours == len(people)
    shuffled = audience(*(people[n] for n in order if n < len(people)))
    assert (shuffled.teams, shuffled.lowest, shuffled.known, shuffled.has_strangers) == (
        found.teams,
        found.lowest,
        found.known,
        found.has_strangers,
    )


@given(st.lists(PEOPLE, max_size=10), PEOPLE)
def test_one_more_reader_never_makes_a_room_more_trustworthy(
    people: list[tuple[PersonId, Standing]], another: tuple[PersonId, Standing]
) -> None:
    before, after = audience(*people), audience(*people, another)
    assert before.teams <= after.teams
    assert after.lowest <= before.lowest
    assert after.has_strangers >= before.has_strangers
    assert after.known <= before.known


def test_five_thousand_people_are_read_at_once() -> None:
    """A few times what it takes on a small machine, so that a busy one does not fail it."""
    teams = [
        Team(TeamKey(f"t{n}"), f"T{n}", members=(f"slack:w{n}", f"matrix:s{n}.example"))
        for n in range(50)
    ]
    groups = {f"g{n}": [f"t{n}", *([f"g{n - 1}"] if n else [])] for n in range(20)}
    allies = directory(teams, groups)
    roster = [(slack(f"U{n}", "w0"), Standing.MEMBER) for n in range(2500)]
    roster += [(matrix(f"@u{n}:s{n % 50}.example"), Standing.MEMBER) for n in range(2500)]
    gc.collect()
    took = []
    for _ in range(5):
        started = time.process_time()
        found = build_audience(roster, CLOSED, allies)
        took.append(time.process_time() - started)
    assert len(found.teams) == 50
    assert min(took) < 0.05
