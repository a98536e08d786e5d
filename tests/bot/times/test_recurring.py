"""Each occurrence once, in every zone and on both nights, against a clock read every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.times.crontab import read_crontab
from bot.times.recurring import LAST, Crontab, Days, Interval, Recurring, Rule, latest, upcoming
from bot.times.schedules import read_schedule
from tests.bot.times import oracle

BRUSSELS = ZoneInfo("Europe/Brussels")
NIGHTS = {
    "Europe/Brussels": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Pacific/Apia": ["2011-12-30", "2021-04-04"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "America/Sao_Paulo": ["2018-11-04", "2019-02-17"],
    "Asia/Tehran": ["2022-03-22", "2022-09-21"],
    "Europe/Istanbul": ["2016-03-27", "2016-09-07"],
    "Europe/Moscow": ["2011-03-27", "2014-10-26"],
    "Asia/Pyongyang": ["2015-08-15", "2018-05-05"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Asia/Kathmandu": ["2026-01-01", "1986-01-01"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],
    "UTC": ["2026-03-29", "2016-12-31"],
}
"""Days on which clocks change, or nearly everything about them."""
nights = st.sampled_from([(zone, night) for zone, days in NIGHTS.items() for night in days])


def a_field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    spans = st.tuples(numbers, numbers).map(lambda two: f"{min(two)}-{max(two)}")
    steps = st.tuples(spans, st.integers(1, 9)).map(lambda each: f"{each[0]}/{each[1]}")
    lists = st.lists(st.one_of(numbers.map(str), spans), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), st.just("*"), numbers.map(str), lists, steps)


minutes = st.one_of(
    st.integers(0, 59).map(str),
    st.lists(st.integers(0, 59).map(str), min_size=1, max_size=5).map(",".join),
    st.sampled_from(["*/5", "*/15", "0,30", "10-20", "59,0", "*/7"]),
)
crontabs = st.tuples(minutes, a_field(0, 23), a_field(1, 31), a_field(1, 12), a_field(0, 7)).map(
    " ".join
)
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def found(rule: Rule, zone: ZoneInfo, first: datetime, until: datetime) -> list[datetime]:
    times = []
    for each in upcoming(Recurring(rule, zone), first):
        if each > until:
            break
        times.append(each)
    return times


def around(night: str, before: float) -> tuple[datetime, datetime]:
    """From some hours before a night to the second day after it."""
    day = datetime.fromisoformat(night).replace(tzinfo=UTC)
    return day - timedelta(hours=before), day + timedelta(days=2, hours=2)


@settings(deadline=None, max_examples=80)
@given(crontab=crontabs, night=nights, before=st.integers(0, 1440))
@example("0 9 * * 0-0/1", ("Europe/Brussels", "2026-03-29"), 60)
@example("30 2 * * *", ("Europe/Brussels", "2026-03-29"), 60)
@example("30 2 * * *", ("Europe/Brussels", "2026-10-25"), 60)
@example("*/5 * * * *", ("Australia/Lord_Howe", "2026-10-04"), 60)
@example("0 * 30 12 *", ("Pacific/Apia", "2011-12-30"), 1440)
def test_a_crontab_fires_when_the_clock_says_so(
    crontab: str, night: tuple[str, str], before: int
) -> None:
    zone, (first, until) = ZoneInfo(night[0]), around(night[1], before / 60)
    expected = list(oracle.fired(oracle.crontab(crontab), zone, first, until))
    try:
        rule = read_crontab(crontab, most=60)
    except UserError as error:
        assert "never" in str(error)
        assert not expected
    else:
        assert found(rule, zone, first, until) == expected


@settings(deadline=None, max_examples=40)
@given(
    times=st.lists(clocks, min_size=1, max_size=4).map(tuple),
    weekdays=st.frozensets(st.integers(0, 6)),
    night=nights,
)
def test_what_happens_on_days_happens_when_the_clock_says_so(
    times: tuple[time, ...], weekdays: frozenset[int], night: tuple[str, str]
) -> None:
    zone, (first, until) = ZoneInfo(night[0]), around(night[1], 12)

    def fires(wall: datetime) -> bool:
        return wall.time() in times and (not weekdays or wall.weekday() in weekdays)

    expected = list(oracle.fired(fires, zone, first, until))
    assert found(Days(times, weekdays), zone, first, until) == expected


@pytest.mark.parametrize("zone", ["Europe/Brussels", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_over_years_nothing_is_left_out_and_nothing_happens_twice(zone: str) -> None:
    """The windows above begin anew each time; here one runs through, over ten nights and more."""
    first = datetime(2014, 1, 1, tzinfo=UTC)
    rule = read_crontab("30 0,2 * * *")
    times = list(islice(upcoming(Recurring(rule, ZoneInfo(zone)), first), 2 * 365 * 6))
    assert times == sorted(set(times))
    local = [(each.astimezone(ZoneInfo(zone))).date() for each in times]
    per_day = {day: local.count(day) for day in sorted(set(local))[1:-1]}
    assert set(per_day.values()) <= {1, 2}
    assert (local[-1] - local[0]).days + 1 == len(set(local))
    assert sum(count == 1 for count in per_day.values()) == 0


@pytest.mark.parametrize(
    ("zone", "year"),
    [("Europe/Brussels", 2026), ("Australia/Lord_Howe", 2027), ("Pacific/Apia", 2011)],
)
def test_a_whole_year_is_as_the_clock_says(zone: str, year: int) -> None:
    first = datetime(year, 1, 1, tzinfo=UTC)
    until = first + timedelta(days=365)
    crontab = "*/20 1-3 1-7,25-31 * 0"
    expected = list(oracle.fired(oracle.crontab(crontab), ZoneInfo(zone), first, until))
    assert len(expected) > 1000
    assert found(read_crontab(crontab), ZoneInfo(zone), first, until) == expected


@settings(deadline=None, max_examples=60)
@given(rule=st.one_of(crontabs.map(Crontab), clocks.map(lambda each: Days((each,)))), night=nights,
       cut=st.integers(0, 2880))  # fmt: skip
def test_beginning_anywhere_gives_the_same_times(
    rule: Rule, night: tuple[str, str], cut: int
) -> None:
    zone, (first, until) = ZoneInfo(night[0]), around(night[1], 12)
    whole, at = found(rule, zone, first, until), first + timedelta(minutes=cut)
    assert found(rule, zone, at, until) == [each for each in whole if each > at]
    before = [each for each in whole if each <= at]
    assert latest(Recurring(rule, zone), at, first + timedelta(microseconds=1)) == (
        before[-1] if before else None
    )


@pytest.mark.parametrize(
    ("night", "fires"), [("2026-03-29", "2026-03-29T01:00"), ("2026-10-25", "2026-10-25T00:30")]
)
def test_half_past_two_happens_once_on_both_nights_in_brussels(night: str, fires: str) -> None:
    """APScheduler's CronTrigger fires twice in October; its CalendarIntervalTrigger skips March."""
    first, until = around(night, 3)
    expected = datetime.fromisoformat(fires).replace(tzinfo=UTC)
    for typed in ("30 2 * * *", "daily 02:30"):
        rule = read_schedule(typed, BRUSSELS, first).rule
        times = found(rule, BRUSSELS, first, until)
        assert times[0] == expected, typed
        nights = [each.astimezone(BRUSSELS).date() for each in times]
        assert len(nights) == len(set(nights)), "and once in the next night"


def test_two_times_in_the_gap_are_one_occurrence() -> None:
    first, until = around("2026-03-29", 3)
    rule = Days((time(2), time(2, 30), time(3)))
    times = found(rule, BRUSSELS, first, until)
    assert times[0] == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert times[1] == datetime(2026, 3, 30, 0, tzinfo=UTC), "two o'clock of the next night"


def test_a_day_that_a_country_skips_happens_at_its_end() -> None:
    apia = ZoneInfo("Pacific/Apia")
    (times, *_) = found(Days((time(9),)), apia, *around("2011-12-30", 4))
    assert times.astimezone(apia).isoformat() == "2011-12-31T00:00:00+14:00"


def test_a_distance_counts_the_hours_that_pass() -> None:
    first, until = around("2026-10-25", 2)
    times = found(Interval(timedelta(hours=1), date(2026, 10, 20)), BRUSSELS, first, until)
    assert {b - a for a, b in pairwise(times)} == {timedelta(hours=1)}


def test_it_ends_with_the_calendar_and_not_with_an_error() -> None:
    late = datetime(9999, 12, 30, tzinfo=UTC)
    rule = Interval(timedelta(hours=7), date(2026, 1, 1))
    assert len(list(upcoming(Recurring(rule, BRUSSELS), late))) in range(5, 8)
    assert list(upcoming(Recurring(Days((time(9),)), BRUSSELS), late)) == []


def test_what_is_rare_is_found_after_years_away() -> None:
    leap = Recurring(read_crontab("0 9 29 2 *"), ZoneInfo("UTC"))
    since, until = datetime(2019, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert latest(leap, until, since) == datetime(2024, 2, 29, 9, tzinfo=UTC)
    assert latest(leap, until, datetime(2024, 3, 1, tzinfo=UTC)) is None
    monthly = Recurring(Days((time(9),), monthdays=frozenset({LAST})), ZoneInfo("UTC"))
    assert latest(monthly, until, since) == datetime(2026, 12, 31, 9, tzinfo=UTC)
