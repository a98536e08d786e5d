"""A room's past is read as it was at one moment, though it takes many requests."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack.past import PastReader

CHANNEL = "C1"


class Busy:
    """A room in which somebody says the next thing after each request."""

    def __init__(self, said: list[int | None], before: int, page: int) -> None:
        """`said`: of each message the number of the root that it answers, None for none; the first
        `before` of them were said before anybody asked.
        """
        self._said, self._known, self.page = said, before, page

    def expected(self, since: int) -> list[str]:
        """All that was said before anybody asked."""
        return [_ts(number) for number in range(since + 1, self._known)]

    async def call(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        root = asked.get("ts")
        low, high = asked.get("oldest") or "", asked.get("cursor") or asked.get("latest") or "9"
        there = [
            self._shown(number)
            for number in range(self._known)
            if (self._said[number] is None if root is None else self._is_in(number, root))
        ]
        inclusive = bool(asked.get("inclusive"))
        found = [
            each
            for each in there
            if (low <= each["ts"] <= high if inclusive else low < each["ts"] < high)
        ]
        self._known = min(self._known + 1, len(self._said))
        if root is not None:
            return {"messages": found}
        given = found[-self.page :][::-1]
        if len(found) == len(given):
            return {"messages": given, "has_more": False}
        more = {"next_cursor": given[-1]["ts"]}
        return {"messages": given, "has_more": True, "response_metadata": more}

    def _is_in(self, number: int, root: str) -> bool:
        above = self._said[number]
        return _ts(number) == root or (above is not None and _ts(above) == root)

    def _shown(self, number: int) -> dict[str, Any]:
        answers = [each for each in range(self._known) if self._said[each] == number]
        more = {"reply_count": len(answers), "latest_reply": _ts(answers[-1])} if answers else {}
        return {"ts": _ts(number), **more}


def _ts(number: int) -> str:
    return f"1000000000.{number:06d}"


@st.composite
def rooms(draw: st.DrawFn) -> Busy:
    """Messages of which about half answer another."""
    said: list[int | None] = []
    for number in range(draw(st.integers(1, 30))):
        roots = [each for each in range(number) if said[each] is None]
        answers = bool(roots) and draw(st.booleans())
        said.append(draw(st.sampled_from(roots)) if answers else None)
    return Busy(said, draw(st.integers(0, len(said))), draw(st.integers(1, 8)))


@given(rooms(), st.integers(-1, 10))
def test_what_was_said_before_anybody_asked_comes_in_order_and_whole(
    room: Busy, since: int
) -> None:
    if since >= 0:
        room.page = 200  # answers to roots that are further back are for others to find

    async def read() -> list[str]:
        reader, after = PastReader(room.call), _ts(since) if since >= 0 else "0"
        walk = await reader.walk_back(CHANNEL, after)
        return [each["ts"] async for each in reader.messages(CHANNEL, after, walk)]

    expected = room.expected(since)
    found = asyncio.run(read())
    assert found[: len(expected)] == expected
    assert found == [_ts(number) for number in range(since + 1, since + 1 + len(found))]


def test_an_answer_does_not_come_before_what_was_said_in_the_room_meanwhile() -> None:
    said = [None, 0, None, 0]
    room = Busy(said, 2, 8)  # the third is said when the room has been asked, then the fourth

    async def read() -> list[str]:
        reader = PastReader(room.call)
        walk = await reader.walk_back(CHANNEL, "0")
        await room.call("conversations.history", {})
        return [each["ts"] async for each in reader.messages(CHANNEL, "0", walk)]

    assert asyncio.run(read()) == [_ts(0), _ts(1)]


def test_what_was_answered_meanwhile_on_a_page_that_was_read_is_not_passed_over() -> None:
    room = Busy(
        [None, None, None, 2, 0], 3, 1
    )  # the last names the first's answer, after the third

    async def read() -> list[str]:
        reader = PastReader(room.call)
        walk = await reader.walk_back(CHANNEL, "0")
        return [each["ts"] async for each in reader.messages(CHANNEL, "0", walk)]

    assert asyncio.run(read()) == [_ts(number) for number in range(5)]
