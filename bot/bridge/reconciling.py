"""Reconciling: what a room shows now, compared with what was heard of it.

A network's history shows neither deletions nor what was done to a message while nobody listened.
What follows is the same as if it had been heard. Where nothing differs, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import deletions, edits, reactions
from bot.bridge.links import COPIES
from bot.bridge.places import Scene
from bot.events import (
    Displayed,
    MessageDeleted,
    MessageEdited,
    MessageId,
    Outgoing,
    StretchRead,
)
from bot.store.tables import Knowledge, Message, Outbox

log = structlog.get_logger()

_FEW = 3
"""So many may be missing from a stretch in any case; of more, at most half of what we know there.
What people delete is some messages among many; what a retention rule deletes is a whole stretch."""


@dataclass(slots=True)
class Differences:
    """What was not heard: deletions and reactions as what follows from them, and edits."""

    outgoing: list[Outgoing] = field(default_factory=list)
    edits: list[MessageEdited] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What we know of a stretch, by the room's ids: what was said there, and our copies."""

    said: dict[MessageId, Row[Any]]
    copied: dict[MessageId, Row[Any]]

    def number(self, message: MessageId) -> int | None:
        """The row of the message that stands there, itself or as a copy."""
        said, copied = self.said.get(message), self.copied.get(message)
        if said is not None and said.known != Knowledge.NAMED:
            return int(said.id)
        if copied is not None and copied.source is not None:
            return int(copied.source)
        return None if said is None else int(said.id)


def differences(session: Session, event: StretchRead, scene: Scene, now: datetime) -> Differences:
    """What a stretch shows that was not heard; deletions and reactions are taken in by this."""
    known = _known(session, event)
    found = Differences(edits=list(_edited(event.messages, known)))
    for message in (*_entombed(event.messages, known), *_missing(event, known)):
        deletion = MessageDeleted(event.room, message, now)
        found.outgoing += deletions.follow(session, deletion, scene, now) or ()
    shown = [
        (number, each.reactions)
        for each in event.messages
        if not each.deleted and (number := known.number(each.message)) is not None
    ]
    ids = frozenset(each.message for each in event.messages)
    found.outgoing += reactions.compare(session, event.room, shown, ids, scene)
    return found


def _known(session: Session, event: StretchRead) -> _Known:
    stretch = event.since, event.until
    columns: list[Any] = [Outbox.landed, Outbox.source, Outbox.thread, Outbox.about, Outbox.gone]
    said = select(*Message.__table__.columns).where(
        Message.room == event.room, Message.message.between(*stretch)
    )
    copied = select(*columns).where(
        Outbox.room == event.room, Outbox.landed.between(*stretch), Outbox.kind.in_(COPIES)
    )
    return _Known(
        {MessageId(row.message): row for row in session.connection().execute(said)},
        {MessageId(row.landed): row for row in session.connection().execute(copied)},
    )


def _edited(messages: Iterable[Displayed], known: _Known) -> Iterable[MessageEdited]:
    for each in messages:
        row = known.said.get(each.message)
        if each.edit is None or row is None or row.known == Knowledge.NAMED:
            continue
        if edits.is_newer(row, each.edit):
            yield each.edit


def _entombed(messages: Iterable[Displayed], known: _Known) -> Iterable[MessageId]:
    for each in messages:
        row = known.said.get(each.message)
        if each.deleted and row is not None and _stands(row):
            yield each.message


def _missing(event: StretchRead, known: _Known) -> list[MessageId]:
    """What we know of the stretch and it does not show: its neighbours are there, and it is not.

    Of our copies only those that certainly stand in the room itself count.
    """
    here = [message for message, row in known.said.items() if _is_of(event, row) and _stands(row)]
    if event.thread is None:
        here += [
            message
            for message, row in known.copied.items()
            if row.thread is None and row.about is None and row.gone is None
        ]
    shown = {each.message for each in event.messages}
    missing = sorted(message for message in here if message not in shown)
    if len(missing) > max(_FEW, len(here) // 2):
        log.warning("reconciling.too_much_missing", room=event.room, messages=len(missing))
        return []
    return missing


def _is_of(event: StretchRead, row: Row[Any]) -> bool:
    return bool(row.thread == event.thread)


def _stands(row: Row[Any]) -> bool:
    """Whether it was said, as far as we know, and not deleted. A stand-in may be of a thread."""
    return bool(row.known == Knowledge.SAID and row.deleted is None)
