"""Values that several teams have seen, for one audience."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from bot.indicators.keys import value_key
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import NEVER, Sight
from bot.indicators.sources import micro
from bot.sharing.marking import Marking, strictest

TWO = 2
_MOST = 5_000
"""Values that were seen of late, after which no more are looked for."""
_READ = 1_000
"""Rows that are looked at at once."""


class Together(NamedTuple):
    """A value, the teams that saw it, and how all that says so is marked."""

    value: Observable
    teams: tuple[str, ...]
    marking: Marking


def seen_together(session: Session, sight: Sight, since: datetime, most: int) -> list[Together]:
    """What at least two teams have seen, one of them since then, what was seen last first; as far
    as the audience may know of the value and of each sighting. Who saw it anonymously counts for
    none.
    """
    asking = Asking(session)
    fresh = _fresh(asking, sight, micro(since))
    rows = asking.each(_SEEN, fresh)
    sight.learn(asking, {row[2] for row in rows})
    teams, marks = defaultdict[int, set[str]](set), defaultdict[int, list[Marking]](list)
    for key, team, marking, said in rows:
        if sight.sees(marking, said):
            teams[key].add(team)
            marks[key].append(sight.marked(marking).marking)
    keys = [key for key in fresh if len(teams[key]) >= TWO]
    values = _values(asking, sight, keys)
    return [
        Together(values[key][0], tuple(sorted(teams[key])), strictest(values[key][1], *marks[key]))
        for key in keys
        if key in values
    ][:most]


def _fresh(asking: Asking, sight: Sight, since: int) -> list[int]:
    """The keys of what was seen since then, as far as the audience sees that."""
    keys, before = dict[int, None](), NEVER - 1
    while len(keys) < _MOST and (rows := asking.rows(_SINCE, (since, before, _READ))):
        before = rows[-1][0]
        sight.learn(asking, {row[2] for row in rows})
        keys |= dict.fromkeys(key for _, key, marking, said in rows if sight.sees(marking, said))
    return list(keys)[:_MOST]


def _values(asking: Asking, sight: Sight, keys: list[int]) -> dict[int, tuple[Observable, Marking]]:
    """What the keys stand for, by what may be seen of those who speak of them."""
    found: dict[int, tuple[Observable, Marking]] = {}
    rows = asking.each(_NAMED, keys)
    sight.learn(asking, {row[1] for row in rows})
    for key, marking, said, named in rows:
        if key in found or not sight.sees(marking, said):
            continue
        for each in read_values(named):
            if value_key(each.observable) == key:
                found[key] = each.observable, sight.marked(marking).marking
    return found


_SINCE = (
    "SELECT id, key, marking, said FROM indicator_sighting "
    "WHERE said > ? AND id < ? AND key IS NOT NULL AND team IS NOT NULL ORDER BY id DESC LIMIT ?"
)
_SEEN = (
    "SELECT key, team, marking, said FROM indicator_sighting WHERE key IN ({}) AND team IS NOT NULL"
)
_NAMED = (
    "SELECT s.key, o.marking, o.said, o.named FROM indicator_statement s "
    "JOIN indicator_object o ON o.id = s.object WHERE s.key IN ({}) AND NOT o.revoked"
)
