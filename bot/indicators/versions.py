"""Since when something is known, to each audience: by those of its versions that this may see, and
that are marked no more strictly than it is now; what is said of it bears that marking.

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
from bot.sharing.marking import Marking

NEWEST = 8
"""Moments that are kept of one marking beside its first,"""
_MARKINGS = 16
"""and markings that one object had."""


class _Marked(msgspec.Struct, array_like=True, gc=False):
    """What one marking had: its number, when its first version came, and when the newest did."""

    marking: int
    first: int
    newest: list[int]
    said: int = 0
    until: int = 0
    """What the newest says and until when, as of `Version`;"""
    again: bool = False
    """and whether the one before it had said so."""


_read = msgspec.json.Decoder(list[_Marked]).decode
_encode = msgspec.json.Encoder().encode


class Version(msgspec.Struct, frozen=True, gc=False):
    """One version: the number of its marking, when it came, what it says as a digest, and until
    when that holds; 0 where it is news in any case.
    """

    marking: int
    at: int
    said: int = 0
    until: int = 0


def followed(past: str, before: Version, after: Version) -> str:
    """The versions of an object once another one came. `past`: the same before that, "" where it
    has had one, which is `before`.
    """
    had = _read(past) if past else [_begun(before)]
    own = next((each for each in had if each.marking == after.marking), None)
    others = [each for each in had if each is not own]
    own = _begun(after) if own is None else _again(own, after)
    return _encode([*others, own][-_MARKINGS:]).decode()


def _begun(version: Version) -> _Marked:
    return _Marked(version.marking, version.at, [version.at], version.said, version.until)


def _again(had: _Marked, after: Version) -> _Marked:
    newest = [*(each for each in had.newest if each != after.at), after.at][-NEWEST:]
    is_same = after.said != 0 and after.said == had.said and had.until > after.at
    return _Marked(had.marking, had.first, newest, after.said, after.until, is_same)


def since(asking: Asking, sight: Sight, past: str, first: int) -> int:
    """When the first version came that counts for an audience, which sees the newest one. `first`:
    when that one came, if there was no other (`past` is "").
    """
    if not past:
        return first
    had = _read(past)
    sight.learn(asking, [each.marking for each in had])
    own = sight.marked(had[-1].marking).marking
    return min(
        moment
        for each in had
        if _is_no_stricter(sight.marked(each.marking).marking, own)
        for moment in _seen(each, sight.opens(each.marking))
    )


def _is_no_stricter(one: Marking, other: Marking) -> bool:
    return one.label <= other.label and set(one.releasable) <= set(other.releasable)


def is_news(asking: Asking, sight: Sight, past: str) -> bool:
    """Whether the newest version says anything to an audience that sees it which the one before of
    that marking did not. Others count for nothing: it may see them or not.
    """
    if not past:
        return True
    own = _read(past)[-1]
    sight.learn(asking, [own.marking])
    opens = sight.opens(own.marking)
    return not own.again or opens is None or len(own.newest) < 2 or own.newest[-2] < opens


def _seen(had: _Marked, opens: int | None) -> list[int]:
    if opens is None:
        return []
    return [had.first] if opens == ALWAYS else [each for each in had.newest if each >= opens]
