"""What is believed of a source, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FeedError
from bot.feeds.standing import Remembered, Standing, backoff, failed, judge, seconds, succeeded
from bot.feeds.timing import age_of, next_due

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
KEPT = Remembered()


def after(*counts: tuple[float, int]) -> Standing:
    """After polls so many hours ago that had so many."""
    standing = Standing()
    for hours, count in counts:
        at = NOW - timedelta(hours=hours)
        standing = succeeded(standing, KEPT, count, at, at)
    return standing


@pytest.mark.parametrize(
    ("counts", "count", "problem"),
    [
        ([], 1_000_000, None),
        ([(1, 0)], 0, None),
        ([(1, 0)], 50, None),
        ([(1, 5)], 0, "shrunk"),
        ([(1, 1000)], 0, "shrunk"),
        ([(1, 1000)], 99, "shrunk"),
        ([(1, 1000)], 100, None),
        ([(1, 15)], 1, None),
        ([(1, 1000)], 2000, None),
        ([(1, 1000)], 2001, "doubled"),
        ([(1, 10)], 110, None),
        ([(1, 10)], 111, "doubled"),
        ([(23, 1000), (12, 1500), (1, 1900)], 2001, "doubled"),
        ([(47, 1000), (23, 1500), (1, 2500)], 2999, None),
        ([(72, 1000)], 2001, "doubled"),
    ],
)
def test_what_shrinks_to_nothing_or_doubles_in_a_day_is_not_believed(
    counts: list[tuple[float, int]], count: int, problem: str | None
) -> None:
    try:
        judge(after(*counts), count, NOW)
    except FeedError as error:
        assert error.reason == problem
    else:
        assert problem is None


@given(st.lists(st.integers(0, 100_000), max_size=200))
def test_a_day_of_counts_is_kept_an_entry_an_hour(counts: list[int]) -> None:
    standing = after(*((100 - n / 4, count) for n, count in enumerate(counts)))
    assert len(standing.counts) <= 26
    assert standing.count == (counts[-1] if counts else 0)


def test_a_failure_changes_nothing_of_what_was_known() -> None:
    good = after((1, 1000))
    bad = failed(good, "timeout", NOW, timedelta(minutes=15), 0.5)
    assert (bad.good, bad.counts, bad.remembered) == (good.good, good.counts, good.remembered)
    assert (bad.failures, bad.problem) == (1, "timeout")
    told = failed(bad, "throttled", NOW, timedelta(minutes=15), 0.5, pause=7200)
    assert told.due == seconds(NOW) + 7200
    assert succeeded(told, KEPT, 1, NOW, NOW).failures == 0


@given(st.integers(1, 10_000), st.floats(0, 0.999))
def test_tries_come_ever_later_and_never_stop(failures: int, chance: float) -> None:
    wait = backoff(failures, timedelta(minutes=15), chance)
    assert timedelta(seconds=30) <= wait <= timedelta(hours=6)
    assert backoff(failures + 1, timedelta(minutes=15), chance) >= wait
    assert backoff(99, timedelta(days=1), 0.0) >= timedelta(hours=12)


def test_a_feed_is_due_after_its_time_or_by_its_crontab() -> None:
    quarter = timedelta(minutes=15)
    assert next_due(quarter, NOW, 0.0) == NOW + quarter
    assert quarter < next_due(quarter, NOW, 0.9) - NOW < quarter * 1.1
    assert next_due("0 */6 * * *", NOW, 0.9) == NOW.replace(hour=18, minute=0)
    assert age_of("0 */6 * * *", NOW) == timedelta(hours=6)
