"""Whose turn it is in a rota. Pure: when it began and the clock are arguments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise

from bot.errors import UserError
from bot.times.recurring import upcoming
from bot.times.schedules import read_schedule

_SHORTEST = timedelta(hours=3)
"""Between two hand-overs: shifts of four hours, on the night on which clocks are set ahead."""
_LOOKED_AT = 50
"""Hand-overs that are looked at for that."""


def check_turns(said: str, zone: tzinfo, since: datetime) -> None:
    """Raise UserError where a rota would hand over too often, or never."""
    coming = list(islice(upcoming(read_schedule(said, zone, since), since), _LOOKED_AT))
    if not coming:
        raise UserError("That never comes: say when one hands over to the next.")
    if any(after - before < _SHORTEST for before, after in pairwise(coming)):
        raise UserError("A rota hands over every four hours at most.")


def turn(said: str, zone: tzinfo, since: datetime, now: datetime, people: int) -> int:
    """Who is on duty, as a place in the list: the first until the first hand-over."""
    return _passed(said, zone, since, now.replace(minute=0, second=0, microsecond=0), now) % people


def next_turn(said: str, zone: tzinfo, since: datetime, now: datetime) -> datetime | None:
    """When the next hand-over is."""
    return next(upcoming(read_schedule(said, zone, since), max(since, now)), None)


def order(first: int, people: Sequence[str]) -> list[str]:
    """The list, beginning with whose turn it is."""
    return [*people[first:], *people[:first]]


def _passed(said: str, zone: tzinfo, since: datetime, hour: datetime, now: datetime) -> int:
    """How many hand-overs there were; those before this hour are counted once an hour."""
    before = _counted(said, zone, since, hour)
    return before + _count(said, zone, since, max(hour, since), now)


@lru_cache(maxsize=256)
def _counted(said: str, zone: tzinfo, since: datetime, hour: datetime) -> int:
    return 0 if hour <= since else _count(said, zone, since, since, hour)


def _count(said: str, zone: tzinfo, since: datetime, after: datetime, until: datetime) -> int:
    number = 0
    for each in upcoming(read_schedule(said, zone, since), after):
        if each > until:
            break
        number += 1
    return number
