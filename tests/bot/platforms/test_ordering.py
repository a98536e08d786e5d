"""What waits of one room goes in the order of its moments, and nothing else moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.ordering import RoomQueue

Item = tuple[str, str]


def queue() -> RoomQueue[Item]:
    return RoomQueue(0, lambda item: item if item[1] else None)


def emptied(line: RoomQueue[Item]) -> list[Item]:
    return [line.get_nowait() for _ in range(line.qsize())]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "1", "2", "3", "4"]))))
def test_rooms_keep_their_turns_and_each_is_in_order(items: list[Item]) -> None:
    line = queue()
    for item in items:
        line.put_nowait(item)
    taken = emptied(line)
    assert [room for room, _ in taken] == [room for room, _ in items]
    assert [item for item in taken if not item[1]] == [item for item in items if not item[1]]
    for room in "abc":
        moments = [moment for where, moment in taken if where == room and moment]
        assert moments == sorted(moments)


def test_what_is_put_back_keeps_its_turn_and_lets_an_earlier_one_go_first() -> None:
    line = queue()
    for item in [("a", "2"), ("b", "1")]:
        line.put_nowait(item)
    line.put_back(line.get_nowait())
    line.put_nowait(("a", "1"))
    assert emptied(line) == [("a", "1"), ("b", "1"), ("a", "2")]
