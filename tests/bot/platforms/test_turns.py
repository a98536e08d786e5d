"""Whose past is read next."""

from __future__ import annotations

import asyncio

from bot.events import RoomId
from bot.platforms.turns import Turns, Why

A, B, C = RoomId("toy:x/a"), RoomId("toy:x/b"), RoomId("toy:x/c")


def test_what_holds_something_live_goes_first_and_keeps_its_order() -> None:
    async def play() -> None:
        turns = Turns(3, reconcile=600.0, spacing=2.0)
        for room in (A, B, C):
            turns.put(room)
        turns.hurry(C)
        turns.hurry(B)
        assert [await turns.next() for _ in range(3)] == [
            (C, Why.BEHIND), (B, Why.BEHIND), (A, Why.BEHIND),
        ]  # fmt: skip

    asyncio.run(play())


def test_what_is_to_wait_does_so_also_when_it_is_urgent() -> None:
    async def play() -> None:
        turns, now = Turns(2, reconcile=600.0, spacing=2.0), asyncio.get_running_loop().time()
        turns.put(A, not_before=now + 0.05)
        turns.hurry(A)
        turns.put(B)
        assert [room for room, _ in [await turns.next(), await turns.next()]] == [B, A]
        assert asyncio.get_running_loop().time() >= now + 0.05

    asyncio.run(play())


def test_each_room_is_due_once_and_what_was_read_meanwhile_is_not() -> None:
    async def play() -> None:
        turns = Turns(3, reconcile=600.0, spacing=0.0)
        turns.all_due([A, B, C])
        turns.was_read(B)
        async with asyncio.timeout(20):
            found = [await turns.next(), await turns.next()]
        assert sorted(found, key=lambda turn: turn[0]) == [(A, Why.DUE), (C, Why.DUE)]
        turns.put(B)
        assert await turns.next() == (B, Why.BEHIND)

    asyncio.run(play())


def test_pieces_come_when_nothing_else_is_to_be_read_and_not_before_they_may() -> None:
    async def play() -> None:
        turns, now = Turns(2, reconcile=600.0, spacing=2.0), asyncio.get_running_loop().time()
        turns.has_more(A)
        turns.rest(0.05)
        turns.put(B)
        async with asyncio.timeout(20):
            assert [await turns.next(), await turns.next()] == [(B, Why.BEHIND), (A, Why.PIECE)]
        assert asyncio.get_running_loop().time() >= now + 0.05

    asyncio.run(play())
