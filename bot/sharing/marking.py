"""Markings: a label of the Traffic Light Protocol 2.0 (https://www.first.org/tlp/); for whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """A label of TLP 2.0. Comparing compares strictness: `Label.GREEN < Label.AMBER`."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"

    @property
    def rank(self) -> int:
        """0 for what everybody may read, and up to 4 for named persons only."""
        return _RANKS[self]

    def __lt__(self, other: str, /) -> bool:
        return self.rank < other.rank if isinstance(other, Label) else NotImplemented

    def __le__(self, other: str, /) -> bool:
        return self.rank <= other.rank if isinstance(other, Label) else NotImplemented

    def __gt__(self, other: str, /) -> bool:
        return self.rank > other.rank if isinstance(other, Label) else NotImplemented

    def __ge__(self, other: str, /) -> bool:
        return self.rank >= other.rank if isinstance(other, Label) else NotImplemented


_RANKS = {label: rank for rank, label in enumerate(Label)}


def parse_label(text: str) -> Label | None:
    """The label spelled exactly so; None for anything else, `TLP:WHITE` and lower case included.

    This is the strict form, for configurations. People's own ways of writing are another matter.
    """
    try:
        return Label(text)
    except ValueError:
        return None


Releasable = tuple[frozenset[str], ...]
"""Lists of teams, countries and groups, in lower case: a reader must be on each of them. No list
restricts nobody; an empty one admits the originator alone."""


@dataclass(frozen=True, slots=True)
class Marking:
    """How far something may go: a label and, if any, to whom it is releasable."""

    label: Label
    releasable: Releasable = ()

    def __str__(self) -> str:
        """As one writes it: `TLP:AMBER REL DEU, FRA`."""
        lists = [", ".join(sorted(each)).upper() for each in self.releasable]
        return " ".join([str(self.label), *(f"REL {each}".rstrip() for each in lists)])


def strictest(first: Marking, *others: Marking) -> Marking:
    """The most restrictive of several: the highest label, and every list of those releasable to.

    Several markings on one thing: the most restrictive holds (FIRST's TLP 2.0, usage).
    """
    every = (first, *others)
    lists = dict.fromkeys(names for each in every for names in each.releasable)
    return Marking(max(each.label for each in every), tuple(lists))
