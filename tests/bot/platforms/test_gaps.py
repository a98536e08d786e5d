"""Live arrivals and catch-up merged: what was missed comes before what is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from bot.errors import NotSent, PlatformError, Refused, Throttled
from bot.events import (
    Arrival,
    Author,
    CommandTyped,
    Ignored,
    Mark,
    MessageId,
    MessagePosted,
    PersonId,
    RoomId,
    RoomRead,
    RosterChanged,
)
from bot.platforms.base import CatchUp
from bot.platforms.gaps import Gaps
from bot.richtext import plain, say

T = TypeVar("T")
A, B = RoomId("toy:x/a"), RoomId("toy:x/b")
ADA = Author(PersonId("toy:x/ada"), "Ada")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(work: Awaitable[T]) -> T:
    async def bounded() -> T:
        async with asyncio.timeout(30):
            return await work

    return asyncio.run(bounded())


def said(room: RoomId, number: int, *, live: bool = True) -> Arrival:
    event = MessagePosted(room, MessageId(f"{number:05}"), ADA, say(f"{room[-1]}{number}"), NOW)
    return Arrival(event, Mark(room, f"{number:05}"), live=live)


def command(call: str) -> Arrival:
    return Arrival(CommandTyped(A, call, ADA, "ping", NOW))


@dataclass
class ToyPast:
    """A network's past: numbered messages in rooms, and what reading them raises first."""

    rooms: dict[RoomId, list[int]] = field(default_factory=dict)
    errors: list[PlatformError] = field(default_factory=list)
    reads: list[tuple[RoomId, str]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    overlap: int = 2

    async def read(self, room: RoomId, since: str, limit: CatchUp) -> AsyncGenerator[Arrival, None]:
        self.reads.append((room, since))
        await self.open.wait()
        if self.errors:
            raise self.errors.pop(0)
        numbers = [number for number in self.rooms.get(room, []) if f"{number:05}" > since]
        for number in numbers[-limit.messages :]:
            yield said(room, number, live=False)

    async def newest(self, room: RoomId) -> str:
        return f"{max(self.rooms.get(room, [0])):05}"

    def earlier(self, position: str) -> str:
        return f"{max(int(position) - self.overlap, 0):05}"

    def is_later(self, position: str, than: str) -> bool:
        return position > than


@dataclass
class ToyMemory:
    marks: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    async def mark(self, scope: str) -> str | None:
        return self.marks.get(scope)

    async def set_mark(self, scope: str, position: str) -> None:
        self.marks.setdefault(scope, position)

    async def recall(self, key: str) -> str | None:
        return self.values.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.values[key] = value

    async def forget(self, key: str) -> None:
        self.values.pop(key, None)


class Taker:
    """Takes arrivals as the inlet does: each is committed before the next is asked for."""

    def __init__(self, gaps: Gaps, memory: ToyMemory) -> None:
        self.gaps = gaps
        self.memory = memory
        self.taken: list[str] = []
        self.rosters: list[RoomId] = []
        self.marks: list[str] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._take())

    async def _take(self) -> None:
        async with aclosing(self.gaps.arrivals()) as arrivals:
            async for arrival in arrivals:
                match arrival.event:
                    case MessagePosted(body=body):
                        self.taken.append(plain(body))
                    case CommandTyped(call=call):
                        self.taken.append(call)
                    case RosterChanged(room=room):
                        self.rosters.append(room)
                    case RoomRead(room=room):
                        self.taken.append(f"read {room[-1]}")
                    case _:
                        self.taken.append("other")
                if arrival.mark is not None:
                    self.memory.marks[arrival.mark.scope] = arrival.mark.position
                    self.marks.append(arrival.mark.position)
                self._changed.set()

    async def until(self, count: int) -> list[str]:
        while len(self.taken) < count:
            self._changed.clear()
            await self._changed.wait()
        return self.taken

    async def caught_up(self) -> None:
        while self.gaps.behind:
            await asyncio.sleep(0)

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def gaps_of(past: ToyPast, memory: ToyMemory, *rooms: RoomId, held: int = 1000) -> Gaps:
    return Gaps(
        rooms or (A, B), past, memory, held=held, reconcile=3600, spacing=0, first_pause=0.01
    )


def test_what_is_said_after_the_very_first_beginning_survives_a_crash() -> None:
    """It was taken for said before the bot came, where the crash was before the first commit."""

    async def scenario() -> None:
        past, memory = ToyPast({A: [1]}), ToyMemory()
        await gaps_of(past, memory, A).begin()
        past.rooms[A] += [2]  # heard, held, and then we died
        past.open.set()
        taker = Taker(gaps_of(past, memory, A), memory)
        assert await taker.until(1) == ["a2"]
        await taker.end()

    run(scenario())


def test_what_was_missed_comes_before_what_is_new() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2, 3, 4]})
        memory = ToyMemory({A: "00002", B: "00000"})
        taker = Taker(gaps := gaps_of(past, memory), memory)
        await gaps.put(said(A, 5))
        await gaps.put(said(A, 6))
        past.open.set()
        assert await taker.until(6) == ["a1", "a2", "a3", "a4", "a5", "a6"]
        await taker.caught_up()
        await gaps.put(said(A, 7))
        assert (await taker.until(7))[-1] == "a7"
        await taker.end()

    run(scenario())


def test_other_rooms_and_commands_are_not_held_up() -> None:
    async def scenario() -> None:
        past = ToyPast()
        memory = ToyMemory({A: "00001"})
        taker = Taker(gaps := gaps_of(past, memory, A), memory)
        await gaps.put(said(A, 5))
        await gaps.put(said(B, 1))
        await gaps.put(command("c1"))
        await gaps.put(Arrival(Ignored("x")))
        assert await taker.until(3) == ["b1", "c1", "other"]
        past.open.set()
        assert (await taker.until(4))[-1] == "a5"
        await taker.end()

    run(scenario())


def test_a_room_with_something_held_is_read_first() -> None:
    async def scenario() -> None:
        rooms = [RoomId(f"toy:x/{number}") for number in range(20)]
        past = ToyPast()
        memory = ToyMemory(dict.fromkeys(rooms, "00001"))
        gaps = gaps_of(past, memory, *rooms)
        for room in (rooms[11], rooms[7]):
            await gaps.put(said(room, 9))
        past.open.set()
        taker = Taker(gaps, memory)
        await taker.caught_up()
        assert [room for room, _ in past.reads[:2]] == [rooms[11], rooms[7]]
        assert len(past.reads) == 20
        await taker.end()

    run(scenario())


def test_a_room_without_a_mark_starts_now() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2, 3]})
        past.open.set()
        memory = ToyMemory()
        taker = Taker(gaps := gaps_of(past, memory, A), memory)
        await taker.caught_up()
        assert memory.marks == {A: "00003"}
        past.rooms[A].append(4)
        gaps.fall_behind()
        await gaps.put(said(A, 5))
        assert await taker.until(2) == ["a4", "a5"]  # and nothing from before the start
        await taker.end()

    run(scenario())


def test_a_room_is_told_to_be_read_behind_all_that_came_before() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2, 3]}, overlap=0)
        past.open.set()
        memory = ToyMemory({A: "00001", B: "00001"})
        gaps = gaps_of(past, memory)
        await gaps.put(command("c1"))
        gaps.read_up([A, A])
        await gaps.put(said(A, 4))
        await gaps.put(command("c2"))
        taker = Taker(gaps, memory)
        await taker.until(6)
        assert sorted(taker.taken[:5]) == ["a2", "a3", "a4", "c1", "c2"]
        assert taker.taken[5:] == ["read a"]
        gaps.read_up([A])
        assert (await taker.until(7))[-1] == "read a"
        await taker.end()

    run(scenario())


def test_a_room_that_cannot_be_read_is_not_told_to_be() -> None:
    async def scenario() -> None:
        past = ToyPast(errors=[Refused("channel_not_found")])
        past.open.set()
        memory = ToyMemory({A: "00001"})
        gaps = gaps_of(past, memory, A)
        gaps.read_up([A])
        taker = Taker(gaps, memory)
        await taker.caught_up()
        await gaps.put(said(A, 2))
        assert await taker.until(1) == ["a2"]
        gaps.read_up([A])
        assert (await taker.until(2))[-1] == "read a"
        await taker.end()

    run(scenario())


def test_marks_never_go_back() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2, 3, 4, 5]}, overlap=3)
        past.open.set()
        memory = ToyMemory({A: "00004"})
        taker = Taker(gaps_of(past, memory, A), memory)
        assert await taker.until(4) == ["a2", "a3", "a4", "a5"]
        assert taker.marks == ["00005"]
        await taker.end()

    run(scenario())


def test_what_does_not_fit_is_dropped_and_read_again() -> None:
    async def scenario() -> None:
        past = ToyPast({A: list(range(1, 31))}, overlap=0)
        memory = ToyMemory({A: "00010"})
        gaps = gaps_of(past, memory, A, held=3)
        for number in range(11, 31):
            await gaps.put(said(A, number))
        past.rooms[A] = [11]  # history lags behind what is live
        taker = Taker(gaps, memory)
        past.open.set()
        await taker.until(4)
        past.rooms[A] = list(range(1, 31))
        await taker.caught_up()
        assert list(dict.fromkeys(taker.taken)) == [f"a{number}" for number in range(11, 31)]
        await taker.end()

    run(scenario())


def test_a_room_that_cannot_be_read_does_not_hold_what_is_live() -> None:
    async def scenario() -> None:
        past = ToyPast(errors=[Refused("channel_not_found")])
        past.open.set()
        memory = ToyMemory({A: "00001"})
        taker = Taker(gaps := gaps_of(past, memory, A), memory)
        await gaps.put(said(A, 2))
        assert await taker.until(1) == ["a2"]
        await taker.end()
        await taker.end()

    run(scenario())


def test_reading_is_tried_again_and_the_room_waits_for_it() -> None:
    async def scenario() -> None:
        errors = [NotSent("unreachable"), Throttled("ratelimited", retry_after=0.01)]
        past = ToyPast({A: [1, 2]}, errors=list(errors), overlap=0)
        past.open.set()
        memory = ToyMemory({A: "00001"})
        taker = Taker(gaps := gaps_of(past, memory, A), memory)
        await gaps.put(said(A, 3))
        assert await taker.until(2) == ["a2", "a3"]
        assert len(past.reads) == 3
        await taker.end()

    run(scenario())


def test_falling_behind_while_being_read_means_reading_again() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2]}, overlap=0)
        memory = ToyMemory({A: "00001"})
        taker = Taker(gaps := gaps_of(past, memory, A), memory)
        while not past.reads:
            await asyncio.sleep(0)
        gaps.fall_behind([A])
        past.open.set()
        await taker.caught_up()
        assert len(past.reads) == 2
        assert taker.taken == ["a2"]
        await taker.end()

    run(scenario())


def test_what_was_lost_without_a_word_is_found_by_reconciling() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1]}, overlap=0)
        past.open.set()
        memory = ToyMemory({A: "00001"})
        gaps = Gaps([A], past, memory, reconcile=0.05, spacing=0, first_pause=0.01)
        taker = Taker(gaps, memory)
        await taker.caught_up()
        past.rooms[A] = [1, 2, 3]
        await gaps.put(said(A, 3))  # 2 was never sent
        await taker.until(2)
        while "a2" not in taker.taken:
            await taker.until(len(taker.taken) + 1)
        await taker.end()

    run(scenario())


def test_where_something_may_have_been_missed_the_roster_may_be_another() -> None:
    async def scenario() -> None:
        past, memory = ToyPast({A: [1], B: [1]}), ToyMemory({A: "00001", B: "00001"})
        past.open.set()
        taker = Taker(gaps := gaps_of(past, memory), memory)
        await taker.caught_up()
        assert taker.rosters == []  # it is read at the start, whoever asks for it
        gaps.fall_behind([A])
        await taker.caught_up()
        gaps.recheck()
        await taker.caught_up()
        assert taker.rosters == [A]
        await taker.end()

    run(scenario())


def test_rechecking_reads_every_room_once_more() -> None:
    async def scenario() -> None:
        past = ToyPast()
        past.open.set()
        memory = ToyMemory({A: "00001", B: "00001"})
        taker = Taker(gaps := gaps_of(past, memory), memory)
        await taker.caught_up()
        gaps.recheck()
        while len(past.reads) < 4:
            await asyncio.sleep(0)
        await taker.caught_up()
        assert sorted(room for room, _ in past.reads[2:]) == [A, B]
        await taker.end()

    run(scenario())


def test_the_end_of_the_source_is_not_silence() -> None:
    async def scenario() -> None:
        gaps = gaps_of(ToyPast(), ToyMemory({A: "00001", B: "00001"}))
        gaps.fail(RuntimeError("gone"))
        try:
            async with aclosing(gaps.arrivals()) as arrivals:
                async for _ in arrivals:
                    raise AssertionError
        except RuntimeError as error:
            assert str(error) == "gone"
        else:
            raise AssertionError

    run(scenario())


@dataclass
class ToyComparison:
    """So many pieces for each room, each saying its number; `errors` come first."""

    count: int
    errors: list[PlatformError] = field(default_factory=list)
    plans: list[tuple[RoomId, bool]] = field(default_factory=list)
    left: dict[RoomId, int] = field(default_factory=dict)

    async def plan(self, room: RoomId, since: str, *, missed: bool) -> None:
        assert since
        self.plans.append((room, missed))
        self.left[room] = self.count

    def is_unfinished(self, room: RoomId) -> bool:
        return self.left.get(room, 0) > 0

    async def piece(self, room: RoomId) -> AsyncGenerator[Arrival, None]:
        if self.errors:
            raise self.errors.pop(0)
        if self.left[room]:
            yield Arrival(Ignored(f"{room[-1]} piece {self.left[room]}"), live=False)
            self.left[room] -= 1


def comparing(
    past: ToyPast, memory: ToyMemory, comparison: ToyComparison, *rooms: RoomId, again: float = 3600
) -> Gaps:
    return Gaps(
        rooms, past, memory, reconcile=again, spacing=0, first_pause=0.01, comparison=comparison
    )


async def finished(gaps: Gaps, comparison: ToyComparison) -> None:
    while gaps.behind or any(comparison.left.values()):
        await asyncio.sleep(0)


def test_after_each_reading_pieces_are_compared_one_by_one() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2]}, overlap=0)
        past.open.set()
        memory, comparison = ToyMemory({A: "00001", B: "00001"}), ToyComparison(3)
        taker = Taker(gaps := comparing(past, memory, comparison, A, B), memory)
        assert len(await taker.until(7)) == 7
        await finished(gaps, comparison)
        assert taker.taken[taker.taken.index("a2") + 1] == "other", "the first piece is at once"
        assert sorted(comparison.plans) == [(A, True), (B, True)]
        await taker.end()

    run(scenario())


def test_a_room_is_live_between_two_pieces_and_read_anew_when_it_falls_behind() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1]}, overlap=0)
        past.open.set()
        memory, comparison = ToyMemory({A: "00001"}), ToyComparison(50)
        taker = Taker(gaps := comparing(past, memory, comparison, A), memory)
        await taker.until(5)
        await gaps.put(said(A, 2))
        await taker.until(20)
        assert "a2" in taker.taken
        past.rooms[A] = [1, 2, 3]
        gaps.fall_behind([A])
        while "a3" not in taker.taken:
            await taker.until(len(taker.taken) + 1)
        await finished(gaps, comparison)
        assert comparison.plans == [(A, True), (A, True)]
        await taker.end()

    run(scenario())


def test_what_cannot_be_compared_now_holds_up_nothing_and_is_tried_again() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1, 2]}, overlap=0)
        past.open.set()
        errors: list[PlatformError] = [NotSent("x"), Refused("y"), Throttled("z", retry_after=0.01)]
        memory, comparison = ToyMemory({A: "00001"}), ToyComparison(2, errors)
        taker = Taker(gaps := comparing(past, memory, comparison, A), memory)
        await gaps.put(said(A, 3))
        assert await taker.until(4) == ["a2", "a3", "other", "other"]
        await finished(gaps, comparison)
        assert len(past.reads) == 1
        await taker.end()

    run(scenario())


def test_at_intervals_a_room_is_compared_as_one_that_missed_nothing() -> None:
    async def scenario() -> None:
        past = ToyPast({A: [1]}, overlap=0)
        past.open.set()
        memory, comparison = ToyMemory({A: "00001"}), ToyComparison(2)
        taker = Taker(comparing(past, memory, comparison, A, again=0.03), memory)
        while len(comparison.plans) < 3:
            await taker.until(len(taker.taken) + 1)
        assert comparison.plans[:3] == [(A, True), (A, False), (A, False)]
        await taker.end()

    run(scenario())
