"""The labels of the Traffic Light Protocol 2.0 and their order (https://www.first.org/tlp/)."""

from __future__ import annotations

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
