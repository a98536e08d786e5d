"""Which page a message shows: the word to one person, that in the team's own room, or the advisory
that it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.events import MessageId, RoomId, account_of, local
from bot.paging import keeping
from bot.paging.linking import HEAD
from bot.platforms.base import MessageLink
from bot.sharing.teams import TeamKey
from bot.store.tables import Outbox, Posting
from bot.store.tables.paging import Page


def answered(
    session: Session, team: TeamKey, room: RoomId, message: MessageId, now: datetime
) -> Page | None:
    """The page of a team that a message of a room shows; None for any other message. A word to one
    person stands in their direct room, whose id its delivery does not have.
    """
    link = MessageLink(message, local(room))
    return linked(session, team, f"{account_of(room)}/", link, now)


def linked(
    session: Session, team: TeamKey, place: str, link: MessageLink, now: datetime
) -> Page | None:
    """The same of the message that a link leads to; `place`: what its rooms begin with."""
    pages = keeping.lately_of(session, team, now)
    shown = _shown(session, pages)
    landed = select(Outbox.id, Outbox.room).where(
        Outbox.id.in_(shown), Outbox.landed == link.message,
        Outbox.room.startswith(place, autoescape=True),
    )  # fmt: skip
    for key, room in session.execute(landed):
        page, private = shown[key]
        if private or link.room in {None, local(RoomId(room))}:
            return page
    return None


def _shown(session: Session, pages: Sequence[Page]) -> dict[str, tuple[Page, bool]]:
    """The page that each delivery shows, and whether to one person alone. Of several pages about
    one thing, the newest that nobody has answered.
    """
    ordered = sorted(pages, key=lambda each: (each.acknowledged is None, each.created))
    about = {each.about: each for each in ordered if each.about is not None}
    heads = select(Posting.delivery, Posting.ref).where(
        Posting.ref.in_(about), Posting.kind == HEAD
    )
    found = {key: (about[ref], False) for key, ref in session.execute(heads)}
    for page in ordered:
        found |= {str(each.delivery): (page, True) for each in keeping.rang(page)}
        if page.post is not None:
            found[page.post] = (page, False)
    return found
