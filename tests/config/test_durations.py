"""Durations: what is read, what is refused, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.durations import Duration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20),
        ("30m", 1800),
        ("72h", 259_200),
        ("7d", 604_800),
        ("1h30m", 5400),
        ("1d1s", 86_401),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0s",
        "5",
        "1w",
        "-1s",
        "1.5h",
        "30m1h",
        "1h1h",
        " 1h",
        "1 h",
        "1H",
        "\u0661s",
        "1h\n",
        "9999999999s",
        "999999999d999999999d",
        "999999999d9999h",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as"):
        parse_duration(text)


@given(st.integers(min_value=1, max_value=10**12))
def test_what_is_written_reads_back_the_same(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@given(st.text(alphabet="0123456789dhms", max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert parse_duration(format_duration(duration)) == duration


def test_less_than_a_second_is_written_as_none() -> None:
    assert format_duration(timedelta(milliseconds=3)) == "0s"


def test_a_key_holds_a_century_at_most() -> None:
    """What is counted from a longer one is before every calendar: the bot would end of it."""
    read = TypeAdapter(Duration).validate_python
    assert read("36525d") == timedelta(days=36_525)
    with pytest.raises(ValidationError, match="a century at most"):
        read("36526d")
