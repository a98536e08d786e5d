"""A feed of advisories, as the configuration describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bot.advisories.sources.filters import Filter
from bot.feeds.origin import Origin
from bot.sharing.marking import Label, Marking

Form = Literal["csaf", "kev", "rss"]


@dataclass(frozen=True, slots=True)
class Sending:
    """`post`: where its items go, and as what. `flood`: more in a day than that are one list."""

    channels: tuple[str, ...] = ()
    as_draft: bool = True
    only: Filter = field(default_factory=Filter)
    flood: int = 20


@dataclass(frozen=True, slots=True)
class Feed(Origin):
    """`[feeds.NAME]` of advisories. The list of `marking` admits to all that it brings."""

    form: Form
    group: str | None = None
    """Who is admitted to all that it brings, as it is spelled."""
    sending: Sending = field(default_factory=Sending)

    def marking_of(self, label: Label | None) -> Marking:
        """Of an item that bears this label: what it says of itself is never lowered."""
        return Marking(self.marking.label if label is None else label, self.marking.releasable)
