"""Jobs that stand in the store, each as a task of its own for as long as it stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from typing import Generic, TypeVar

from bot.store.patience import patience

_Job = TypeVar("_Job", bound=Hashable)


class Crew(Generic[_Job]):
    """Looks for jobs, and has each carried out by one. `waiting`: those that stand in the store;
    `carry_out`: does one; `give_up`: one ended by something unforeseen.
    """

    def __init__(
        self,
        waiting: Callable[[], Awaitable[Sequence[_Job]]],
        carry_out: Callable[[_Job], Coroutine[None, None, None]],
        give_up: Callable[[_Job, BaseException], Awaitable[None]],
    ) -> None:
        self._waiting = waiting
        self._carry_out = carry_out
        self._give_up = give_up
        self._running: dict[_Job, asyncio.Task[None]] = {}

    async def run(self, pause: float) -> None:
        """Look for ever; `pause`: seconds between two looks."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(pause)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _look(self) -> None:
        for job in [job for job, task in self._running.items() if task.done()]:
            failure = self._running.pop(job).exception()
            if failure is not None:
                await self._give_up(job, failure)
        with patience():
            for job in await self._waiting():
                if job not in self._running:
                    self._running[job] = asyncio.create_task(self._carry_out(job))
