"""The values that an object speaks of, as its row keeps them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.indicators.observable import Kind, Observable
from bot.indicators.things import Said, Thing

_encode = msgspec.json.Encoder().encode
_named = msgspec.json.Decoder(list[tuple[Kind, str, bool, int]]).decode


def values_of(thing: Thing) -> Iterable[Said]:
    """Each value once: what is said of it alone counts more than what is said of a part."""
    if len(thing.said) == 1:
        return thing.said
    found: dict[Observable, Said] = {}
    for said in thing.said:
        other = found.get(said.observable)
        if other is None:
            found[said.observable] = said
        elif other.part and not said.part:
            found[said.observable] = other._replace(part=False)
    return found.values()


def stored_values(thing: Thing) -> str:
    """The values that an object speaks of, as its row keeps them."""
    if not thing.said:
        return ""
    return _encode([(*value, part, file) for value, part, file in values_of(thing)]).decode()


def read_values(stored: str) -> list[Said]:
    """The same, read again."""
    if not stored:
        return []
    return [Said(Observable(kind, value), part, file) for kind, value, part, file in _named(stored)]
