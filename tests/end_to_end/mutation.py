"""Spoiling a payload by chance: a field gone, of another type, too deep, too long. Pure."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

_OTHERS: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    "x" * 5000,
    "\x00",
    "\ud800",
    "\u202e",
    [],
    {},
    [[[]]],
    {"type": "message"},
    "event_callback",
)


def mutated(payload: Any, random: Random) -> Any:
    """A copy of a JSON value, spoiled in one to three places."""
    whole = [copy.deepcopy(payload)]  # so that all of it has a place too
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice(_places(whole))
        match random.randrange(5):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1:
                holder[key] = [holder[key]]
            case 2 if isinstance(holder, dict):
                holder[f"{key}é"] = holder.pop(key)
            case 3:
                holder[key] = _deep(random.randint(1, 200))
            case _:
                holder[key] = copy.deepcopy(random.choice(_OTHERS))
    return whole[0]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a value."""
    found: list[tuple[Any, Any]] = []
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in list(inside):
        found.append((value, key))
        if isinstance(held, dict | list):
            found += _places(held)
    return found


def _deep(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = {"x": value}
    return value
