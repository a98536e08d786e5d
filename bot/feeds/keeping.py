"""How feeds stand, in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.feeds.standing import Standing, seconds
from bot.store.tables import Memory

KEPT_AS = "feeds"
"""The account under which a source's standing is kept in `Memory`."""
_decode = msgspec.json.Decoder(Standing).decode

Guard = Callable[[Session], None]
"""Fails a unit of work that is no longer ours."""


def unguarded(_session: Session) -> None:
    """For the command line, where nobody else is relied on."""


def standings(session: Session, names: Iterable[str]) -> dict[str, Standing]:
    """How sources stand; one that was never read, or of which nobody can read it, at nothing."""
    found = {}
    for name in names:
        row = session.get(Memory, (KEPT_AS, name))
        try:
            found[name] = Standing() if row is None else _decode(row.value)
        except msgspec.MsgspecError:
            found[name] = Standing()
    return found


def keep(session: Session, name: str, standing: Standing) -> None:
    """Write down how a source stands."""
    value = msgspec.json.encode(standing).decode()
    session.merge(Memory(account=KEPT_AS, key=name, value=value))


def due(standing: Mapping[str, Standing], now: datetime) -> list[str]:
    """The sources to be read now, the longest waiting first."""
    found = [name for name, each in standing.items() if each.due <= seconds(now)]
    return sorted(found, key=lambda name: (standing[name].due, name))
