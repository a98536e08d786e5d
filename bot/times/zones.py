"""Time zones by their names, as people type them.

A name is one of the IANA database, in any case. Abbreviations say nothing: CST is of America,
China and Cuba, and CET is not what it is in Brussels in summer. Only UTC, Z and GMT say one thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import UserError

_ABBREVIATION = re.compile(r"[a-z]{3,5}|[a-z]{3}[0-9][a-z]{3}")
"""Also of those that the database has by this name: EST, PST8PDT."""
_OWN = frozenset({"utc", "z", "gmt", "zulu"})
_NO_ZONES = frozenset({"factory", "localtime", "posixrules"})
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?")


def read_zone(typed: str) -> tzinfo:
    """The zone of a name; raises UserError, with what was likely meant."""
    found = find_zone(typed)
    if found is not None:
        return found
    word = typed.strip()
    if is_abbreviation(word):
        raise UserError(
            "“{word}” is the name of several zones. Write one as Europe/Brussels, or UTC.",
            word=word[:20],
        )
    meant = _meant(word.casefold())
    if meant is None:
        raise UserError(
            "I know no time zone “{word}”. Write one as Europe/Brussels, or UTC.", word=word[:40]
        )
    raise UserError(
        "I know no time zone “{word}”. Did you mean {meant}?", word=word[:40], meant=meant
    )


def find_zone(typed: str) -> tzinfo | None:
    """The zone of a name in any case, or of a distance from UTC; None where it is neither."""
    word = typed.strip().casefold().replace(" ", "_").replace("\u2212", "-")
    if word in _OWN:
        return UTC
    if (offset := _OFFSET.fullmatch(word)) is not None:
        return _offset(*offset.groups())
    if is_abbreviation(word):
        return None
    name = _names().get(word)
    return None if name is None else ZoneInfo(name)


def read_leading_zone(word: str) -> tzinfo | None:
    """The zone that the first word of a text is, None where it is a word of the text. Raises
    UserError where it is of a region of the database, and nearly the name of a zone there:
    `Europe/Brusels` is no text, and what it was meant to time would come at another hour.
    """
    found = find_zone(word)
    region, slash, _ = word.casefold().partition("/")
    if found is None and slash and region in _regions() and _meant(word.casefold()) is not None:
        return read_zone(word)
    return found


def zone_name(zone: tzinfo) -> str:
    """A zone as it is written: `Europe/Brussels`, `UTC`, `UTC+02:00`; `find_zone` reads it."""
    return zone.key if isinstance(zone, ZoneInfo) else str(zone)


def is_abbreviation(word: str) -> bool:
    """Whether a word looks like the abbreviation of a zone, or names one as short as that."""
    plain = word.strip().casefold()
    if plain in _OWN or _ABBREVIATION.fullmatch(plain) is None:
        return False
    name = _names().get(plain)
    return plain in _COMMON or (name is not None and name.isupper())


def _offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if distance > timedelta(hours=14) or int(minutes or 0) > 59:
        return None
    return timezone(-distance if sign == "-" else distance) if distance else UTC


@cache
def _names() -> Mapping[str, str]:
    """Every name of the database by its lower case (read from the disk once: 10 ms)."""
    names = {name.casefold(): name for name in available_timezones()}
    return {folded: name for folded, name in names.items() if folded not in _NO_ZONES}


@cache
def _regions() -> frozenset[str]:
    """What the names of zones begin with, in lower case."""
    return frozenset(folded.partition("/")[0] for folded in _names() if "/" in folded)


def _meant(word: str) -> str | None:
    names = _names()
    cities = [name for folded, name in names.items() if folded.rpartition("/")[2] == word]
    if cities:
        return min(cities, key=lambda name: ("/" not in name, name))
    close = get_close_matches(word, names, 1, 0.75)
    return names[close[0]] if close else None


_COMMON = frozenset(
    {
        *("acst", "aest", "awst", "bst", "cat", "cest", "cet", "cst", "edt", "eest", "eet", "est"),
        *("hst", "ist", "jst", "kst", "mdt", "met", "msk", "mst", "nzst", "pdt", "pst", "sast"),
        *("sgt", "wat", "west", "wet"),
    }
)
"""Abbreviations that are not in the database, too."""
