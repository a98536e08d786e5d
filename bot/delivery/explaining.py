"""Whether a delivery explains what was done under our own account.

What nobody here has sent was done by somebody who has the account's token.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.events import MessageDeleted, MessageEdited, MessagePosted, account_of
from bot.store.tables import OPEN, Outbox

OwnDeed = MessagePosted | MessageEdited | MessageDeleted
"""Done under our account."""
_SKEW = timedelta(minutes=2)
"""How far a network's clock may be from ours, and its news be late."""
_UPLOAD = timedelta(minutes=15)
"""How long after it was sent a file may appear whose message names no delivery."""


def is_explained(session: Session, event: OwnDeed, now: datetime) -> bool:
    """Whether we did this, as far as the store remembers."""
    match event:
        case MessagePosted():
            return _is_posted(session, event, now)
        case MessageEdited():
            return _is_edited(session, event, now)
        case MessageDeleted():
            return _is_deleted(session, event, now)


def _is_posted(session: Session, event: MessagePosted, now: datetime) -> bool:
    """It is where its delivery landed or, while that is not known, may have."""
    if event.own:
        row = session.execute(select(*_COLUMNS).where(Outbox.id == event.own)).first()
        if row is None:
            return False
        # a private answer is for where it was asked, and may land in the direct room
        there = row.room == event.room or row.kind == "answer"
        return bool(there and row.landed in (None, event.message))
    if _landed(session, event) is not None:
        return True
    uploads = (Outbox.kind == "share", Outbox.landed.is_(None), Outbox.sent > now - _UPLOAD)
    return _is_any(session, event, *uploads)


def _is_edited(session: Session, event: MessageEdited, now: datetime) -> bool:
    """An edit of it, or of a file in it, was sent at about that time."""
    changes: ColumnElement[bool] = Outbox.kind.in_(["edit", "delete"])
    made = _landed(session, event)
    if made is not None and made.source is not None:
        changes = and_(changes, Outbox.about == made.source)
    return _is_any(session, event, changes, _around(event.said, now))


def _is_deleted(session: Session, event: MessageDeleted, now: datetime) -> bool:
    """We took it back; of what the store does not know, something at about that time."""
    made = _landed(session, event)
    if made is not None and made.kind not in ("react", "edit"):
        if made.gone is not None or made.source is None:
            return made.gone is not None
        return _is_any(session, event, Outbox.kind == "delete", Outbox.about == made.source)
    then = _around(event.said, now)
    if _is_any(session, event, Outbox.kind.in_(["delete", "unreact"]), then):
        return True
    # a control of a private answer, which may lie in the direct room: its lane is the person's
    account = account_of(event.room)
    private = (Outbox.kind == "unreact", Outbox.lane != Outbox.room, then)
    found = select(Outbox.seq).where(Outbox.room.startswith(f"{account}/"), *private).limit(1)
    return made is None and session.execute(found).first() is not None


def _around(said: datetime, now: datetime) -> ColumnElement[bool]:
    """Deliveries under way when something was said, or is heard of."""
    return or_(
        *(
            and_(
                Outbox.sent <= moment + _SKEW,
                or_(Outbox.state.in_(OPEN), Outbox.finished >= moment - _SKEW),
            )
            for moment in (said, now)
        )
    )


def _landed(session: Session, event: OwnDeed) -> Row[*tuple[Any, ...]] | None:
    """Our delivery that has the message's id in its room."""
    where = (Outbox.room == event.room, Outbox.landed == event.message)
    order = Outbox.kind.in_(["edit", "react"])
    newest = select(*_COLUMNS).where(*where).order_by(order)
    return session.execute(newest.limit(1)).first()


def _is_any(session: Session, event: OwnDeed, *which: ColumnElement[bool]) -> bool:
    found = select(Outbox.seq).where(Outbox.room == event.room, *which).limit(1)
    return session.execute(found).first() is not None


_COLUMNS = (Outbox.kind, Outbox.room, Outbox.landed, Outbox.source, Outbox.gone)
