"""A source of indicators, as the configuration describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.feeds.origin import Origin
from bot.indicators.observable import Kind

Form = Literal["stix", "taxii", "misp", "csv", "text"]


@dataclass(frozen=True, slots=True)
class Source(Origin):
    """`[feeds.NAME]` of indicators."""

    form: Form
    confidence: int | None = None
    """Of what names none of its own; None is unspecified, which is not 0."""
    ttl: timedelta | None = None
    """How long something holds after it was last said, where it does not say so itself."""
    collection: str = ""
    columns: Mapping[str, str | int] = field(default_factory=dict)
    """What stands in which column: by its name in the header, or by number from 0."""
    delimiter: str = ","
    comment: str = "#"
    kind: Kind | None = None
    """What all its values are, where they are all the same."""
