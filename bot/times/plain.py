"""Reading in plain words, English or French, when something happens again and again.

Each word is put into a plainer one (`D0` a Monday, `o1` the first, `n2` the number), and the
sentence that is left is one of a few: see `_SENTENCES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

from bot.errors import Misused, UserError
from bot.times.clocks import read_clock
from bot.times.durations import said_duration
from bot.times.recurring import LAST, Days, Interval, Rule, Unit
from bot.times.vocabulary import NUMBERED, ORDINALS, WEEKDAYS, folded

SHORTEST = timedelta(minutes=5)
"""The shortest distance: what posts more often is a fault, not a schedule."""
_WEEK, _END = frozenset(range(5)), frozenset({5, 6})
_FILLERS = frozenset(
    {"the", "of", "on", "at", "a", "and", "et", "le", "la", "les", "du", "de", "&"}
)
_EVERY = "every each chaque tous toutes tout"
_PLAIN = {
    **dict.fromkeys(_EVERY.split(), "every"),
    **dict.fromkeys(["day", "days", "jour", "jours"], "day"),
    **dict.fromkeys(["daily", "quotidien", "quotidiennement"], "every day"),
    **dict.fromkeys(["weekday", "weekdays", "ouvrable", "ouvrables", "ouvre", "ouvres"], "work"),
    **dict.fromkeys(["weekend", "weekends", "week-end", "week-ends"], "weekend"),
    **dict.fromkeys(["week", "weeks", "semaine", "semaines"], "week"),
    **dict.fromkeys(["weekly", "hebdomadaire"], "every week"),
    **dict.fromkeys(["month", "months", "mois"], "month"),
    **dict.fromkeys(["monthly", "mensuel", "mensuellement"], "every month"),
    "other": "n2",
}
_INTERVAL = re.compile(rf"(?:{'|'.join(_EVERY.split())})(?: les)? (.+)")
_COUNTS_DAYS = re.compile(r"(?:days?|jours?|weeks?|semaines?)\Z")
"""`every 2 days` is of days, at a time of day; `every 48h` is a distance."""
_HOURLY = frozenset({"hourly", "every hour", "chaque heure", "toutes les heures"})
_HALF = re.compile(r"(?<=[0-9]) (?=[ap]\.?m\b)")
_TIME = UserError("At which time of day? Write it behind, as in “weekdays 08:30”.")


def read_plain(typed: str, since: date, shortest: timedelta = SHORTEST) -> Rule:
    """The rule of a sentence; what is counted, is counted from `since`. Raises UserError."""
    text = _HALF.sub("", folded(typed))
    if text in _HOURLY:
        return Interval(timedelta(hours=1), since)
    found = _INTERVAL.fullmatch(text)
    step = said_duration(found[1]) if found else None
    if step is not None and _COUNTS_DAYS.search(text) is None:
        if step < shortest:
            raise UserError(
                "That is too often: {minutes} minutes apart at least.",
                minutes=int(shortest.total_seconds() // 60),
            )
        return Interval(step, since)
    days, times = _split(text)
    rule = _days(days, times, since)
    if rule is None:
        raise Misused(
            "Write when as “weekdays 08:30”, “every monday 09:00”, “every 15m”, “first monday of "
            "the month 09:00” or a crontab."
        )
    if not times:
        raise UserError(_TIME.words)
    return rule


def _split(text: str) -> tuple[list[str], tuple[time, ...]]:
    """The words before the times of day, and these."""
    words, times = text.split(), []
    while words:
        clock = read_clock(words[-1])
        if clock is not None:
            times.append(clock.replace(second=0, microsecond=0))
        elif words[-1] not in _FILLERS:
            break
        words.pop()
    return words, tuple(sorted(set(times)))


def _days(words: list[str], times: tuple[time, ...], since: date) -> Days | None:
    if "semaine" in words and "en" in words:  # “en semaine”
        words = ["weekdays"]
    sentence = " ".join(_plainer(words))
    for pattern, build in _SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found is not None:
            return build(found.group(), times, since)
    return None


def _plainer(words: list[str]) -> Iterator[str]:
    for word in words:
        number = NUMBERED.fullmatch(word)
        if word in WEEKDAYS:
            yield f"D{WEEKDAYS[word]}"
        elif word in ORDINALS:
            yield f"o{ORDINALS[word]}"
        elif number is not None:
            yield f"o{int(number[1])}"
        elif word.isascii() and word.isdigit() and len(word) < 4:
            yield f"n{int(word)}"
        elif word in _PLAIN:
            yield _PLAIN[word]
        elif word not in _FILLERS:
            yield "?"


_Build = Callable[[str, tuple[time, ...], date], Days | None]


def _on(weekdays: frozenset[int]) -> _Build:
    return lambda _, times, __: Days(times, weekdays)


def _named(sentence: str, times: tuple[time, ...], since: date) -> Days | None:
    """Weekdays, days of the month, the nth weekday of the month; every so many of a unit."""
    weekdays = _numbers("D", sentence)
    ordinals = _numbers("o", sentence)
    counted = _numbers("n", sentence)
    every = 1
    if "every n" in sentence:
        every = next(iter(counted))
    else:  # “monthly on the 15”
        ordinals |= counted
    if not 1 <= every <= 99 or not all(each == LAST or 1 <= each <= 31 for each in ordinals):
        return None
    if weekdays and any(each > 5 for each in ordinals):
        return None
    usual = Unit.WEEK if weekdays else Unit.DAY
    unit = next((each for each in (Unit.MONTH, Unit.WEEK) if each in sentence), usual)
    return Days(
        times,
        weekdays,
        nth=ordinals if weekdays else frozenset(),
        monthdays=frozenset() if weekdays else ordinals,
        every=every,
        unit=unit,
        since=since,
    )


def _numbers(letter: str, sentence: str) -> frozenset[int]:
    return frozenset(map(int, re.findall(rf"\b{letter}(-?[0-9]+)", sentence)))


_SENTENCES: tuple[tuple[str, _Build], ...] = (
    (r"every o2 D\d", lambda *_: None),  # every second Monday: of the month, or every other?
    (r"(every )?day", _on(frozenset())),
    (r"(every )?(day )?work( day)?", _on(_WEEK)),
    (r"(every )?weekend", _on(_END)),
    (r"(every )?(week )?(D\d ?)+", _named),
    (r"every n\d+ day", _named),
    (r"every n\d+( week)?( D\d)+", _named),
    (r"every n\d+ month( o-?\d+)+( D\d)?", _named),
    (r"(every )?month( [on]-?\d+)+( day)?", _named),
    (r"(every )?(month )?(o-?\d+ ?)+D\d( (every )?month)?", _named),
    (r"(o-?\d+ ?)+(day )?(every )?month", _named),
    (r"n\d+ (every )?month", _named),
)
