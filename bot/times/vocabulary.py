"""The words for times that people type, in English and French, and how a text is folded for them.

French `mar.` for mardi is missing: it is March. No word here means two things.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", ",": " ", ";": " "})
_LONGEST = 120
"""Characters of a text that are looked at: no time is longer."""


def folded(typed: str) -> str:
    """A text in lower case, without accents, with single spaces and no commas."""
    plain = unicodedata.normalize("NFKD", typed[:_LONGEST].translate(_APOSTROPHES))
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(unicodedata.normalize("NFKC", kept).casefold().split())


def _table(*rows: str, first: int = 0) -> Mapping[str, int]:
    """Each row's words, with the row's number."""
    return {word: number for number, row in enumerate(rows, first) for word in row.split()}


WEEKDAYS = _table(
    "monday mondays mon lundi lundis lun",
    "tuesday tuesdays tue tues mardi mardis",
    "wednesday wednesdays wed mercredi mercredis mer",
    "thursday thursdays thu thur thurs jeudi jeudis jeu",
    "friday fridays fri vendredi vendredis ven",
    "saturday saturdays sat samedi samedis sam",
    "sunday sundays sun dimanche dimanches dim",
)
"""As of `datetime.date.weekday`."""
MONTHS = _table(
    "january jan janvier janv",
    "february feb fevrier fevr fev",
    "march mar mars",
    "april apr avril avr",
    "may mai",
    "june jun juin",
    "july jul juillet juil",
    "august aug aout",
    "september sep sept septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec decembre",
    first=1,
)
NEAR_DAYS: Mapping[str, int] = {
    "today": 0, "aujourd'hui": 0, "tomorrow": 1, "demain": 1, "apres-demain": 2,
    "yesterday": -1, "hier": -1,
}  # fmt: skip
UNITS: Mapping[str, int] = {
    word: seconds
    for seconds, row in (
        (1, "s sec secs second seconds seconde secondes"),
        (60, "m mn min mins minute minutes"),
        (3_600, "h hr hrs hour hours heure heures"),
        (86_400, "d day days j jour jours"),
        (604_800, "w week weeks semaine semaines"),
    )
    for word in row.split()
}
"""In seconds."""
ORDINALS: Mapping[str, int] = {
    "first": 1, "premier": 1, "premiere": 1, "premiers": 1, "1er": 1,
    "second": 2, "deuxieme": 2, "third": 3, "troisieme": 3, "fourth": 4, "quatrieme": 4,
    "last": -1, "dernier": -1, "derniere": -1, "derniers": -1,
}  # fmt: skip
NUMBERED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|e|eme)")
"""An ordinal in figures."""
