"""Stretches of files that were taken in whole: what comes again as it was is not taken apart.

They are a source's, and hold until anything of that source is replaced or withdrawn; what is only
added to it changes nothing of what is in already.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bot.indicators.raw import Asking
from bot.indicators.sources import Source, has_other_defaults
from bot.indicators.stix.pieces import Stretch

MOST = 100_000
"""Of one source, each of a megabyte: more are not remembered."""


def remembered(session: Session, source: Source) -> dict[bytes, int]:
    """How many objects are in each stretch of a source; none where its defaults are others now."""
    asking = Asking(session)
    if has_other_defaults(asking, source):
        return {}
    rows = asking.rows(_REMEMBERED, (source.by, source.name))
    return {bytes(digest): objects for digest, objects in rows}


def remember(asking: Asking, number: int, stretches: Iterable[Stretch]) -> None:
    """All that is in them is in the store, and can be found; `number`: the source's own."""
    (held,) = asking.rows(_HELD, (number,))[0]
    some = list(stretches)[: max(0, MOST - held)]
    asking.do_each(_REMEMBER, [(number, each.digest, each.objects) for each in some])


def forget(asking: Asking, number: int) -> None:
    """Something of a source is no longer as it came: anything may come anew."""
    asking.do("DELETE FROM indicator_stretch WHERE source = ?", (number,))


_REMEMBERED = (
    "SELECT t.digest, t.objects FROM indicator_stretch t "
    "JOIN indicator_source s ON s.id = t.source WHERE s.kind = ? AND s.name = ?"
)
_HELD = "SELECT count(*) FROM indicator_stretch WHERE source = ?"
_REMEMBER = (
    "INSERT INTO indicator_stretch (source, digest, objects) VALUES (?, ?, ?) "
    "ON CONFLICT (source, digest) DO NOTHING"
)
