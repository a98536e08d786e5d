"""What happens at a time: how late, what a tick costs, and what 10,000 schedules cost a start."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bot.delivery.lease import Leases
from bot.events import Outgoing, Post, RoomId
from bot.richtext import say
from bot.schedules import keeping
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from bot.tasks.scheduler import LEASE, Scheduler
from bot.words import words_for
from tests.benchmarks.measures import Spread, spread
from tests.benchmarks.places import TWO, write_settings
from tests.benchmarks.processes import Bot, bot, far_side
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size, folder_for_it, in_words

SCHEDULES = 10_000
_SAID = ("weekdays 08:30", "every monday 09:00", "30 8 * * 1-5", "first monday of the month 09:00")
_ZONES = ("Europe/Brussels", "America/Toronto", "Australia/Canberra", "UTC")
_TICKS = 200


def scheduling(size: Size) -> list[Figure]:
    """10,000 schedules beside none."""
    with folder_for_it() as folder:
        few, many = _opened(folder / "few.db"), _opened(folder / "many.db")
        _fill(many, SCHEDULES)
        ticks = [asyncio.run(_ticks(each)) for each in (few, many)]
        late = asyncio.run(_lateness(many, min(size.seconds, 30)))
        for each in (few, many):
            each.close()
    bare, filled = _starts()
    return [
        Figure(
            f"An occurrence in the outbox after its instant, {SCHEDULES:,} schedules", "250 ms",
            in_words(late), "",
            f"{late.count} occurrences at instants of their own, at rest; from the instant until "
            "its lane is woken, which is after the commit. By the machine's clock.",
            late.p99 <= 250,
        ),
        Figure(
            f"A tick with one schedule due of {SCHEDULES:,}", "", in_words(ticks[1]),
            f"of one {in_words(ticks[0])}",
            "From the look at the tables until the occurrence is committed.",
            ticks[1].p50 <= 2 * ticks[0].p50 + 1,
        ),
        Figure(
            f"`ready:` with {SCHEDULES:,} schedules", "1 s more", _start(filled),
            f"without any {_start(bare)}",
            "Wall clock from the start of `liaison run` to the line; the processor's part of it "
            "hangs on nothing else that the machine does.", filled.ready - bare.ready <= 1.0,
        ),
    ]  # fmt: skip


def _opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    return database


def _fill(database: Database, count: int) -> None:
    now = datetime.now(UTC)

    def work(session: Session) -> None:
        for number in range(count):
            said, zone = _SAID[number % len(_SAID)], _ZONES[number // 7 % len(_ZONES)]
            keeping.begin(session, Plan("say", f"n{number}", channel="c"), said, zone, now)

    database.run_now(work)


def _say(_session: Session, due: Due, _now: datetime) -> Sequence[Outgoing]:
    return [Outgoing(RoomId(f"slack:alpha/{due.object}"), Post(say("now")))]


async def _scheduler(database: Database, landed: dict[str, datetime]) -> Scheduler:
    leases = Leases()
    far = datetime.now(UTC) + timedelta(hours=1)
    leases.took(await database.run(lambda s: leases.acquire(s, [LEASE], far, alone=True)))

    def wake(lanes: set[str]) -> None:
        now = datetime.now(UTC)
        landed.update((lane.rpartition("/")[2], now) for lane in lanes)

    return Scheduler(database, leases, {"say": _say}, wake, words_for("en"))


async def _ticks(database: Database) -> Spread:
    scheduler, took = await _scheduler(database, {}), []
    for number in range(_TICKS):
        await _once(database, f"t{number}", datetime.now(UTC))
        begun = time.perf_counter()
        await scheduler.carry_out()
        took.append(time.perf_counter() - begun)
    return spread(took)


async def _once(database: Database, name: str, at: datetime) -> None:
    plan = Plan("say", name)
    await database.run(lambda s: keeping.begin_once(s, plan, at, "UTC", datetime.now(UTC)))


async def _lateness(database: Database, seconds: int) -> Spread:
    chance, first = random.Random(7), datetime.now(UTC) + timedelta(seconds=2)
    times = {
        f"o{n}": first + timedelta(seconds=chance.uniform(0, seconds)) for n in range(seconds * 5)
    }
    for name, at in times.items():
        await _once(database, name, at)
    landed: dict[str, datetime] = {}
    scheduler = await _scheduler(database, landed)
    running = asyncio.create_task(scheduler.run())
    while len(landed) < len(times):
        await asyncio.sleep(1.0)
        scheduler.wake()  # as `bot.app` does
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return spread([(landed[name] - at).total_seconds() for name, at in times.items()])


def _start(bot: Bot) -> str:
    return f"{bot.ready:.2f} s, {bot.busy:.2f} s of processor"


def _starts() -> list[Bot]:
    """How bots became ready without schedules, and with 10,000."""
    with far_side() as far, folder_for_it() as folder:
        settings = write_settings(folder, far.url, TWO, 10)
        with bot(settings):  # it makes its store
            far("connected", accounts=list(TWO))
        started = []
        for count in (0, SCHEDULES):
            database = open_database(f"sqlite:///{folder / 'liaison.db'}")
            _fill(database, count)
            database.close()
            with bot(settings) as running:
                started.append(running)
                far("connected", accounts=list(TWO))
    return started
