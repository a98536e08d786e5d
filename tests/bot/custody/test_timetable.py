"""When rosters are due."""

from __future__ import annotations

from datetime import timedelta

from bot.custody.timetable import EVERY, STALE, Timetable
from bot.events import RoomId
from tests.clock import Clock

ONE, TWO = RoomId("fake:far/r1"), RoomId("fake:far/r2")


def due(times: Timetable, clock: Clock, *, rooms: tuple[RoomId, ...] = (ONE,)) -> list[RoomId]:
    return times.take(rooms, lambda _room: True, clock())


def test_a_room_rests_as_long_as_its_reading_took_whatever_happens_in_it(clock: Clock) -> None:
    times, begun = Timetable(), clock()
    assert due(times, clock) == [ONE]
    clock.advance(20)
    times.succeeded(ONE, begun, clock())
    times.want([ONE], clock())
    assert due(times, clock) == []
    clock.advance(20)
    assert due(times, clock) == [ONE]


def test_the_first_of_many_wishes_counts(clock: Clock) -> None:
    times = Timetable()
    due(times, clock)
    times.succeeded(ONE, clock(), clock())
    for seconds in (5, 1, 9):
        times.want([ONE], clock() + timedelta(seconds=seconds))
    assert times.pause(clock()) == 1.0
    clock.advance(1)
    assert due(times, clock) == [ONE]


def test_what_waits_for_its_network_is_looked_at_often_and_what_rests_is_not(clock: Clock) -> None:
    times = Timetable()
    assert times.take([ONE], lambda _room: False, clock()) == []
    assert times.pause(clock()) == 0.1
    due(times, clock)
    times.succeeded(ONE, clock(), clock())
    assert times.pause(clock()) == 1.0


def test_a_room_that_is_there_no_more_is_let_go_of(clock: Clock) -> None:
    times = Timetable()
    times.want([TWO], clock())
    assert due(times, clock) == [ONE]
    assert due(times, clock, rooms=(ONE, TWO)) == [TWO]


def test_with_the_first_that_is_stale_come_those_that_will_be_soon(clock: Clock) -> None:
    times = Timetable()
    due(times, clock)
    clock.advance((EVERY / 2).total_seconds())
    due(times, clock, rooms=(ONE, TWO))
    assert times.failed(ONE, "slow", lambda failures: failures * 60.0, clock()) == 1
    clock.advance((STALE - EVERY / 2).total_seconds() - 1)
    assert not times.stale([ONE, TWO], clock())
    clock.advance(1)
    assert times.stale([ONE, TWO], clock()) == {ONE, TWO}
    assert times.since([ONE, TWO]) == clock() - STALE
    assert times.reason([TWO, ONE], "") == "slow"
