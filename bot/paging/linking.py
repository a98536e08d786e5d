"""Where an alert leads: to the message itself where that has landed, else to its room."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.events import MessageId, RoomId
from bot.paging.house import House
from bot.store.tables import OPEN, Outbox, Posting, Roster, State
from bot.store.tables.paging import Page

HEAD = "head"
"""Of what a page is about, the post that is kept up to date (see `bot.custody.posting`)."""


def link_of(session: Session, house: House, page: Page) -> str | None:
    """By what address people open what a page is about, or the word of it in the team's own room;
    until that stands there, the room.
    """
    landed = [each for each in _posts(session, page) if each.state == State.DELIVERED]
    links = (house.link_to_message(RoomId(each.room), MessageId(each.landed)) for each in landed)
    return next(filter(None, links), page.link)


def is_awaited(session: Session, page: Page) -> bool:
    """Whether there is a message to lead to soon, and none that an alert could lead to now."""
    states = {each.state for each in _posts(session, page)}
    return State.DELIVERED not in states and not states.isdisjoint(OPEN)


def _posts(session: Session, page: Page) -> Sequence[Row[str, str, str | None]]:
    """The posts that somebody of the team can open, as far as they have not been taken back."""
    if page.about is None:
        which = Outbox.id == page.post
    else:
        there = select(Roster.room).where(Roster.team == page.team, Roster.until.is_(None))
        of_it = (Posting.ref == page.about, Posting.kind == HEAD, Posting.part == 0)
        which = Outbox.id.in_(select(Posting.delivery).where(*of_it, Posting.room.in_(there)))
    found = select(Outbox.room, Outbox.state, Outbox.landed).where(which, Outbox.gone.is_(None))
    return session.execute(found.order_by(Outbox.room)).all()
