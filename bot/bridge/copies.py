"""What stands in the other rooms of a message, part by part, as far as it has been decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from bot.bridge.links import COPIES
from bot.bridge.parts import FIRST_FILE
from bot.events import Content, Edit, Post, RoomId, Share
from bot.store import emptying
from bot.store.prepared import ask
from bot.store.tables import Outbox, State

TAKEN_BACK = "taken back"
"""The reason of what was not sent any more, since its message was deleted before."""
_decode = msgspec.json.Decoder(Content).decode


@dataclass(frozen=True, slots=True)
class Copy:
    """A part in a room: what it says, None where the text is erased; `gone`: somebody there took
    it back; `landed`: it is there, and not only on its way.
    """

    content: Post | Edit | Share | None
    gone: bool = False
    landed: bool = False


Parts = dict[int, Copy]


def standing(session: Session, number: int) -> dict[RoomId, Parts]:
    """Every part that stands in a room, or will when its lane has got there."""
    rooms: dict[RoomId, Parts] = {}
    for row in ask(session, _HISTORY, {"number": number}):
        parts = rooms.setdefault(RoomId(row.room), {})
        if row.kind in COPIES and row.source == number:
            parts[row.part] = Copy(
                _content(row.content), row.gone is not None, row.landed is not None
            )
        elif row.kind == "edit" and row.part in parts:
            before = parts[row.part]
            parts[row.part] = Copy(_content(row.content), before.gone, before.landed)
        elif row.kind == "delete":
            parts.pop(row.part, None)
    return {room: parts for room, parts in rooms.items() if parts}


def erased(session: Session, number: int) -> dict[RoomId, Parts]:
    """Those of the rooms where a text stands whose words are not kept any more."""
    return {
        room: parts
        for room, parts in standing(session, number).items()
        if any(
            held.content is None and not held.gone
            for part, held in parts.items() if part < FIRST_FILE
        )
    }  # fmt: skip


def cancel(session: Session, number: int, now: datetime) -> None:
    """What has not been sent of a message, nor of its edits, is not sent any more."""
    if session.connection().execute(_CANCEL, {"number": number, "now": now}).rowcount:
        emptying.note(session)


def mark_gone(session: Session, seq: int, now: datetime) -> None:
    """A delivery's message was taken back in its room."""
    session.connection().execute(update(Outbox).where(Outbox.seq == seq).values(gone=now))


def _content(encoded: bytes | None) -> Post | Edit | Share | None:
    content = None if encoded is None else _decode(encoded)
    return content if isinstance(content, Post | Edit | Share) else None


_HISTORY = (
    select(
        Outbox.room,
        Outbox.part,
        Outbox.kind,
        Outbox.source,
        Outbox.content,
        Outbox.gone,
        Outbox.landed,
    )
    .where(
        or_(Outbox.source == bindparam("number"), Outbox.about == bindparam("number")),
        Outbox.kind.in_([*COPIES, "edit", "delete"]),
        Outbox.state != State.DEAD,
    )
    .order_by(Outbox.seq)
)
_CANCEL = (
    update(Outbox)
    .where(
        Outbox.state == State.WAITING,
        or_(
            (Outbox.source == bindparam("number")) & Outbox.kind.in_(COPIES),
            (Outbox.about == bindparam("number")) & (Outbox.kind == "edit"),
        ),
    )
    .values(
        state=State.DEAD, reason=TAKEN_BACK, content=None, not_before=None,
        finished=bindparam("now"),
    )
)  # fmt: skip
