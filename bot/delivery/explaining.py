"""Whether a delivery explains what was done under our own account.

What nobody here has sent was done by somebody who has the account's token.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from bot.events import MessageDeleted, MessageEdited, MessagePosted, account_of
from bot.store.prepared import ask
from bot.store.tables import OPEN, Outbox

OwnDeed = MessagePosted | MessageEdited | MessageDeleted
"""Done under our account."""
SKEW = timedelta(minutes=2)
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
        row = ask(session, _NAMED, {"key": event.own}).first()
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
    made = _landed(session, event)
    values = {"room": event.room, **_moments(event.said, now)}
    if made is None or made.source is None:
        return ask(session, _CHANGED, values).first() is not None
    return ask(session, _CHANGED_COPY, {**values, "about": made.source}).first() is not None


def _is_deleted(session: Session, event: MessageDeleted, now: datetime) -> bool:
    """We took it back; of what the store does not know, something at about that time."""
    made = _landed(session, event)
    if made is not None and made.kind not in ("react", "edit"):
        if made.gone is not None or made.source is None:
            return made.gone is not None
        return _is_any(session, event, Outbox.kind == "delete", Outbox.about == made.source)
    if ask(session, _TAKEN, {"room": event.room, **_moments(event.said, now)}).first():
        return True
    # a control of a private answer, which may lie in the direct room: its lane is the person's
    account = account_of(event.room)
    private = (Outbox.kind == "unreact", Outbox.lane != Outbox.room, _AROUND)
    found = select(Outbox.seq).where(Outbox.room.startswith(f"{account}/"), *private).limit(1)
    then = _moments(event.said, now)
    return made is None and session.execute(found, then).first() is not None


def _moments(said: datetime, now: datetime) -> dict[str, datetime]:
    """For `_AROUND`: when something was said, and when it is heard of."""
    return {
        "said_late": said + SKEW, "said_early": said - SKEW,
        "now_late": now + SKEW, "now_early": now - SKEW,
    }  # fmt: skip


def _landed(session: Session, event: OwnDeed) -> Any:
    """Our delivery that has the message's id in its room."""
    return ask(session, _LANDED, {"room": event.room, "message": event.message}).first()


def _is_any(session: Session, event: OwnDeed, *which: ColumnElement[bool]) -> bool:
    found = select(Outbox.seq).where(Outbox.room == event.room, *which).limit(1)
    return session.execute(found).first() is not None


_COLUMNS = (Outbox.kind, Outbox.room, Outbox.landed, Outbox.source, Outbox.gone)
_NAMED = select(*_COLUMNS).where(Outbox.id == bindparam("key"))
_LANDED = (
    select(*_COLUMNS)
    .where(Outbox.room == bindparam("room"), Outbox.landed == bindparam("message"))
    .order_by(Outbox.kind.in_(["edit", "react"]))
    .limit(1)
)
_AROUND = or_(
    *(
        and_(
            Outbox.sent <= bindparam(f"{moment}_late"),
            or_(Outbox.state.in_(OPEN), Outbox.finished >= bindparam(f"{moment}_early")),
        )
        for moment in ("said", "now")
    )
)
"""Deliveries under way when something was said, or is heard of."""
_THEN = select(Outbox.seq).where(Outbox.room == bindparam("room"), _AROUND).limit(1)
_CHANGED = _THEN.where(Outbox.kind.in_(["edit", "delete"]))
_CHANGED_COPY = _CHANGED.where(Outbox.about == bindparam("about"))
_TAKEN = _THEN.where(Outbox.kind.in_(["delete", "unreact"]))
