"""What people and sources report of values beside indicators: they saw it, or it is harmless."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.indicators.answers import Harmless, Sighting
from bot.indicators.hanging import Node
from bot.indicators.keys import value_key
from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.sources import MOVED, intern, micro
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey

_One = tuple[str | None, int, int | None, int | None, str]
"""Who, how often, from when until when, and where."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The sightings of some values and objects."""

    by_value: Mapping[Observable, list[_One]]
    by_object: Mapping[Node, list[_One]]

    def of(self, value: Observable, nodes: Sequence[Node]) -> tuple[Sighting, ...]:
        """Who saw a value, each named once: all sightings of it and of what speaks of it."""
        if not self.by_value and not self.by_object:
            return ()
        every = [*self.by_value.get(value, ())]
        for node in nodes:
            every += self.by_object.get(node, ())
        return _together(every)

    def span(self, node: Node, first: int, last: int) -> tuple[int, int]:
        """From when until when an object's value was seen, given what the object says."""
        for _, _, begun, ended, _ in self.by_object.get(node, ()):
            first = min(first, first if begun is None else begun)
            last = max(last, last if ended is None else ended)
        return first, last


def sightings(
    asking: Asking,
    sight: Sight,
    values: Sequence[Observable],
    nodes: Collection[Node],
    sources: Mapping[int, str],
) -> Seen:
    """The sightings of these values, and of these objects by their own source."""
    by_value: dict[Observable, list[_One]] = {}
    by_object: dict[Node, list[_One]] = {}
    keys = {value_key(value): value for value in values}
    rows = asking.each(_OF_VALUES, list(keys))
    others = asking.each(_OF_OBJECTS, list({key for key, _ in nodes})) if nodes else []
    sight.learn(asking, {row[-2] for row in (*rows, *others)})
    for key, team, times, first, last, place, marking, said in rows:
        if sight.sees(marking, said):
            by_value.setdefault(keys[key], []).append((team, times, first, last, place))
    for key, source, times, first, last, marking, said in others:
        if sight.sees(marking, said) and (key, source) in nodes:
            who = sight.marked(marking).originator or sources.get(source)
            by_object.setdefault((key, source), []).append((who, times, first, last, ""))
    return Seen(by_value, by_object)


def harmless(
    asking: Asking, sight: Sight, values: Sequence[Observable]
) -> dict[Observable, tuple[Harmless, ...]]:
    """Which teams say of which values that they are false positives."""
    keys = {value_key(value): value for value in values}
    rows = asking.each(_HARMLESS, list(keys))
    sight.learn(asking, {row[3] for row in rows})
    found: dict[Observable, list[Harmless]] = {}
    for key, team, note, marking, said in rows:
        if sight.sees(marking, said):
            found.setdefault(keys[key], []).append(Harmless(team, note))
    return {value: tuple(sorted(each)) for value, each in found.items()}


def saw(
    session: Session,
    value: Observable,
    team: TeamKey,
    marking: Marking,
    now: datetime,
    *,
    at: datetime | None = None,
    times: int = 1,
    place: str = "",
    anonymous: bool = False,
) -> None:
    """A team saw a value. Anonymously: then nothing that is kept says which team it was."""
    asking = Asking(session)
    number = intern(asking, marking, None if anonymous else team)
    moment = micro(at or now)
    who = None if anonymous else team
    row = (value_key(value), who, times, moment, moment, place, number, micro(now))
    asking.do(_SAW, row)
    asking.do(MOVED)


def call_harmless(
    session: Session, value: Observable, team: TeamKey, marking: Marking, note: str, now: datetime
) -> None:
    """A team says that a value is a false positive; saying it again replaces its note."""
    asking = Asking(session)
    number = intern(asking, marking, team)
    asking.do(_CALL_HARMLESS, (value_key(value), team, note, number, micro(now)))


def no_longer_harmless(session: Session, value: Observable, team: TeamKey) -> bool:
    """A team takes that back; False where it had not said it."""
    return Asking(session).do(_NO_LONGER, (value_key(value), team)) > 0


def _together(every: Iterable[_One]) -> tuple[Sighting, ...]:
    by_team: dict[str | None, Sighting] = {}
    for team, times, first, last, place in every:
        old, places = by_team.get(team), (place,) if place else ()
        if old is None:
            by_team[team] = Sighting(team, times, first, last, places)
        else:
            firsts = [each for each in (old.first, first) if each is not None]
            lasts = [each for each in (old.last, last) if each is not None]
            by_team[team] = Sighting(
                team, old.times + times, min(firsts, default=None), max(lasts, default=None),
                tuple(sorted({*old.places, *places})),
            )  # fmt: skip
    return tuple(sorted(by_team.values(), key=lambda each: (each.team is None, each.team or "")))


_OF_VALUES = (
    "SELECT key, team, times, first, last, place, marking, said FROM indicator_sighting "
    "WHERE key IN ({})"
)
_OF_OBJECTS = (
    "SELECT of, source, times, first, last, marking, said FROM indicator_sighting WHERE of IN ({})"
)
_HARMLESS = "SELECT key, team, note, marking, said FROM indicator_false_positive WHERE key IN ({})"
_SAW = (
    "INSERT INTO indicator_sighting (key, team, times, first, last, place, marking, said) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_CALL_HARMLESS = (
    "INSERT INTO indicator_false_positive (key, team, note, marking, said) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (key, team) DO UPDATE SET note = excluded.note, marking = excluded.marking, "
    "said = excluded.said"
)
_NO_LONGER = "DELETE FROM indicator_false_positive WHERE key = ? AND team = ?"
