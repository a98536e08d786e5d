"""What is due happens once: over crashes, clocks that are set, absences, two processes, faults."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from apscheduler.jobstores.memory import MemoryJobStore  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from bot.errors import LeaseLost, StoreBusy
from bot.events import Outgoing, Post
from bot.richtext import say
from bot.schedules import keeping
from bot.schedules.kinds import Due, Late
from bot.store.database import Database, open_database
from bot.tasks.scheduler import _Timer
from tests.bot.schedules.life import (
    Life,
    broken,
    daily,
    occurrences,
    once,
    row,
    said,
    saying,
)
from tests.clock import Clock
from tests.far_end import FarEnd
from tests.small_bot import small_bot
from tests.stores import NewDatabase, opened, sqlite_url

START = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[3]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+00:00")


def test_what_is_due_happens_once_and_not_before(database: Database, clock: Clock) -> None:
    handle = daily(database, clock)
    life = Life(database, clock)
    for now, expected in (
        ("05T08:59:59", []),
        ("05T09:00:00", ["digest of 05.03. 09:00"]),
        ("05T09:00:01", ["digest of 05.03. 09:00"]),
        ("06T09:00:00", ["digest of 05.03. 09:00", "digest of 06.03. 09:00"]),
    ):
        clock.now = at(now)
        life.look()
        assert said(database) == expected
    assert row(database, handle).next == at("07T09:00")


def test_what_is_for_once_ends_with_that(database: Database, clock: Clock) -> None:
    handle = once(database, clock, at("05T09:00"))
    clock.now = at("05T09:00")
    Life(database, clock).look()
    assert said(database) == ["advisory of 05.03. 09:00"]
    ended = row(database, handle)
    assert (ended.next, ended.due, ended.ended) == (None, None, clock())
    assert database.read_now(keeping.standing) == []


def test_what_was_missed_for_three_days_happens_once_and_late(
    database: Database, clock: Clock
) -> None:
    """APScheduler drops what it missed by more than a second, for good."""
    daily(database, clock, "every 15m")
    one = once(database, clock, at("05T09:00"))
    clock.now = at("08T10:10")
    Life(database, clock).look()
    expected = ["advisory of 05.03. 09:00, late", "digest of 08.03. 10:00, late"]
    assert sorted(said(database)) == expected
    assert row(database, one).ended
    clock.now = at("08T10:15")
    Life(database, clock).look()
    assert said(database)[2:] == ["digest of 08.03. 10:15"]


def test_what_was_missed_is_skipped_where_the_schedule_says_so(
    database: Database, clock: Clock
) -> None:
    daily(database, clock, late=Late.SKIP)
    one = once(database, clock, at("05T10:00"), late=Late.SKIP)
    clock.now = at("08T09:06")
    life = Life(database, clock)
    life.look()
    assert said(database) == []
    assert occurrences(database) == ["skipped 05.03. 10:00", "skipped 08.03. 09:00"]
    assert row(database, one).ended
    clock.now = at("09T09:00")
    life.look()
    assert said(database) == ["digest of 09.03. 09:00"]


def test_a_restart_makes_nothing_late(database: Database, clock: Clock) -> None:
    daily(database, clock, late=Late.SKIP)
    clock.now = at("05T09:04")
    Life(database, clock).look()
    assert said(database) == ["digest of 05.03. 09:00"]


def test_a_clock_that_is_set_back_makes_nothing_happen_twice(
    database: Database, clock: Clock
) -> None:
    daily(database, clock)
    life = Life(database, clock)
    for now in ("05T09:00", "05T08:00", "05T09:00", "04T12:00", "05T09:00:30", "06T08:59"):
        clock.now = at(now)
        life.look()
        assert said(database) == ["digest of 05.03. 09:00"]
    clock.now = at("06T09:00")
    life.look()
    assert len(said(database)) == 2


def test_a_clock_that_was_far_ahead_for_a_while_makes_nothing_happen_twice(
    database: Database, clock: Clock
) -> None:
    daily(database, clock)
    life = Life(database, clock)
    days = [at("05T09:00"), at("09T11:00"), *(at("06T09:00") + n * DAY for n in range(5))]
    for clock.now in days:
        life.look()
    assert occurrences(database) == ["posted 05.03. 09:00", "posted 09.03. 09:00",
                                     "posted 10.03. 09:00"]  # fmt: skip


@pytest.mark.parametrize(
    ("night", "fires"), [("2026-03-29", "2026-03-29T01:00"), ("2026-10-25", "2026-10-25T00:30")]
)
def test_on_both_nights_it_happens_once(
    sqlite: Database, clock: Clock, night: str, fires: str
) -> None:
    clock.now = datetime.fromisoformat(f"{night}T00:00+00:00") - timedelta(hours=4)
    daily(sqlite, clock, "daily 02:30", "Europe/Brussels")
    life = Life(sqlite, clock)
    for _ in range(16 * 4):
        clock.advance(900)
        life.look()
    expected = datetime.fromisoformat(fires)
    assert occurrences(sqlite) == [f"posted {expected:%d.%m. %H:%M}"]


def test_what_fails_is_tried_again_and_holds_up_no_other(
    database: Database, clock: Clock, records: list[EventDict]
) -> None:
    """APScheduler logs a job that raises, and never tries it again."""
    bad = daily(database, clock, kind="bad")
    daily(database, clock)
    kinds = {"bad": broken, "say": saying}
    life = Life(database, clock, kinds)
    clock.now = at("05T09:00")
    life.look()
    told, good = sorted(said(database), key=lambda text: text.startswith("digest"))
    reference = row(database, bad).reference
    assert good == "digest of 05.03. 09:00"
    assert told == f"{bad}, due 09:00 UTC, failed; I try it again. Reference: {reference}."
    assert [each["reference"] for each in records if each["event"] == "schedule.failed"] == [
        reference
    ]
    for _ in range(8):
        clock.now = row(database, bad).due or clock.now
        life.look()
    assert row(database, bad).attempts == 9
    assert len(said(database)) == 2, "its owner has heard it"
    waits = (row(database, bad).due or START) - clock.now
    assert waits == timedelta(seconds=256)
    clock.now += waits
    kinds["bad"] = saying
    life.look()
    assert said(database)[2:] == ["digest of 05.03. 09:00, late"]
    assert row(database, bad).attempts == 0


def test_of_a_kind_that_nobody_knows_any_more_nothing_is_lost(
    database: Database, clock: Clock
) -> None:
    """APScheduler deletes a job whose callable was renamed, with a line in the log."""
    handle = daily(database, clock, kind="renamed")
    clock.now = at("05T09:00")
    Life(database, clock).look()
    kept = row(database, handle)
    assert (kept.next, kept.ended) == (at("05T09:00"), None)
    clock.now = at("05T09:01")
    Life(database, clock, {"renamed": saying}).look()
    assert said(database)[1:] == ["digest of 05.03. 09:00"]


def test_what_a_failing_handler_has_written_is_undone(database: Database, clock: Clock) -> None:
    def half(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        keeping.begin_once(session, keeping.Plan("say", "half"), now, "UTC", now)
        session.flush()
        return broken(session, due, now)

    daily(database, clock, kind="half")
    clock.now = at("05T09:00")
    Life(database, clock, {"half": half}).look()
    assert len(database.read_now(keeping.standing)) == 1


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """As a process ends: nothing catches it."""


def killed_at(database: Database, number: int, life: Callable[[], None]) -> bool:
    """Live until the `number`-th statement, or commit, of this store; whether it came so far."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Killed

    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(database.engine, name, count)
    try:
        life()
    except Killed:
        return True
    finally:
        for name in names:
            event.remove(database.engine, name, count)
    return False


def test_killed_at_every_step_it_happens_once(database: Database, clock: Clock) -> None:
    daily(database, clock)
    points = 0
    for number in range(1, 100):
        clock.now = at("05T09:00") + number * DAY
        life = Life(database, clock)
        was_killed = killed_at(database, number, partial(_one_unit, life))
        before = occurrences(database)
        Life(database, clock).look()
        after = occurrences(database)
        assert len(after) == number
        assert len(said(database)) == number
        if not was_killed:
            assert before == after
            break
        points += 1
    assert points >= 6, "a look at the lease, the row, the proof; three writes; the commit"


def _one_unit(life: Life) -> None:
    life.database.run_now(partial(life.scheduler._happen, 1))


def test_a_process_that_is_killed_at_every_step_posts_once(tmp_path: Path, clock: Clock) -> None:
    url, points = sqlite_url(tmp_path), 0
    with opened(url) as database:
        daily(database, clock)
    for number in range(1, 40):
        clock.now = at("05T09:00") + number * DAY
        words = ["-m", "tests.bot.schedules.doomed", url, clock.now.isoformat(), str(number)]
        ended = subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
        with opened(url) as database:
            Life(database, clock).look()
            assert len(said(database)) == len(occurrences(database)) == number
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
        points += 1
    assert points >= 6


# ── two processes ───────────────────────────────────────────────────────────────────────────────


def test_a_second_process_waits_until_the_first_is_gone(database: Database, clock: Clock) -> None:
    first = Life(database, clock)
    with pytest.raises(StoreBusy):
        Life(database, clock, alone=False)
    daily(database, clock)
    clock.now = at("05T09:00")  # long after the lease ran out
    second = Life(database, clock, alone=False)
    with pytest.raises(LeaseLost):
        first.look()
    assert said(database) == []
    second.look()
    assert said(database) == ["digest of 05.03. 09:00"]


def test_two_processes_at_once_on_one_postgresql_post_each_once(
    new_postgresql: NewDatabase, clock: Clock
) -> None:
    """Even where both believed that the lease was theirs. APScheduler ran one of five twice."""
    url = new_postgresql()
    one, other = open_database(url), open_database(url)
    try:
        for number in range(40):
            daily(one, clock, name=f"n{number}")
        clock.now = at("05T09:00")
        first, second = Life(one, clock), Life(other, clock)
        # As one and the same holder, to the fence: only the row that is unique is left.
        first.leases._holder, first.leases._fences = second.leases._holder, second.leases._fences

        async def both() -> None:
            await asyncio.gather(first.scheduler.carry_out(), second.scheduler.carry_out())

        asyncio.run(both())
        expected = sorted(f"n{number} of 05.03. 09:00" for number in range(40))
        assert sorted(said(one)) == expected
    finally:
        one.close()
        other.close()


# ── the timer ───────────────────────────────────────────────────────────────────────────────────


def now() -> datetime:
    return datetime.now(UTC)


class Machine(Clock):
    """The machine's clock, as far off as a test has set it."""

    off = timedelta()

    def __call__(self) -> datetime:
        return now() + self.off


async def running(life: Life, *, seconds: float = 30.0) -> None:
    """Until something was put into the outbox."""
    task = asyncio.create_task(life.scheduler.run())
    try:
        await asyncio.wait_for(life.woken.wait(), seconds)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_it_wakes_at_the_instant_wherever_the_machine_is(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """APScheduler's zone is the host's unless it is told."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        instant = now() + timedelta(seconds=0.4)
        once(sqlite, Machine(), instant)
        asyncio.run(running(Life(sqlite, Machine())))
        assert timedelta() <= now() - instant < timedelta(minutes=5)  # no zone is so near
    finally:
        monkeypatch.undo()
        time.tzset()


def test_it_is_woken_for_what_another_has_written(sqlite: Database) -> None:
    life = Life(sqlite, Machine())

    async def live() -> None:
        task = asyncio.create_task(running(life))
        await asyncio.sleep(0)
        once(sqlite, Machine(), now() + timedelta(days=400))
        once(sqlite, Machine(), now() + timedelta(seconds=0.1))
        life.scheduler.wake()
        await task

    asyncio.run(live())
    assert len(said(sqlite)) == 1


def test_a_clock_that_is_set_ahead_is_noticed_at_the_next_look(sqlite: Database) -> None:
    clock = Machine()
    once(sqlite, clock, now() + timedelta(hours=3))
    life = Life(sqlite, clock)

    async def live() -> None:
        task = asyncio.create_task(running(life))
        await asyncio.sleep(0)
        clock.off = timedelta(hours=3, seconds=1)
        life.scheduler.wake()
        await task

    asyncio.run(live())
    assert len(said(sqlite)) == 1


def test_a_ring_that_is_seconds_late_is_not_left_out() -> None:
    """APScheduler drops a job for good that it is a second late for: here the loop stands still
    over its instant.
    """

    async def live() -> None:
        rung = asyncio.Event()
        timer = _Timer(rung.set)
        try:
            timer.set(now() + timedelta(seconds=0.05), now())
            until = time.monotonic() + 1.3
            while time.monotonic() < until:
                pass
            await asyncio.wait_for(rung.wait(), 20)
        finally:
            timer.close()

    asyncio.run(live())


def test_apscheduler_holds_one_job_and_keeps_it_nowhere() -> None:
    """Its job store is what loses jobs; two of its schedulers on one store run jobs twice."""

    async def live() -> None:
        timer = _Timer(lambda: None)
        try:
            for hours in (3, 1, 2):
                timer.set(now() + timedelta(hours=hours), now())
                assert len(timer._scheduler.get_jobs()) == 1
            (store,) = timer._scheduler._jobstores.values()
            assert isinstance(store, MemoryJobStore)
            timer.set(None, now())
            assert timer._scheduler.get_jobs() == []
        finally:
            timer.close()

    asyncio.run(live())


def test_it_sleeps_while_nothing_is_due(sqlite: Database) -> None:
    once(sqlite, Machine(), now() + timedelta(hours=3))
    once(sqlite, Machine(), now() + timedelta(seconds=0.5))
    life, looks = Life(sqlite, Machine()), 0
    carry_out = life.scheduler.carry_out

    async def counted() -> None:
        nonlocal looks
        looks += 1
        await carry_out()

    life.scheduler.carry_out = counted  # type: ignore[method-assign]  # to count them
    asyncio.run(running(life))
    assert looks == 2, "at the beginning and at the instant"


def test_a_store_that_cannot_be_used_for_a_while_loses_nothing(
    sqlite: Database, records: list[EventDict]
) -> None:
    once(sqlite, Machine(), now())
    life, failing = Life(sqlite, Machine()), True
    carry_out = life.scheduler.carry_out

    async def failed() -> None:
        nonlocal failing
        if failing:
            failing = False
            asyncio.get_running_loop().call_soon(life.scheduler.wake)
            raise StoreBusy("locked")
        await carry_out()

    life.scheduler.carry_out = failed  # type: ignore[method-assign]  # to let it fail
    asyncio.run(running(life))
    assert len(said(sqlite)) == 1
    assert [each["event"] for each in records] == ["store.unusable"]


def test_another_process_ends_it(sqlite: Database, clock: Clock) -> None:
    daily(sqlite, clock)
    clock.now = at("05T09:00")
    first = Life(sqlite, clock)
    Life(sqlite, clock)
    with pytest.raises(LeaseLost):
        asyncio.run(first.scheduler.run())


# ── as far as the room ──────────────────────────────────────────────────────────────────────────


def test_an_occurrence_lands_once_in_its_room_and_the_next_after_an_absence_is_late(
    database: Database, clock: Clock
) -> None:
    far = FarEnd()
    room = far.room()

    def speak(_session: Session, due: Due, _now: datetime) -> Sequence[Outgoing]:
        return [Outgoing(room, Post(say(f"{due.object}{', late' if due.late else ''}")))]

    daily(database, clock, kind="speak")

    async def live(until: datetime) -> None:
        async with small_bot(database, clock, far, kinds={"speak": speak}) as bot:
            await bot.until(lambda: clock() >= until, step=1800)
            await bot.settled()

    async def lives() -> None:
        await live(at("05T09:10"))
        assert far.texts() == ["digest"]
        clock.now = at("08T12:00")
        await live(at("09T09:10"))

    asyncio.run(lives())
    assert far.texts() == ["digest", "digest, late", "digest"]
