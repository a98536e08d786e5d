"""Since when something is known, to each audience: by those of its versions that this may see.

Of an object its newest version is kept. What it was said by before, and hidden from some, must not
tell them that it was there: the moments of its versions are kept by their markings. Whoever sees a
marking at any time counts from its first version; who sees it only from some moment on (they came
into a group, or into a room) from the first of the newest few that they may see. As what is hidden
from them came before all that is not, these are the same ones with and without it.
"""

from __future__ import annotations

import msgspec

from bot.indicators.raw import Asking
from bot.indicators.sight import ALWAYS, Sight

NEWEST = 8
"""Moments that are kept of one marking beside its first,"""
_MARKINGS = 16
"""and markings that one object had."""


class _Marked(msgspec.Struct, array_like=True):
    """What one marking had: its number, when its first version came, and when the newest did."""

    marking: int
    first: int
    newest: list[int]


_read = msgspec.json.Decoder(list[_Marked]).decode
_encode = msgspec.json.Encoder().encode


def followed(past: str, before: tuple[int, int], after: tuple[int, int]) -> str:
    """The versions of an object once another one came. `past`: the same before that, "" where it
    has had one; then that is `before`, its marking and when it came. `after`: those of the new one.
    """
    marking, now = after
    had = _read(past) if past else [_Marked(before[0], before[1], [before[1]])]
    own = next((each for each in had if each.marking == marking), _Marked(marking, now, []))
    own.newest = [*(each for each in own.newest if each != now), now][-NEWEST:]
    others = [each for each in had if each.marking != marking]
    return _encode([*others, own][-_MARKINGS:]).decode()


def since(asking: Asking, sight: Sight, past: str, first: int) -> int:
    """When the first version came that an audience may see, which sees the newest one. `first`:
    when that one came, if there was no other (`past` is "").
    """
    if not past:
        return first
    had = _read(past)
    sight.learn(asking, [each.marking for each in had])
    return min(moment for each in had for moment in _seen(each, sight.opens(each.marking)))


def _seen(had: _Marked, opens: int | None) -> list[int]:
    if opens is None:
        return []
    return [had.first] if opens == ALWAYS else [each for each in had.newest if each >= opens]
