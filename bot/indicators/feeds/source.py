"""A source of indicators, as the configuration describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.feeds.origin import Secrets
from bot.indicators.observable import Kind
from bot.sharing.marking import Label, Marking

DEFAULT = Marking(Label.AMBER_STRICT)
Form = Literal["stix", "taxii", "misp", "csv", "text"]


@dataclass(frozen=True, slots=True)
class Source:
    """`[feeds.NAME]`. `url` or `path`; `every`: a duration, or a crontab."""

    name: str
    form: Form
    url: str = ""
    path: Path | None = None
    every: timedelta | str = timedelta(hours=1)
    marking: Marking = DEFAULT
    """Of what names none of its own."""
    originator: str | None = None
    confidence: int | None = None
    """Of what names none of its own; None is unspecified, which is not 0."""
    ttl: timedelta | None = None
    """How long something holds after it was last said, where it does not say so itself."""
    secrets: Secrets = field(default_factory=Secrets)
    ca_file: str | None = None
    internal: tuple[str, ...] = ()
    """Hosts and networks inside that it may lead to."""
    collection: str = ""
    columns: Mapping[str, str | int] = field(default_factory=dict)
    """What stands in which column: by its name in the header, or by number from 0."""
    delimiter: str = ","
    comment: str = "#"
    kind: Kind | None = None
    """What all its values are, where they are all the same."""
    owner: str | None = None
    """Who is told of its troubles, as `slack:alpha/U1`."""
