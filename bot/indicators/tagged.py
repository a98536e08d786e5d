"""Values by the tags of what speaks of them, for one audience: by an index, a page at a time."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.keys import tag_key
from bot.indicators.named import read_values
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import NEVER, Sight
from bot.indicators.sources import micro

MOST = 5_000
"""Objects that the audience sees, after which no more are looked at."""
_READ = 1_000
"""Rows that are looked at at once."""
_strings = msgspec.json.Decoder(tuple[str, ...]).decode


def tagged(session: Session, tag: str, sight: Sight, now: datetime) -> list[Observable]:
    """What bears a tag and holds now, as far as the audience may see it: each value once, what
    came last first. What it may not see takes the place of nothing.
    """
    asking, moment, before = Asking(session), micro(now), NEVER - 1
    seen: list[str] = []
    while len(seen) < MOST and (rows := asking.rows(_TAGGED, (tag_key(tag), before, _READ))):
        before = rows[-1][0]
        sight.learn(asking, {row[1] for row in rows})
        seen += [
            named
            for _, marking, said, until, named, labels in rows
            if sight.sees(marking, said)
            and (until is None or until > moment)
            and _bears(labels, tag)
        ]
    values = (each.observable for named in seen[:MOST] for each in read_values(named))
    return list(dict.fromkeys(values))


def _bears(labels: str, tag: str) -> bool:
    """Two tags may have one key: what the object names is what counts."""
    return tag.casefold() in {each.casefold() for each in _strings(labels)}


_TAGGED = (
    "SELECT o.id, o.marking, o.said, o.valid_until, o.named, o.labels FROM indicator_tag t "
    "JOIN indicator_object o ON o.id = t.object "
    "WHERE t.key = ? AND t.object < ? AND NOT o.revoked ORDER BY t.object DESC LIMIT ?"
)
