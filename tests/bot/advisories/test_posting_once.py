"""An advisory is posted at its time, once in each room, with the next number: whatever happens."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.advisories import landing
from bot.sharing.marking import Label
from bot.store.database import Database, open_database
from bot.store.tables.advisories import Advisory
from tests.bot.advisories.newsroom import BEGUN, HOUR, Publisher
from tests.bot.advisories.posting import land, life, numbers, posts, shown, states, told, wait_for
from tests.clock import Clock
from tests.custody import ROOMS, Alliance
from tests.stores import NewDatabase, opened, sqlite_url

ROOT = Path(__file__).parents[3]
DAY = timedelta(days=1)


@pytest.fixture
def house() -> Publisher:
    found = Publisher()
    found.alliance.open()
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGUN)


def check(database: Database, advisories: int) -> None:
    """Each once in each room, and numbers from one on without a gap."""
    found = posts(database)
    assert len(found) == advisories * len(ROOMS)
    assert set(found.values()) <= {1}
    assert numbers(database) == list(range(1, advisories + 1))


def test_it_is_posted_at_its_time_and_not_before(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR)
    bot = life(database, clock, house)
    for seconds, advisories in ((3599, 0), (1, 1), (1, 1), (3600, 1)):
        clock.advance(seconds)
        bot.look()
        check(database, advisories)


def test_over_three_days_of_absence_it_is_posted_once_and_says_that_it_is_late(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR)
    clock.now = BEGUN + 3 * DAY
    life(database, clock, house).look()
    life(database, clock, house).look()
    check(database, 1)
    assert ["Posted late" in text for text in shown(database)] == [True] * len(ROOMS)


def test_a_room_that_is_gone_costs_the_others_nothing_and_its_author_is_told(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR)
    clock.now = BEGUN + HOUR
    bot = life(database, clock, house)
    bot.look()
    for room in ROOMS[:2]:
        land(database, room)
    assert told(database) == []
    clock.now += landing.AFTER
    bot.look()
    bot.look()
    (text,) = told(database)
    assert text.split("\n")[:2] == [
        "RTF-2026-001 has not landed everywhere; the other rooms have it.",
        f"Not in: {ROOMS[2]}",
    ]


def test_a_channel_that_is_gone_by_then_costs_the_others_nothing_and_its_author_is_told(
    sqlite: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(sqlite, house, BEGUN + HOUR)
    both = update(Advisory).values(channels='["c","gone"]')
    sqlite.run_now(lambda s: s.execute(both))
    clock.now = BEGUN + HOUR
    bot = life(sqlite, clock, house)
    bot.look()
    check(sqlite, 1)
    for room in ROOMS:
        land(sqlite, room)
    clock.now += landing.AFTER
    bot.look()
    assert told(sqlite)[0].split("\n")[1] == "Not in: gone"


def test_what_has_no_channel_by_then_takes_no_number_and_its_author_is_told(
    sqlite: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(sqlite, house, BEGUN + HOUR)
    sqlite.run_now(lambda s: s.execute(update(Advisory).values(channels='["gone"]')))
    clock.now = BEGUN + HOUR
    life(sqlite, clock, house).look()
    assert numbers(sqlite) == []
    assert "the settings have none of its channels any more" in told(sqlite)[0]


def test_what_has_landed_everywhere_is_told_to_nobody(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR)
    clock.now = BEGUN + HOUR
    bot = life(database, clock, house)
    bot.look()
    for room in ROOMS:
        land(database, room)
    clock.now += landing.AFTER
    bot.look()
    assert told(database) == []


def test_what_no_room_may_have_by_then_takes_no_number_and_its_author_is_told(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR)
    stricter = Publisher(Alliance(ceiling=Label.CLEAR))
    stricter.alliance.open()
    clock.now = BEGUN + HOUR
    life(database, clock, stricter).look()
    assert numbers(database) == []
    assert states(database) == {"sealing": 1}
    assert "was not posted: no room may have it" in told(database)[0]


def test_a_clock_that_is_moved_back_and_forth_posts_it_once(
    database: Database, clock: Clock, house: Publisher
) -> None:
    wait_for(database, house, BEGUN + HOUR, 2)
    bot = life(database, clock, house)
    for hours in (0, 2, -3, 1, 30, 1, -40, 2):
        clock.now = BEGUN + hours * HOUR
        bot.look()
        check(database, 0 if hours == 0 and not posts(database) else 2)


def test_a_process_that_is_killed_at_every_step_posts_it_once(
    tmp_path: Path, house: Publisher
) -> None:
    url, points = sqlite_url(tmp_path), 0
    for number in range(1, 90):
        now = BEGUN + number * DAY
        with opened(url) as database:
            wait_for(database, house, now)
        words = ["-m", "tests.bot.advisories.doomed", url, now.isoformat(), str(number * STEP)]
        ended = subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
        with opened(url) as database:
            life(database, Clock(now), house).look()
            check(database, number)
            assert states(database) == {"released": number}
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
        points += 1
    assert points >= 6


STEP = 3
"""Every third statement: each takes a process of its own."""


def test_two_processes_at_once_on_one_postgresql_post_each_once(
    new_postgresql: NewDatabase, clock: Clock, house: Publisher
) -> None:
    """Even where both believed that the lease was theirs; and no number is taken twice."""
    url = new_postgresql()
    one, other = open_database(url), open_database(url)
    try:
        wait_for(one, house, BEGUN + HOUR, 12)
        clock.now = BEGUN + HOUR
        first, second = life(one, clock, house), life(other, clock, house)
        # As one and the same holder, to the fence: only what the store holds to is left.
        first.leases._holder, first.leases._fences = second.leases._holder, second.leases._fences

        async def both() -> None:
            await asyncio.gather(first.scheduler.carry_out(), second.scheduler.carry_out())

        asyncio.run(both())
        check(one, 12)
    finally:
        one.close()
        other.close()
