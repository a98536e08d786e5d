"""Counting at the far side: what was said, what is shown, and every difference. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Line(NamedTuple):
    """What a room shows of a message. Equal lines are told apart by their number and place."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What one room shows of the others, in order."""

    room: str
    lines: Sequence[Line]


def differences(
    said: Mapping[str, Sequence[Line]], shown: Iterable[Shown], sources: Mapping[str, str]
) -> list[str]:
    """What is missing, too many or out of order, in words; empty where all is well.

    `said`: for each room what people said there, in order. `sources`: each author's room.
    """
    faults: list[str] = []
    for view in shown:
        for room, lines in said.items():
            if room != view.room:
                here = [line for line in view.lines if sources.get(line.author) == room]
                faults += _compare(f"{room} in {view.room}", lines, here)
        strangers = [line.author for line in view.lines if line.author not in sources]
        faults += [f"{view.room} shows {author!r}, who said nothing" for author in strangers]
        echoed = [line for line in view.lines if sources.get(line.author) == view.room]
        faults += [f"{view.room} shows its own {line.text!r}" for line in echoed]
    return faults


def _compare(what: str, said: Sequence[Line], shown: Sequence[Line]) -> list[str]:
    missing, extra = Counter(said) - Counter(shown), Counter(shown) - Counter(said)
    faults = [
        f"{what}: {n} missing of {line.text!r} by {line.author}" for line, n in missing.items()
    ]
    faults += [
        f"{what}: {n} too many of {line.text!r} by {line.author}" for line, n in extra.items()
    ]
    if not faults and list(said) != list(shown):
        at = next(i for i, (a, b) in enumerate(zip(said, shown, strict=True)) if a != b)
        words = f"{said[at].text!r} expected, {shown[at].text!r} found"
        faults.append(f"{what}: out of order from the {at + 1}th: {words}")
    return faults
