"""What happens again and again, in plain words and as a crontab of Unix meaning."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.times.recurring import upcoming
from bot.times.schedules import read_schedule

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
"""A Friday, two o'clock in Paris."""


def next_three(typed: str) -> list[str]:
    recurring = read_schedule(typed, PARIS, NOW)
    times = islice(upcoming(recurring, NOW), 3)
    return [f"{each.astimezone(recurring.zone):%a %d.%m. %H:%M}" for each in times]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("weekdays 08:30", ["Mon 23.11. 08:30", "Tue 24.11. 08:30", "Wed 25.11. 08:30"]),
        ("every monday 09:00", ["Mon 23.11. 09:00", "Mon 30.11. 09:00", "Mon 07.12. 09:00"]),
        ("mondays 9am", ["Mon 23.11. 09:00", "Mon 30.11. 09:00", "Mon 07.12. 09:00"]),
        ("weekly on Mon at 9:00", ["Mon 23.11. 09:00", "Mon 30.11. 09:00", "Mon 07.12. 09:00"]),
        ("daily 07:00", ["Sat 21.11. 07:00", "Sun 22.11. 07:00", "Mon 23.11. 07:00"]),
        ("every day 08:00 and 16:00", ["Fri 20.11. 16:00", "Sat 21.11. 08:00", "Sat 21.11. 16:00"]),
        ("every 15m", ["Fri 20.11. 14:15", "Fri 20.11. 14:30", "Fri 20.11. 14:45"]),
        ("every 2 hours", ["Fri 20.11. 16:00", "Fri 20.11. 18:00", "Fri 20.11. 20:00"]),
        ("every 7d", ["Fri 27.11. 00:00", "Fri 04.12. 00:00", "Fri 11.12. 00:00"]),
        ("hourly", ["Fri 20.11. 15:00", "Fri 20.11. 16:00", "Fri 20.11. 17:00"]),
        ("first monday of the month 09:00",
         ["Mon 07.12. 09:00", "Mon 04.01. 09:00", "Mon 01.02. 09:00"]),
        ("last friday of the month 17:00",
         ["Fri 27.11. 17:00", "Fri 25.12. 17:00", "Fri 29.01. 17:00"]),
        ("monthly on the 1st at 08:00",
         ["Tue 01.12. 08:00", "Fri 01.01. 08:00", "Mon 01.02. 08:00"]),
        ("every month on the 15 09:00",
         ["Tue 15.12. 09:00", "Fri 15.01. 09:00", "Mon 15.02. 09:00"]),
        ("last day of the month 17:00",
         ["Mon 30.11. 17:00", "Thu 31.12. 17:00", "Sun 31.01. 17:00"]),
        ("monthly on the 31st 09:00", ["Thu 31.12. 09:00", "Sun 31.01. 09:00", "Wed 31.03. 09:00"]),
        ("every 3 months on the 1st 09:00",
         ["Tue 01.12. 09:00", "Mon 01.03. 09:00", "Tue 01.06. 09:00"]),
        ("every 2 weeks on friday 16:00",
         ["Fri 20.11. 16:00", "Fri 04.12. 16:00", "Fri 18.12. 16:00"]),
        ("every 2 weeks on friday 13:00",
         ["Fri 27.11. 13:00", "Fri 11.12. 13:00", "Fri 25.12. 13:00"]),
        ("every other friday 16:00", ["Fri 20.11. 16:00", "Fri 04.12. 16:00", "Fri 18.12. 16:00"]),
        ("every 2 days 9:00", ["Sat 21.11. 09:00", "Mon 23.11. 09:00", "Wed 25.11. 09:00"]),
        ("monday, wednesday and friday 09:00 UTC",
         ["Mon 23.11. 09:00", "Wed 25.11. 09:00", "Fri 27.11. 09:00"]),
        ("jours ouvrés à 8h30", ["Mon 23.11. 08:30", "Tue 24.11. 08:30", "Wed 25.11. 08:30"]),
        ("en semaine 8h30", ["Mon 23.11. 08:30", "Tue 24.11. 08:30", "Wed 25.11. 08:30"]),
        ("tous les lundis à 9h", ["Mon 23.11. 09:00", "Mon 30.11. 09:00", "Mon 07.12. 09:00"]),
        ("chaque jour à 7h et 19h", ["Fri 20.11. 19:00", "Sat 21.11. 07:00", "Sat 21.11. 19:00"]),
        ("le premier lundi du mois à 9h",
         ["Mon 07.12. 09:00", "Mon 04.01. 09:00", "Mon 01.02. 09:00"]),
        ("le 1er du mois à 8h", ["Tue 01.12. 08:00", "Fri 01.01. 08:00", "Mon 01.02. 08:00"]),
        ("toutes les 15 minutes", ["Fri 20.11. 14:15", "Fri 20.11. 14:30", "Fri 20.11. 14:45"]),
        ("toutes les heures", ["Fri 20.11. 15:00", "Fri 20.11. 16:00", "Fri 20.11. 17:00"]),
        ("toutes les 2 semaines le vendredi 16:00",
         ["Fri 20.11. 16:00", "Fri 04.12. 16:00", "Fri 18.12. 16:00"]),
        ("30 8 * * 1-5", ["Mon 23.11. 08:30", "Tue 24.11. 08:30", "Wed 25.11. 08:30"]),
        ("30 8 * * MON-FRI America/New_York",
         ["Fri 20.11. 08:30", "Mon 23.11. 08:30", "Tue 24.11. 08:30"]),
        ("0 9 * * 0", ["Sun 22.11. 09:00", "Sun 29.11. 09:00", "Sun 06.12. 09:00"]),
        ("0 9 * * 7", ["Sun 22.11. 09:00", "Sun 29.11. 09:00", "Sun 06.12. 09:00"]),
        ("0 9 1 * 1", ["Mon 23.11. 09:00", "Mon 30.11. 09:00", "Tue 01.12. 09:00"]),
        ("0 9 13 jan sun", ["Sun 03.01. 09:00", "Sun 10.01. 09:00", "Wed 13.01. 09:00"]),
    ],
)  # fmt: skip
def test_what_is_typed_is_what_is_meant(typed: str, meant: list[str]) -> None:
    assert next_three(typed) == meant


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("daily", "At which time of day"),
        ("every friday", "At which time of day"),
        ("every 2 days", "Write when as|At which time"),
        ("every 2 weeks 09:00", "Write when as"),
        ("every second monday 09:00", "Write when as"),
        ("every 0 days 09:00", "Write when as"),
        ("every 40th monday 09:00", "Write when as"),
        ("every blue moon", "Write when as"),
        ("", "Write when as"),
        ("every 1m", "too often: 5 minutes"),
        ("every 10 seconds", "too often"),
        ("weekdays 08:30 CET", "several zones"),
        ("weekdays 08:30 Europe/Brusels", "Did you mean Europe/Brussels"),
        ("* * * * *", "60 times an hour"),
        ("*/2 * * * *", "30 times an hour"),
        ("* * * * * *", "60 times a minute"),
        ("0 9 30 2 *", "never fires"),
        ("0 9 31 4,6,9,11 *", "never fires"),
        ("0 9 * *", "five fields, not 4"),
        ("61 * * * *", "“61” does not fit as field 1"),
        ("0 24 * * *", "“24” does not fit as field 2"),
        ("0 9 * * 5-1", "“5-1” does not fit as field 5"),
        ("0 9 * * 8", "“8” does not fit as field 5"),
        ("0 9 */0 * *", "does not fit as field 3"),
    ],
)
def test_what_is_unclear_or_never_or_too_often_is_refused_with_the_reason(
    typed: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        read_schedule(typed, PARIS, NOW)


@given(typed=st.text(max_size=40) | st.text("0123456789*/-,# LWmonsun", max_size=25))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        recurring = read_schedule(typed, PARIS, NOW)
    except UserError:
        return
    assert next(upcoming(recurring, NOW)) > NOW


WORDS = (
    "every 2 weeks on monday first last day of the month 09:00 daily other weekdays 15m and "
    "1st 31 hourly tous les lundi du mois à 9h"
)


@given(typed=st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join))
def test_words_in_any_order_are_read_or_refused(typed: str) -> None:
    try:
        recurring = read_schedule(typed, PARIS, NOW)
    except UserError:
        return
    assert next(upcoming(recurring, NOW)) > NOW
