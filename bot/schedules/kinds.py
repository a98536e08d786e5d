"""The kinds of things that happen at a time, and what their handlers are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy.orm import Session

from bot.events import Outgoing, PersonId, RoomId


class Late(StrEnum):
    """What becomes of an occurrence that was missed, because nothing ran or it failed for long."""

    POST = "post"
    """It is carried out once, marked late; of several that were missed only the last."""
    SKIP = "skip"


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a person can be told something privately: see `bot.events.Answer`."""

    room: RoomId
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """An occurrence that is due. `instant` is its own, in UTC; `late`: it was missed, and what is
    posted has to say so. `marking` as it was given to `keeping.begin`.
    """

    handle: str
    object: str
    instant: datetime
    zone: str
    late: bool
    by: PersonId
    team: str | None
    channel: str | None
    marking: str | None


Handler = Callable[[Session, Due, datetime], Sequence[Outgoing]]
"""Decides what leaves for an occurrence, and writes what belongs to it, in one transaction with
the mark that it has been. It may be called again where that transaction fails: it does nothing
else. If it raises, its owner is told and it is tried again.
"""
Kinds = Mapping[str, Handler]
