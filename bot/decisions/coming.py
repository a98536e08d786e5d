"""What is due in a channel: decisions whose time runs out, and what somebody is to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import numbering
from bot.custody.effective import Marked
from bot.decisions import proposals, tasks
from bot.decisions.proposals import State
from bot.store.tables.decisions import Decision


class Coming(NamedTuple):
    """Something that is due: what it is called, and until when. `task`: somebody is to do it."""

    name: str
    due: datetime
    marked: Marked
    owner: str = ""


def coming(session: Session, channels: Collection[str], until: datetime) -> Iterator[Coming]:
    """What is due until then, or was and is not done."""
    runs_out = (Decision.state == State.OPEN, Decision.expires <= until)
    found = select(Decision).where(*runs_out, Decision.channel.in_(channels))
    for row in session.execute(found.order_by(Decision.expires)).scalars():
        if row.expires is not None:
            name = numbering.shown(proposals.reference_of(session, row))
            yield Coming(name, row.expires, proposals.marked_as(row))
    for task in tasks.waiting(session):
        row_of = session.get(Decision, task.ref)
        if row_of is None or row_of.channel not in channels or task.due is None:
            continue
        if task.due <= until:
            name = numbering.shown(proposals.reference_of(session, row_of))
            name = f"{name}.{tasks.place_of(session, task)}"
            yield Coming(name, task.due, proposals.marked_as(row_of), task.owner)
