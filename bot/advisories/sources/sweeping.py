"""What is long gone from its feed is kept no longer.

What was told of it stays known by its names (`bot.store.tables.sources.StoryName`), so that it is
told no second time where it comes back; for as long again as it was kept itself. A feed that is
down says nothing of what it has, and so nothing of it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from bot.advisories.sources.shelf import CVE, NEWS, State
from bot.feeds import keeping as feeds
from bot.feeds.standing import seconds
from bot.store.tables import Posting, Reference
from bot.store.tables.sources import SourceItem, SourceName, Story, StoryName

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
    _note_left(session, rows, before)
    session.execute(delete(SourceName).where(SourceName.item.in_(rows)))
    session.execute(delete(SourceItem).where(SourceItem.id.in_(rows)))
    return len(rows)


def sweep_stories(session: Session, before: datetime) -> int:
    """Forget what was told before a moment, of what no feed has any more and none had after it; how
    many, `MOST` at a time.
    """
    held = (
        select(StoryName.id)
        .where(StoryName.ref == Story.ref)
        .where(
            exists().where(SourceItem.identity == StoryName.name)
            | exists().where(SourceName.name == func.substr(StoryName.name, len(CVE) + 1))
        )
    )
    made = exists().where(SourceItem.story == Story.ref)
    found = select(Story.ref).where(Story.at < before, ~made, ~held.exists()).limit(MOST)
    refs = session.execute(found).scalars().all()
    session.execute(delete(StoryName).where(StoryName.ref.in_(refs)))
    session.execute(delete(Story).where(Story.ref.in_(refs)))
    news = select(Reference.handle).where(Reference.handle.in_(refs), Reference.kind == NEWS)
    posted = session.execute(news).scalars().all()  # a draft is an advisory's own
    session.execute(delete(Posting).where(Posting.ref.in_(posted)))
    session.execute(delete(Reference).where(Reference.handle.in_(posted)))
    return len(refs)


def _note_left(session: Session, rows: Sequence[int], before: datetime) -> None:
    """What was told of these items counts from when the feed had them last."""
    named = select(SourceItem.identity).where(SourceItem.id.in_(rows))
    cves = select(SourceName.name).where(SourceName.item.in_(rows)).distinct()
    names = [*session.execute(named).scalars()]
    names += [f"{CVE}{each}" for each in session.execute(cves).scalars()]
    for start in range(0, len(names), MOST):
        some = StoryName.name.in_(names[start : start + MOST])
        told = Story.ref.in_(select(StoryName.ref).where(some))
        session.execute(update(Story).where(told, Story.at < before).values(at=before))


def _left(session: Session, kept: Collection[str], before: datetime) -> list[str]:
    """The feeds that are in the settings no more and were read last before a moment."""
    names = session.execute(select(SourceItem.feed).distinct()).scalars()
    others = [each for each in names if each not in kept]
    stand = feeds.standings(session, others)
    return [each for each in others if stand[each].good < seconds(before)]
