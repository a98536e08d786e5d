"""Ending what goes on beside the timeline."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.matrix.timeline import _end


def test_who_waits_for_an_end_can_be_cancelled_too() -> None:
    """The end of the bot was passed over where it came while a task was being ended."""

    async def play() -> None:
        begun, tidy = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                await tidy.wait()

        task = asyncio.create_task(work())
        await begun.wait()
        ending = asyncio.create_task(_end(task))
        await asyncio.sleep(0)
        ending.cancel()
        tidy.set()
        await asyncio.wait({ending, task}, timeout=20)
        assert (ending.cancelled(), task.cancelled()) == (True, True)

    asyncio.run(play())


def test_what_had_failed_before_its_end_is_raised() -> None:
    async def play() -> None:
        async def fails() -> None:
            raise ValueError("failed")

        task = asyncio.create_task(fails())
        await asyncio.wait({task})
        with pytest.raises(ValueError, match="failed"):
            await _end(task)

    asyncio.run(play())
