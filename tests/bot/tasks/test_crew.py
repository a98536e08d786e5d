"""Jobs as tasks of their own: each once at a time, and what is wrong with one harms no other."""

from __future__ import annotations

import asyncio

from bot.errors import StoreError
from bot.tasks.crew import Crew


class Jobs:
    """Jobs in a store that can be away; each is carried out when it is let go."""

    def __init__(self, *jobs: str) -> None:
        self.jobs = list(jobs)
        self.away = False
        self.begun: list[str] = []
        self.given_up: list[tuple[str, str]] = []
        self.looks = 0
        self.go = asyncio.Event()

    async def waiting(self) -> list[str]:
        self.looks += 1
        if self.away:
            raise StoreError("gone")
        return list(self.jobs)

    async def carry_out(self, job: str) -> None:
        self.begun.append(job)
        await self.go.wait()
        if job == "bad":
            raise ValueError(job)
        self.jobs.remove(job)

    async def give_up(self, job: str, failure: BaseException) -> None:
        self.given_up.append((job, type(failure).__name__))
        self.jobs.remove(job)

    async def looked(self, more: int = 2) -> None:
        wanted = self.looks + more
        async with asyncio.timeout(20):
            while self.looks < wanted:
                await asyncio.sleep(0)


def test_each_job_is_carried_out_once_and_one_that_fails_is_given_up() -> None:
    async def play() -> None:
        jobs = Jobs("good", "bad")
        crew = Crew(jobs.waiting, jobs.carry_out, jobs.give_up)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(crew.run(0.0))
            await jobs.looked(4)
            assert jobs.begun == ["good", "bad"]
            jobs.go.set()
            await jobs.looked(4)
            assert (jobs.jobs, jobs.given_up) == ([], [("bad", "ValueError")])
            assert jobs.begun == ["good", "bad"]
            running.cancel()

    asyncio.run(play())


def test_a_store_that_is_away_is_asked_again() -> None:
    async def play() -> None:
        jobs = Jobs("good")
        jobs.away = True
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(Crew(jobs.waiting, jobs.carry_out, jobs.give_up).run(0.0))
            await jobs.looked()
            assert jobs.begun == []
            jobs.away = False
            await jobs.looked()
            assert jobs.begun == ["good"]
            running.cancel()

    asyncio.run(play())


def test_what_is_under_way_ends_with_it() -> None:
    async def play() -> None:
        jobs = Jobs("good")
        running = asyncio.create_task(Crew(jobs.waiting, jobs.carry_out, jobs.give_up).run(0.0))
        await jobs.looked()
        running.cancel()
        await asyncio.wait({running}, timeout=20)
        assert running.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())
