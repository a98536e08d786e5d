"""What a team reports of a value, as something that can be released (see `bot.custody.releasing`):
that it saw it, that it is harmless.

All that a team has reported in one way of one value, and marked the same, is one thing. What was
reported anonymously is nobody's, and nobody releases it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from bot.custody.effective import Marked
from bot.custody.releasing import Released, Releaser, Thing
from bot.errors import UserError
from bot.events import Outgoing
from bot.indicators.handles import handle_of, key_of
from bot.indicators.keys import value_key
from bot.indicators.observable import Observable
from bot.indicators.offered import Offers
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.sources import MOVED, intern, micro
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey

Tell = Callable[[Marking], Sequence[Outgoing]]
"""What those are told who watch the value and may see the report by this marking."""


class Way(StrEnum):
    """What is reported: by the command that does it."""

    SIGHTING = "sighting"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Report:
    """What one team reports. `marking`: its number; `handle`: what people call it; `value`: where
    the one who asks has named it, since of a value its key alone is kept.
    """

    way: Way
    key: int
    marking: int
    handle: str
    said: int
    times: int
    marked: Marked
    value: Observable | None = None

    @property
    def told_by(self) -> str:
        """Whose it is, and what."""
        return f"{self.marked.originator}, {self.way}"

    @property
    def name(self) -> str:
        """As requests call it."""
        return f"{self.way}:{self.key}:{self.marking}"

    @property
    def state(self) -> str:
        """When it was said last."""
        return str(self.said)


def by_value(session: Session, sight: Sight, secret: bytes, value: Observable) -> list[Report]:
    """All that is reported of a value, as far as an audience sees it."""
    asking, key = Asking(session), value_key(value)
    return [each for way in Way for each in _seen(asking, sight, secret, way, key, value)]


def by_handle(session: Session, sight: Sight, secret: bytes, handle: str) -> list[Report]:
    """The one that has a handle, or none."""
    asking = Asking(session)
    found: list[Report] = []
    for label, lists, originator in asking.rows(_MARKINGS):
        for way in Way:
            key = key_of(secret, _source(way, label, lists, originator), handle)
            found += [] if key is None else _seen(asking, sight, secret, way, key)
    return [each for each in found if each.handle == handle]


def by_name(session: Session, sight: Sight, secret: bytes, name: str) -> Report | None:
    """What a request is about; None where it is there no more."""
    kind, *rest = name.split(":")
    if kind not in list(Way):
        return None
    every = _seen(Asking(session), sight, secret, Way(kind), int(rest[0]))
    return next((each for each in every if each.name == name), None)


def _seen(
    asking: Asking, sight: Sight, secret: bytes, way: Way, key: int,
    value: Observable | None = None,
) -> list[Report]:  # fmt: skip
    rows = asking.rows(_ROWS[way], (key,))
    sight.learn(asking, {row[0] for row in rows})
    return [
        Report(way, key, number, _handle(secret, way, key, row), said, int(times),
               sight.marked(number), value)
        for number, said, times, *row in rows
        if sight.sees(number, said)
    ]  # fmt: skip


def _handle(secret: bytes, way: Way, key: int, marking: Sequence[Any]) -> str:
    return handle_of(secret, _source(way, *marking), key)


def _source(way: Way, label: str, lists: str, originator: str) -> str:
    """What stands for a source's name in a handle; no source has such a one. Not the marking's
    number: that would tell how many there are.
    """
    return f"{way}\0{label}\0{lists}\0{originator}"


@dataclass(frozen=True, slots=True)
class Reports(Offers):
    """What teams report. `tell`: see `Tell`."""

    tell: Tell

    def release(
        self, session: Session, thing: Thing, marking: Marking, by: Releaser, now: datetime
    ) -> Released:
        """Mark it so from now on, and tell who watches."""
        del by
        asking, (way, key, old) = Asking(session), thing.name.split(":")
        originator = TeamKey(thing.originator or "")
        new, told = intern(asking, marking, originator), tuple(self.tell(marking))
        if not asking.do(_RELEASE[Way(way)], (new, micro(now), int(key), int(old))):
            raise UserError("I know of no such indicator.")
        asking.do(MOVED)
        return Released(told)


_MARKING = "m.label, m.releasable, m.originator"
_MARKINGS = "SELECT label, releasable, originator FROM indicator_marking WHERE originator <> ''"
_ROWS = {
    Way.SIGHTING: (
        f"SELECT s.marking, MAX(s.said), SUM(s.times), {_MARKING} FROM indicator_sighting s "  # noqa: S608  ours
        "JOIN indicator_marking m ON m.id = s.marking WHERE s.key = ? AND s.team IS NOT NULL "
        f"GROUP BY s.marking, {_MARKING} ORDER BY s.marking"
    ),
    Way.HARMLESS: (
        f"SELECT s.marking, s.said, 1, {_MARKING} FROM indicator_false_positive s "  # noqa: S608  ours
        "JOIN indicator_marking m ON m.id = s.marking WHERE s.key = ? ORDER BY s.marking"
    ),
}
_RELEASE = {
    Way.SIGHTING: (
        "UPDATE indicator_sighting SET marking = ?, said = ? "
        "WHERE key = ? AND marking = ? AND team IS NOT NULL"
    ),
    Way.HARMLESS: (
        "UPDATE indicator_false_positive SET marking = ?, said = ? WHERE key = ? AND marking = ?"
    ),
}
