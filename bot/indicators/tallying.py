"""How much a source says at each marking, counted along with what is taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.indicators.adding import Fresh, Old
from bot.indicators.raw import Asking

_INDICATOR = "indicator"


def tally(asking: Asking, number: int, fresh: Iterable[Fresh], gone: Iterable[Old]) -> bool:
    """Count what comes and what goes; whether anything does. `number`: the source's own."""
    counted = Counter([(each.marking, each.ready.kind == _INDICATOR) for each in fresh])
    counted.subtract((old.marking, old.kind == _INDICATOR) for old in gone)
    rows: dict[int, list[int]] = {}
    for (marking, is_indicator), some in counted.items():
        row = rows.setdefault(marking, [0, 0])
        row[0] += some
        row[1] += some if is_indicator else 0
    asking.do_each(_TALLY, [(number, marking, *row) for marking, row in rows.items()])
    return bool(rows)


_TALLY = (
    "INSERT INTO indicator_tally (source, marking, objects, indicators) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (source, marking) DO UPDATE SET "
    "objects = indicator_tally.objects + excluded.objects, "
    "indicators = indicator_tally.indicators + excluded.indicators"
)
