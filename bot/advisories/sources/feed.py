"""A feed of advisories, as the configuration describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.advisories.sources.filters import Filter
from bot.feeds.origin import Secrets
from bot.sharing.marking import Label, Marking

Form = Literal["csaf", "kev", "rss"]
DEFAULT = Marking(Label.AMBER_STRICT)


@dataclass(frozen=True, slots=True)
class Sending:
    """`post`: where its items go, and as what. `flood`: more in a day than that are one list."""

    channels: tuple[str, ...] = ()
    as_draft: bool = True
    only: Filter = field(default_factory=Filter)
    flood: int = 20


@dataclass(frozen=True, slots=True)
class Feed:
    """`[feeds.NAME]`. `url` or `path`; `every`: a duration, or a crontab."""

    name: str
    form: Form
    url: str = ""
    path: Path | None = None
    every: timedelta | str = timedelta(hours=1)
    marking: Marking = DEFAULT
    """Of what bears no label; its list admits to all that it brings."""
    group: str | None = None
    """Who is admitted to all that it brings, as it is spelled."""
    originator: str | None = None
    secrets: Secrets = field(default_factory=Secrets)
    ca_file: str | None = None
    internal: tuple[str, ...] = ()
    owner: str | None = None
    sending: Sending = field(default_factory=Sending)

    def marking_of(self, label: Label | None) -> Marking:
        """Of an item that bears this label: what it says of itself is never lowered."""
        return Marking(self.marking.label if label is None else label, self.marking.releasable)
