"""Names by Slack's ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Names = Callable[[str], str | None]


def nobody(_local: str) -> str | None:
    """Knows no name."""
    return None


@dataclass(frozen=True, slots=True)
class Lookups:
    """Names of people, channels (without `#`), user groups (without `@`) and workspaces."""

    people: Names = nobody
    rooms: Names = nobody
    groups: Names = nobody
    teams: Names = nobody
