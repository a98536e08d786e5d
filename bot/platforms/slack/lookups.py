"""Names by Slack's ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.events import Standing

Names = Callable[[str], str | None]


def nobody(_local: str) -> str | None:
    """Knows no name."""
    return None


def nowhere(_local: str) -> Standing:
    """Knows nobody's standing."""
    return Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class Lookups:
    """Names of people, channels (without `#`), user groups (without `@`) and workspaces."""

    people: Names = nobody
    rooms: Names = nobody
    groups: Names = nobody
    teams: Names = nobody
    standing: Callable[[str], Standing] = nowhere
    """What a person is in the workspace."""
    pictures: Names = nobody
    """The handles of people's pictures."""
