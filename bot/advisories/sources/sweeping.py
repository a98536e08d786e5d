"""What is long gone from its feed is kept no longer.

What was told of it stays known by its names (`bot.store.tables.sources.StoryName`), so that it is
told no second time where it comes back. A feed that is down says nothing of what it has, and so
nothing of it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.advisories.sources.shelf import State
from bot.feeds import keeping as feeds
from bot.feeds.standing import seconds
from bot.store.tables.sources import SourceItem, SourceName

MOST = 500
"""Rows of one unit of work."""


class Moved(NamedTuple):
    """The rows of what a feed has no more, and of what it has again."""

    gone: Sequence[int] = ()
    back: Sequence[int] = ()


NONE = Moved()


def moved(session: Session, feed: str, there: Collection[str]) -> Moved:
    """What has gone from a feed that was read whole, and what has come back."""
    columns = select(SourceItem.id, SourceItem.place, SourceItem.gone)
    rows = session.execute(columns.where(SourceItem.feed == feed)).all()
    gone = [row.id for row in rows if row.gone is None and row.place not in there]
    back = [row.id for row in rows if row.gone is not None and row.place in there]
    return Moved(gone, back)


def note(session: Session, found: Moved, now: datetime) -> None:
    """Write down since when it is gone, or that it is there."""
    for rows, moment in ((found.gone, now), (found.back, None)):
        for start in range(0, len(rows), MOST):
            some = SourceItem.id.in_(rows[start : start + MOST])
            session.execute(update(SourceItem).where(some).values(gone=moment))


def sweep(session: Session, kept: Collection[str], before: datetime) -> int:
    """Forget what has been gone since before a moment, and what feeds that are not `kept` in the
    settings gave until then; how many, `MOST` at a time.
    """
    old = (SourceItem.gone < before) & (SourceItem.state == State.TOLD)
    left = SourceItem.feed.in_(_left(session, kept, before))
    found = select(SourceItem.id).where(old | left).limit(MOST)
    rows = session.execute(found).scalars().all()
    session.execute(delete(SourceName).where(SourceName.item.in_(rows)))
    session.execute(delete(SourceItem).where(SourceItem.id.in_(rows)))
    return len(rows)


def _left(session: Session, kept: Collection[str], before: datetime) -> list[str]:
    """The feeds that are in the settings no more and were read last before a moment."""
    names = session.execute(select(SourceItem.feed).distinct()).scalars()
    others = [each for each in names if each not in kept]
    stand = feeds.standings(session, others)
    return [each for each in others if stand[each].good < seconds(before)]
