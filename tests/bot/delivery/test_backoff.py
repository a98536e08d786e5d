"""How long to wait before trying again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.backoff import pause

attempts = st.integers(1, 10_000)
chances = st.floats(0, 1, exclude_max=True)


@given(attempts, chances)
def test_a_pause_is_between_half_a_second_and_a_minute(attempt: int, chance: float) -> None:
    assert 0.5 <= pause(attempt, chance) <= 60


@given(attempts, chances)
def test_pauses_do_not_shrink_from_one_attempt_to_the_next(attempt: int, chance: float) -> None:
    assert pause(attempt + 1, chance) >= pause(attempt, chance)


@given(attempts, chances, st.floats(0, 10_000))
def test_what_the_network_asked_for_is_never_undercut(
    attempt: int, chance: float, asked: float
) -> None:
    assert pause(attempt, chance, retry_after=asked) >= asked


def test_it_doubles_to_a_minute() -> None:
    longest = [round(pause(attempt, 0.999999)) for attempt in range(1, 9)]
    assert longest == [1, 2, 4, 8, 16, 32, 60, 60]
