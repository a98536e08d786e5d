"""One instant, as people type it; what could mean two things is refused, with what was expected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.times.instants import read_instant
from bot.times.wall import Doubt

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
"""A Friday, two o'clock in Paris."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("15:00", "2026-11-20T14:00"),
        ("15:00:30", "2026-11-20T14:00:30"),
        ("15h30", None),
        ("à 15h30", "2026-11-20T14:30"),
        ("3 pm", "2026-11-20T14:00"),
        ("12 p.m.", "2026-11-20T11:00"),
        ("tomorrow 09:00", "2026-11-21T08:00"),
        ("09:00 tomorrow utc", "2026-11-21T09:00"),
        ("demain à 9h", "2026-11-21T08:00"),
        ("après-demain 9h30", "2026-11-22T08:30"),
        ("yesterday 09:00", "2026-11-19T08:00"),
        ("fri 14:00", "2026-11-20T13:00"),
        ("fri 13:59", "2026-11-27T12:59"),
        ("vendredi 14h", "2026-11-20T13:00"),
        ("Monday at 9am", "2026-11-23T08:00"),
        ("24 Nov 09:00", "2026-11-24T08:00"),
        ("Nov 24th, 2027 9am", "2027-11-24T08:00"),
        ("tue 24 nov 09:00", "2026-11-24T08:00"),
        ("le 1er décembre à 9h30", "2026-12-01T08:30"),
        ("2 Jan 9:00", "2027-01-02T08:00"),
        ("14 aout 2027 9:00", "2027-08-14T07:00"),
        ("2026-11-24T09:00", "2026-11-24T08:00"),
        ("2026-11-24 09:00 Europe/Brussels", "2026-11-24T08:00"),
        ("2026-11-24 09:00 america/new_york", "2026-11-24T14:00"),
        ("2026-11-24T09:00[Asia/Tokyo]", None),
        ("2026-11-24T09:00Z", "2026-11-24T09:00"),
        ("2026-11-24T09:00:00.500+02:00", "2026-11-24T07:00:00.500"),
        ("2026-11-24T09:00+0200", "2026-11-24T07:00"),
        ("2026-11-24T09:00+02:00 Europe/London", "2026-11-24T07:00"),
        ("09:00 UTC+2", "2026-11-20T07:00"),
        ("2026-11-24", "2026-11-23T23:00"),
        ("now", "2026-11-20T13:00"),
        ("Maintenant", "2026-11-20T13:00"),
        ("in 2h", "2026-11-20T15:00"),
        ("in 1h30m", "2026-11-20T14:30"),
        ("dans 90 minutes", "2026-11-20T14:30"),
        ("in 7d", "2026-11-27T13:00"),
        ("2h ago", "2026-11-20T11:00"),
        ("1h 30 ago", "2026-11-20T11:30"),
        ("Il y a 2 jours", "2026-11-18T13:00"),
        ("ago", None),
        ("a while ago", None),
        ("15:00", "2026-11-20T14:00"),
        ("\uff12026-11-24\u00a009\uff1a00", "2026-11-24T08:00"),
    ],
)
def test_what_is_typed_is_what_is_meant(typed: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(UserError):
            read_instant(typed, NOW, PARIS)
    else:
        expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
        assert read_instant(typed, NOW, PARIS).at == expected


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "At which time?"),
        ("tomorrow", "At which time?"),
        ("friday", "At which time?"),
        ("2h", "a time or a duration"),
        ("1h30", "a time or a duration"),
        ("24/11 09:00", "Which is the month?"),
        ("24.11.2026 09:00", "Which is the month?"),
        ("09:00 CST", "several zones"),
        ("09:00 CET", "several zones"),
        ("09:00 EST", "several zones"),
        ("09:00 Europe/Brusels", "Did you mean Europe/Brussels?"),
        ("09:00 Mars/Olympus", "no time zone"),
        ("31 nov 09:00", "no day 2026-11-31"),
        ("2026-02-29 09:00", "no day 2026-02-29"),
        ("thu 24 nov 09:00", "not that day"),
        ("midnight", "Write a time as"),
        ("24:00", "Write a time as"),
        ("25:00", "Write a time as"),
        ("13pm", "Write a time as"),
        ("15:00 15:00", "Write a time as"),
        ("15:00 soon", "Write a time as"),
        ("24 09:00", "Write a time as"),
        ("fri 2026 09:00", "Write a time as"),
        ("today 24 nov 09:00", "Write a time as"),
        ("in a while", "in 2h"),
        ("in", "Write a time as"),
        ("in 999999999d", "in 2h"),
        ("9999-01-01 09:00", "no day"),
        ("09:00 UTC+15", "Write a time as"),
    ],
)
def test_what_is_unclear_is_refused_with_what_was_expected(typed: str, says: str) -> None:
    with pytest.raises(UserError, match=says.replace("?", r"\?")):
        read_instant(typed, NOW, PARIS)


def test_a_time_that_has_gone_by_says_so() -> None:
    assert read_instant("13:00", NOW, PARIS).past
    assert read_instant("2026-11-19 13:00", NOW, PARIS).past
    assert read_instant("24 Oct 09:00", NOW, PARIS).past, "not a year ahead"
    assert not read_instant("14:00", NOW, PARIS).past
    assert not read_instant("now", NOW, PARIS).past


def test_of_what_has_been_the_last_one_is_meant() -> None:
    table = {
        "15:00": "2026-11-19T14:00",
        "fri 15:00": "2026-11-13T14:00",
        "fri 13:00": "2026-11-20T12:00",
        "mon 09:00": "2026-11-16T08:00",
    }
    for typed, meant in table.items():
        expected = datetime.fromisoformat(meant).replace(tzinfo=UTC)
        assert read_instant(typed, NOW, PARIS, ahead=False).at == expected


def test_a_time_that_does_not_exist_comes_with_both_readings() -> None:
    found = read_instant("2026-03-29 02:30 Europe/Brussels", NOW, PARIS)
    assert found.doubt is Doubt.SKIPPED
    assert found.at == datetime(2026, 3, 29, 1, tzinfo=UTC), "the first instant after the gap"
    assert [f"{each:%H:%M}" for each in found.readings] == ["00:30", "01:30"]


def test_a_time_that_comes_twice_comes_with_both_readings() -> None:
    found = read_instant("2026-10-25T02:30", NOW, PARIS)
    assert found.doubt is Doubt.TWICE
    assert found.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first time"
    assert [f"{each:%H:%M}" for each in found.readings] == ["00:30", "01:30"]
    assert read_instant("2026-10-25T02:30+01:00", NOW, PARIS).doubt is None


@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        found = read_instant(typed, NOW, PARIS)
    except UserError:
        return
    assert found.at.utcoffset() is not None


WORDS = (
    "in 2h 15:00 fri 24 nov 2026 tomorrow utc Europe/Paris at le 9h30 3pm 2026-11-24 +02:00 z now "
    "1er first 0 99 . , 24/11 cet"
)


@given(typed=st.lists(st.sampled_from(WORDS.split()), max_size=6).map(" ".join))
def test_words_in_any_order_are_read_or_refused(typed: str) -> None:
    try:
        found = read_instant(typed, NOW, PARIS)
    except UserError:
        return
    assert abs(found.at - NOW) < timedelta(days=400_000)
