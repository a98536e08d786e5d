"""What was searched, and how fresh it is: the sources that an audience may know of.

A feed is known to whoever may see its own marking, with the time when it was last read. Any other
source is known by what it says that the audience may see, and as fresh as the newest of that.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.indicators.answers import Searched
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.sources import By


@dataclass(frozen=True, slots=True)
class Fresh:
    """The sources as of one epoch; `names` of all of them, for those who see their objects."""

    epoch: int
    names: dict[int, str]
    searched: tuple[Searched, ...]


def fresh(asking: Asking, sight: Sight, now: int) -> Fresh:
    """What an audience may know of the sources; made anew only when anything has changed."""
    epoch = int(asking.rows(_EPOCH)[0][0])
    kept = sight.fresh
    if isinstance(kept, Fresh) and kept.epoch == epoch:
        return kept
    made = _made(asking, sight, epoch, now)
    sight.fresh = made
    return made


def _made(asking: Asking, sight: Sight, epoch: int, now: int) -> Fresh:
    sources, tallies = asking.rows(_SOURCES), asking.rows(_TALLIES)
    sight.learn(asking, {*(row[3] for row in sources), *(row[1] for row in tallies)})
    found = []
    for number, kind, name, marking, read in sources:
        if kind == By.FEED and sight.sees(marking, now):
            found.append(Searched(name, read))
            continue
        own = [each for source, each, objects in tallies if source == number and objects > 0]
        newest = max((_newest(asking, sight, number, each) for each in own), default=None)
        if newest is not None and newest > _NOTHING:
            found.append(Searched(name, newest))
    found.sort(key=lambda each: (each.source, each.fresh or 0))
    return Fresh(epoch, {row[0]: row[2] for row in sources}, tuple(found))


def _newest(asking: Asking, sight: Sight, source: int, marking: int) -> int:
    """When the newest was said that the audience may see."""
    opens = sight.opens(marking)
    rows = asking.rows(_NEWEST, (source, marking, opens)) if opens is not None else []
    return int(rows[0][0]) if rows else _NOTHING


_NOTHING = -(1 << 63)
_EPOCH = "SELECT epoch FROM indicator_tide WHERE id = 1"
_SOURCES = "SELECT id, kind, name, marking, read FROM indicator_source"
_TALLIES = "SELECT source, marking, objects FROM indicator_tally"
_NEWEST = (
    "SELECT said FROM indicator_object WHERE source = ? AND marking = ? AND said >= ? "
    "ORDER BY said DESC LIMIT 1"
)
