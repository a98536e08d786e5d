"""Who says things: feeds, teams, what is imported by hand; and the markings of what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from bot.indicators.raw import Asking
from bot.sharing.marking import Label, Marking, Releasable, strictest
from bot.sharing.teams import TeamKey


class By(StrEnum):
    """What a source is."""

    FEED = "feed"
    TEAM = "team"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Source:
    """A source, and what holds of an object that does not say it itself.

    Its `marking` is its objects' default; its lists (`group` in the settings) bind every object.
    Who may see that default may know of the source. `ttl` in microseconds.
    """

    by: By
    name: str
    originator: TeamKey | None = None
    marking: Marking = Marking(Label.AMBER_STRICT)  # noqa: RUF009  frozen
    confidence: int | None = None
    ttl: int | None = None

    def marked(self, own: Marking | None) -> Marking:
        """The marking of an object that says this of itself."""
        if own is None:
            return self.marking
        return strictest(own, Marking(Label.CLEAR, self.marking.releasable))


def imported() -> Source:
    """What is imported by hand without saying whose it is: strict, and nobody's."""
    return Source(By.IMPORT, "import")


def of_the_team(team: TeamKey, marking: Marking) -> Source:
    """What a team says by itself."""
    return Source(By.TEAM, team, team, marking)


def enter(asking: Asking, source: Source) -> int:
    """The number of a source, which it gets when it is first met."""
    marking = intern(asking, source.marking, source.originator)
    defaults = (marking, source.confidence, source.ttl)
    found = asking.rows(_FIND, (source.by, source.name))
    if found and found[0][1:] == defaults:
        return int(found[0][0])
    asking.do(_ENTER, (source.by, source.name, *defaults))
    return int(asking.rows(_FIND, (source.by, source.name))[0][0])


def met(asking: Asking, source: Source) -> int | None:
    """The number of a source under whatever default it has; None where it was never met."""
    found = asking.rows(_FIND, (source.by, source.name))
    return int(found[0][0]) if found else None


def has_other_defaults(asking: Asking, source: Source) -> bool:
    """Whether what the source said was taken in under other defaults, or as another's."""
    rows = asking.rows(_DEFAULTS, (source.by, source.name))
    marking = (source.marking.label, stored_lists(source.marking.releasable))
    now = (*marking, source.originator or "", source.confidence, source.ttl)
    return bool(rows) and rows[0] != now


def salt(marking: int, confidence: int | None, ttl: int | None) -> int:
    """What the digests of a source's objects bear of its defaults, of its marking the number: with
    others each is looked at again.
    """
    mixed = 0
    for each in (ttl, confidence):
        mixed = (mixed + (0 if each is None else each + 1)) * _MIXING % (1 << 64)
    mixed = (mixed + marking) * _MIXING % (1 << 64)
    return mixed - (1 << 64) if mixed >> 63 else mixed


def intern(asking: Asking, marking: Marking, originator: TeamKey | None) -> int:
    """The number of a marking with whose it is."""
    values = (marking.label, stored_lists(marking.releasable), originator or "")
    found = asking.rows(_MARKED, values)
    if not found:
        asking.do(_INTERN, values)
        found = asking.rows(_MARKED, values)
    return int(found[0][0])


def stored_lists(releasable: Releasable) -> str:
    """The lists in one form, so that the same ones are the same marking; "" for none."""
    lists = sorted(sorted(each) for each in releasable)
    return msgspec.json.encode(lists).decode() if lists else ""


def was_read(asking: Asking, source: int, now: datetime, fault: str | None = None) -> None:
    """A source was read whole, or why it could not be."""
    at = micro(now)
    if fault is None:
        asking.do(_READ, (at, at, source))
    else:
        asking.do(_FAULT, (at, fault, source))
    asking.do(MOVED)


def micro(moment: datetime) -> int:
    """A moment as the store keeps it: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)

MOVED = "UPDATE indicator_tide SET epoch = epoch + 1 WHERE id = 1"
_MIXING = 0x9E3779B97F4A7C15
"""The golden ratio's digits, as Knuth has it."""
_DEFAULTS = (
    "SELECT m.label, m.releasable, m.originator, s.confidence, s.ttl FROM indicator_source s "
    "JOIN indicator_marking m ON m.id = s.marking WHERE s.kind = ? AND s.name = ?"
)
_FIND = "SELECT id, marking, confidence, ttl FROM indicator_source WHERE kind = ? AND name = ?"
_ENTER = (
    "INSERT INTO indicator_source (kind, name, marking, confidence, ttl) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, name) DO UPDATE SET marking = excluded.marking, "
    "confidence = excluded.confidence, ttl = excluded.ttl"
)
_MARKED = "SELECT id FROM indicator_marking WHERE label = ? AND releasable = ? AND originator = ?"
_INTERN = (
    "INSERT INTO indicator_marking (label, releasable, originator) VALUES (?, ?, ?) "
    "ON CONFLICT (label, releasable, originator) DO NOTHING"
)
_READ = "UPDATE indicator_source SET read = ?, tried = ?, fault = NULL WHERE id = ?"
_FAULT = "UPDATE indicator_source SET tried = ?, fault = ? WHERE id = ?"
