"""When those who decide are reminded, and what a post says is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.reminders import STEPS, left_of, next_step, stepped

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (8 * DAY, None),
        (3 * DAY, 3 * DAY),
        (3 * DAY - MINUTE, 3 * DAY),
        (13 * HOUR, DAY),
        (59 * MINUTE, HOUR),
        (MINUTE, 5 * MINUTE),
        (timedelta(0), None),
        (-HOUR, None),
    ],
)
def test_what_is_left_at_most(left: timedelta, said: timedelta | None) -> None:
    assert left_of(stepped(["half"], NOW + left, NOW)) == said


@given(st.timedeltas(timedelta(seconds=1), 10 * DAY))
def test_a_post_never_says_that_less_is_left_than_is(left: timedelta) -> None:
    told, now, expires = list[str](), NOW, NOW + left
    for _ in range(len(STEPS) + 1):
        told = stepped(told, expires, now)
        said, following = left_of(told), next_step(expires, now)
        assert said is None or expires - now <= said
        if following is None:
            return
        assert now < following < expires
        now = following
    raise AssertionError("it goes on for ever")
