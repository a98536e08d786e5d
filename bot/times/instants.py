"""Reading one instant as people type it. A small grammar and no guessing: what could mean two
things is refused, with what was expected.

| typed                                        | read as                                        |
|----------------------------------------------|------------------------------------------------|
| `15:00`, `15h30 Europe/Paris`, `3pm`         | today, gone by or not                          |
| `tomorrow 09:00`, `demain à 9h`              |                                                |
| `fri 14:00`, `vendredi 14:00`                | the next one, today if it is still to come     |
| `24 Nov 09:00`, `le 24 novembre 2026 à 9h`   | without a year the nearest one                 |
| `2026-11-24T09:00`, `2026-11-24 09:00 UTC`   |                                                |
| `2026-11-24T09:00+01:00`, `…Z`               | RFC 3339                                       |
| `2026-11-24`                                 | its first moment                               |
| `now`, `in 2h`, `dans 90 minutes`, `2h ago`  |                                                |
| `24/11 09:00`, `2h`, `midnight`, `09:00 CST` | refused                                        |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from bot.errors import Misused, UserError
from bot.times.clocks import is_duration_too, read_clock
from bot.times.durations import said_duration
from bot.times.vocabulary import MONTHS, NEAR_DAYS, NUMBERED, WEEKDAYS, folded
from bot.times.wall import Doubt, Settled, settle, shown
from bot.times.zones import find_zone, is_abbreviation, read_zone

_FILLERS = frozenset({"at", "on", "the", "a", "le", "of", "de"})
_NOW = frozenset({"now", "maintenant"})
_IN = frozenset({"in", "dans"})
_AGO, _SINCE = "ago", ["il", "y", "a"]
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_WITH_OFFSET = re.compile(r"([0-9]{1,2}:[0-9]{2}[0-9:.]*)([+-][0-9]{2}:?[0-9]{2}|z)")
_JOINED = re.compile(r"(?<=[0-9])t(?=[0-9]{1,2}:)")
_HALF = re.compile(r"(?<=[0-9]) (?=[ap]\.?m\b)")
_SLASHED = re.compile(r"[0-9]{1,4}[/.][0-9]{1,2}(?:[/.][0-9]{2,4})?")
_YEARS = range(1970, 3000)


@dataclass(frozen=True, slots=True)
class Reading:
    """An instant that was read, in UTC, and the zone that it was said in. `past`: it has gone by,
    so that one had better ask. `doubt`, `readings`: see `bot.times.wall.Settled`.
    """

    at: datetime
    zone: tzinfo
    past: bool = False
    doubt: Doubt | None = None
    readings: tuple[datetime, ...] = ()


@dataclass
class _Heard:
    """What the words of a text say, each thing at most once."""

    clock: time | None = None
    day: date | None = None
    near: int | None = None
    weekday: int | None = None
    number: int | None = None
    month: int | None = None
    year: int | None = None
    zone: tzinfo | None = None
    offset: tzinfo | None = None
    alone: str = ""
    """The time of day as it was typed, where no word says that it is one."""
    fillers: set[str] = field(default_factory=set)

    @property
    def says_day(self) -> bool:
        parts = (self.day, self.near, self.weekday, self.number, self.month, self.year)
        return any(each is not None for each in parts)

    @property
    def weekday_alone(self) -> int | None:
        others = (self.day, self.near, self.number, self.month, self.year)
        return self.weekday if all(each is None for each in others) else None


def read_instant(typed: str, now: datetime, zone: tzinfo, *, ahead: bool = True) -> Reading:
    """The instant that somebody means who types this at `now`; `zone` is theirs, where the text
    names none. `ahead`: for something still to come; else for something that has been, and of a
    time that comes again and again the last one is meant. Raises UserError.
    """
    text = _JOINED.sub(" ", _HALF.sub("", folded(typed)))
    words = text.split()
    if len(words) == 1 and words[0] in _NOW:
        return Reading(now, zone)
    if len(words) > 1 and words[0] in _IN:
        return Reading(_later(" ".join(words[1:]), now), zone)
    ago = _ago(words)
    if ago is not None:
        return Reading(now - ago, zone, past=True)
    heard = _hear(words)
    own = heard.offset or heard.zone or zone
    try:
        settled = _settle(heard, now, own, ahead=ahead)
    except OverflowError:
        raise _unclear() from None
    return Reading(settled.at, own, settled.at < now, settled.doubt, settled.readings)


def _later(text: str, now: datetime) -> datetime:
    duration = said_duration(text)
    if duration is None:
        raise Misused("Write how long from now as “in 2h”, “in 30m” or “in 1h30m”.")
    return now + duration


def _ago(words: list[str]) -> timedelta | None:
    """How long since, in “2h ago” and “il y a 2h”; None for what is said otherwise."""
    if words[-1:] == [_AGO]:
        return said_duration(" ".join(words[:-1]))
    return said_duration(" ".join(words[3:])) if words[:3] == _SINCE else None


def _hear(words: list[str]) -> _Heard:
    heard = _Heard()
    for word in words:
        if word in _FILLERS:
            heard.fillers.add(word)
        elif not _take(heard, word):
            raise _unknown(word)
    return heard


def _take(heard: _Heard, word: str) -> bool:
    """Whether a word says something that was not said before; it is remembered."""
    plain = word.rstrip(".")
    if (joined := _WITH_OFFSET.fullmatch(word)) is not None:
        return _set(heard, "clock", read_clock(joined[1])) and _set(
            heard, "offset", find_zone(joined[2])
        )
    if (clock := read_clock(word)) is not None:
        heard.alone = word
        return _set(heard, "clock", clock)
    if (iso := _ISO.fullmatch(word)) is not None:
        return _set(heard, "day", _date(*map(int, iso.groups())))
    if (number := _number(plain)) is not None:
        return _set(heard, "year" if number in _YEARS else "number", number)
    for name, table in (("near", NEAR_DAYS), ("weekday", WEEKDAYS), ("month", MONTHS)):
        if plain in table:
            return _set(heard, name, table[plain])
    return _set(heard, "zone", find_zone(word.strip("[]()")))


def _set(heard: _Heard, name: str, value: object) -> bool:
    if value is None or getattr(heard, name) is not None:
        return False
    setattr(heard, name, value)
    return True


def _number(word: str) -> int | None:
    if word == "1er":
        return 1
    found = NUMBERED.fullmatch(word)
    if found is not None:
        return int(found[1])
    return int(word) if re.fullmatch(r"[0-9]{1,4}", word) else None


def _settle(heard: _Heard, now: datetime, zone: tzinfo, *, ahead: bool) -> Settled:
    today = shown(now, zone).date()
    if heard.clock is None:
        if heard.day is None:
            raise UserError("At which time? Write it as “tomorrow 09:00” or “2026-11-24T09:00”.")
        return settle(datetime.combine(heard.day, time()), zone)
    if not heard.says_day:
        if is_duration_too(heard.alone) and not heard.fillers & {"at", "a"}:
            raise UserError(
                "“{word}” can be a time or a duration: write “at {word}” or “in {word}”.",
                word=heard.alone,
            )
        return _daily(heard.clock, now, today, zone, ahead=ahead)
    if heard.weekday_alone is not None:
        return _weekly(heard.weekday_alone, heard.clock, now, today, zone, ahead=ahead)
    return settle(datetime.combine(_day(heard, today), heard.clock), zone)


def _daily(clock: time, now: datetime, today: date, zone: tzinfo, *, ahead: bool) -> Settled:
    settled = settle(datetime.combine(today, clock), zone)
    if ahead or settled.at <= now:
        return settled
    return settle(datetime.combine(today - timedelta(days=1), clock), zone)


def _weekly(
    weekday: int, clock: time, now: datetime, today: date, zone: tzinfo, *, ahead: bool
) -> Settled:
    sign = 1 if ahead else -1
    day = today + timedelta(days=sign * (sign * (weekday - today.weekday()) % 7))
    settled = settle(datetime.combine(day, clock), zone)
    if (settled.at < now) if ahead else (settled.at > now):
        return settle(datetime.combine(day + timedelta(days=7 * sign), clock), zone)
    return settled


def _day(heard: _Heard, today: date) -> date:
    """The day that is named; where a weekday stands beside it, it has to be one."""
    named = [heard.day is not None, heard.near is not None, heard.number is not None]
    if sum(named) != 1 or (heard.number is None) != (heard.month is None):
        raise _unclear()
    if heard.near is not None:
        day = today + timedelta(days=heard.near)
    else:
        day = heard.day or _of_month(heard, today)
    if heard.weekday not in (None, day.weekday()):
        raise UserError("{day} is not that day of the week.", day=day.isoformat())
    return day


def _of_month(heard: _Heard, today: date) -> date:
    assert heard.month is not None
    assert heard.number is not None
    if heard.year is not None:
        return _date(heard.year, heard.month, heard.number)
    near = []
    for year in (today.year, today.year + 1, today.year - 1):
        try:
            near.append(date(year, heard.month, heard.number))
        except ValueError:
            continue
    if not near:
        return _date(today.year, heard.month, heard.number)
    return min(near, key=lambda day: abs(day - today))


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        found = None
    if found is None or year not in _YEARS:
        raise UserError(
            "There is no day {day}; write it as 2026-11-24.", day=f"{year:04}-{month:02}-{day:02}"
        )
    return found


def _unknown(word: str) -> UserError:
    if _SLASHED.fullmatch(word):
        return UserError("Which is the month? Write the day as 2026-11-24 or “24 Nov”.")
    if "/" in word or is_abbreviation(word):
        try:
            read_zone(word)
        except UserError as error:
            return error
    return _unclear()


def _unclear() -> UserError:
    return Misused(
        "Write a time as 15:00, “tomorrow 09:00”, 2026-11-24T09:00, “in 2h” or “2h ago”."
    )
