"""What became of deliveries, for people: lists, one message's way, retry and drop. No content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from bot.delivery.outbox import QUIET
from bot.errors import UserError
from bot.store.tables import OPEN, Message, Outbox, State

Json = dict[str, object]


def rfc3339(moment: datetime | None) -> str | None:
    """A time as it stands in JSON: UTC, to the millisecond."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def list_deliveries(session: Session, state: State | None) -> list[Json]:
    """Deliveries that have not landed, or those of one state, in lane order; none that was dropped
    by hand, nor what had become pointless.
    """
    wanted = [state] if state else [*OPEN, State.DEAD]
    dropped = (Outbox.state == State.DEAD) & Outbox.reason.in_(QUIET)
    rows = session.execute(
        select(Outbox, Message.said)
        .outerjoin(Message, Outbox.source == Message.id)
        .where(Outbox.state.in_(wanted), ~func.coalesce(dropped, False))
        .order_by(Outbox.seq)
    )
    return [
        {
            "id": row.id,
            "room": row.room,
            "state": row.state,
            "attempts": row.attempts,
            "reason": row.reason,
            "said": rfc3339(said or row.created),
            "delivered": rfc3339(row.finished if row.state == State.DELIVERED else None),
        }
        for row, said in rows
    ]


def retry(session: Session, ids: Sequence[str] | None) -> int:
    """Put dead deliveries back into their lanes, all of them where `ids` is None; how many.

    Raises UserError for one that is not dead, or whose text is erased.
    """
    where: ColumnElement[bool] = Outbox.state == State.DEAD
    if ids is None:
        where &= Outbox.content.is_not(None)
    else:
        for key in ids:
            row = _known(session, key)
            if row.state != State.DEAD:
                raise UserError("{id} is {state}, not dead", id=key, state=row.state)
            if row.content is None:
                raise UserError("{id} cannot be retried: its text is erased", id=key)
        where &= Outbox.id.in_(ids)
    values = {"state": State.WAITING, "reason": "retried", "finished": None, "expires": None}
    found = session.execute(update(Outbox).where(where).values(not_before=None, **values))
    return int(found.rowcount)  # type: ignore[attr-defined]  # a cursor result


def drop(session: Session, ids: Sequence[str], now: datetime) -> int:
    """End deliveries that should not be tried any more; how many.

    Raises UserError for one that was delivered, or that is being sent at this moment.
    """
    for key in ids:
        row = _known(session, key)
        if row.state in {State.DELIVERED, State.SENDING}:
            raise UserError("{id} is {state}: it cannot be dropped", id=key, state=row.state)
        row.state, row.reason, row.content = State.DEAD, "dropped", None
        row.finished = now
    return len(ids)


def _known(session: Session, key: str) -> Outbox:
    row = session.execute(select(Outbox).where(Outbox.id == key)).scalar_one_or_none()
    if row is None:
        raise UserError("no delivery has the id {id}: see liaison deliveries list", id=key)
    return row


def trace(session: Session, ref: str) -> Json | None:
    """One message's way by a delivery's id, a message's id, `ROOM/MESSAGE` or a message link.

    None where nothing is known by that name.
    """
    message = find_message(session, ref)
    if message is not None:
        rows = session.execute(
            select(Outbox).where(Outbox.source == message.id).order_by(Outbox.seq)
        ).scalars()
        said: Json = {
            "room": message.room,
            "message": message.message,
            "channel": message.channel,
            "said": rfc3339(message.said),
            "received": rfc3339(message.received),
        }
        return {"ref": ref, **said, "copies": [_copy(row) for row in rows]}
    row = session.execute(select(Outbox).where(Outbox.id == ref)).scalar_one_or_none()
    return None if row is None else {"ref": ref, "copies": [_copy(row)]}


def find_message(session: Session, ref: str) -> Message | None:
    """The message that is meant, by its own name or by that of any copy of it."""
    room, _, local = ref.rpartition("/")
    names = [ref, local, _linked_ts(local)]
    said = select(Message).where(
        or_(Message.message.in_(names), (Message.room == room) & (Message.message == local))
    )
    found = session.execute(said.limit(1)).scalar_one_or_none()
    if found is not None:
        return found
    copied = select(Message).join(Outbox, Outbox.source == Message.id)
    by_copy = copied.where(or_(Outbox.id == ref, Outbox.landed.in_(names)))
    return session.execute(by_copy.limit(1)).scalar_one_or_none()


def _linked_ts(last: str) -> str:
    """A message link of one network ends in `p` and 16 digits, its `ts` without the point."""
    digits = last.removeprefix("p").partition("?")[0]
    return f"{digits[:-6]}.{digits[-6:]}" if last.startswith("p") and len(digits) == 16 else last


def _copy(row: Outbox) -> Json:
    return {
        "id": row.id,
        "room": row.room,
        "state": row.state,
        "at": rfc3339(row.finished or row.sent or row.created),
        "reason": row.reason,
        "attempts": row.attempts,
        "landed": row.landed,
    }
