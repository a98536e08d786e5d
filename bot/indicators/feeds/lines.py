"""A row of a list as a thing: with an id of its own, and an end if it is not listed any more.

A list does not say what it has dropped. So each row is taken over with an end, and told anew with a
later one while it is still listed: four times in its time to live, so that most polls change
nothing. What disappears ends by itself, one to one and a quarter times its `ttl` after it was seen
last.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from bot.indicators.observable import Observable
from bot.indicators.things import Said, Thing
from bot.sharing.marking import Marking

TTL = timedelta(days=30)
"""How long a row holds that is not listed any more, where its feed's table says nothing."""
_SPACE = uuid.UUID("4f2f2c38-7d8f-5a0e-9d2b-0c6f2a3b7e51")
_MICROSECOND = timedelta(microseconds=1)
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Row:
    """What a list says of a value, besides naming it."""

    value: Observable
    written: Mapping[str, str]
    """Its columns, as they stand there."""
    marking: Marking | None = None
    confidence: int | None = None
    labels: tuple[str, ...] = ()
    name: str = ""
    first: int | None = None
    """When it was first seen, in microseconds since 1970."""


class Rows:
    """Makes things of the rows of one list, as read at one moment."""

    def __init__(self, feed: str, ttl: timedelta | None, now: datetime) -> None:
        self._feed = feed
        whole = (ttl or TTL) // _MICROSECOND
        quarter = max(whole // 4, 1)
        self._until = micro(now) // quarter * quarter + quarter + whole

    def id_of(self, value: Observable) -> str:
        """The id of the row of a value."""
        key = uuid.uuid5(_SPACE, f"{self._feed}\n{value.kind}:{value.value}")
        return f"line--{key}"

    def thing(self, row: Row) -> Thing:
        """The same at every poll, until its end has to be moved."""
        kind, value = row.value
        raw = {"type": kind.value, "value": value, "row": row.written, "until": self._until}
        return Thing(
            id=self.id_of(row.value),
            kind="line",
            raw=_encode(raw),
            marking=row.marking,
            name=row.name,
            confidence=row.confidence,
            labels=row.labels,
            valid_from=row.first,
            valid_until=self._until,
            said=(Said(row.value),),
        )


def micro(moment: datetime) -> int:
    """A moment in microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
