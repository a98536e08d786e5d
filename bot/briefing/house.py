"""What a digest asks of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.advisories.house import House as Advising


class House(Advising, Protocol):
    """As of advisories, and which channels there are."""

    def channels(self) -> Mapping[str, object]:
        """Every configured channel by its name."""
