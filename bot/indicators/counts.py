"""What became of the objects of one reading: each is counted once among the first five."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """How many were new, replaced an older version, are as they were, came late (what is stored is
    newer, or revoked for good), or were set aside. Of those that were taken in: how many revoke,
    contradict another source's object of that id, or could not be indexed.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    late: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    revoked: int = 0
    rival: int = 0
    opaque: int = 0
    withdrawn: int = 0
    """Stored ones of which a newer version may not be kept."""

    @property
    def total(self) -> int:
        """How many objects were given."""
        aside = self.quarantined.total()
        return self.new + self.updated + self.unchanged + self.late + aside

    def add(self, other: Counts) -> None:
        """Count what was counted elsewhere."""
        for name in self.__slots__:
            if name == "quarantined":
                self.quarantined += other.quarantined
            else:
                setattr(self, name, getattr(self, name) + getattr(other, name))
