"""What objects of every type but the commonest say: sightings, observables, actors, reports …"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.indicators.stix import cyber
from bot.indicators.stix.patterns.kinds import Normal, kinds_of, read_value
from bot.indicators.stix.reasons import Note
from bot.indicators.stix.times import microseconds
from bot.indicators.things import Link, Said, Seen

MOST_LINKS = 20_000
"""References of one object that are followed: a report may name thousands."""
_MARKINGS = frozenset({"object_marking_refs"})


@dataclass(slots=True)
class Told:
    """What an object tells beside what all have."""

    said: tuple[Said, ...] = ()
    links: tuple[Link, ...] = ()
    seen: Seen | None = None
    notes: tuple[str, ...] = ()


def told_by(of: Mapping[str, Any], normal: Normal) -> Told:
    """What an object tells, by its type; of an unknown one, what it refers to."""
    told = Told(links=tuple(_links(of)))
    type_ = of.get("type")
    if type_ == "sighting":
        told.seen = _seen(of)
    elif type_ in cyber.TYPES or type_ == "observed-data":
        by = cyber.observed if type_ == "observed-data" else cyber.said_by
        found = [each for _, each in zip(range(cyber.MOST), by(of, normal), strict=False)]
        told.said = tuple(dict.fromkeys(each for each in found if each is not None))
        told.notes = (Note.VALUE,) if None in found else ()
    elif type_ == "vulnerability" and isinstance(name := of.get("name"), str):
        value = read_value(kinds_of("vulnerability", ("name",)), name, normal)
        told.said = () if value is None else (Said(value),)
    return told


def _links(of: Mapping[str, Any]) -> Iterator[Link]:
    """What it refers to: `created_by_ref`, `object_refs` …; of a sighting, also what was seen."""
    own, left = str(of["id"]), MOST_LINKS
    for key, value in of.items():
        if key.endswith("_ref"):
            kind, targets = key[:-4], [value]
        elif key.endswith("_refs") and isinstance(value, list) and key not in _MARKINGS:
            kind, targets = key[:-5], value
        else:
            continue
        for target in targets[:left]:
            if isinstance(target, str) and "--" in target:
                left -= 1
                yield Link(kind, own, target)


def _seen(of: Mapping[str, Any]) -> Seen | None:
    """Of a sighting; one that does not say how often was seen once."""
    what, count = of.get("sighting_of_ref"), of.get("count", 1)
    if not isinstance(what, str):
        return None
    times = count if type(count) is int and 0 <= count <= 999_999_999 else 1
    return Seen(what, times, _time(of.get("first_seen")), _time(of.get("last_seen")))


def _time(value: Any) -> int | None:
    return microseconds(value) if isinstance(value, str) else None
