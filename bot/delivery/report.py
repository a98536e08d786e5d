"""What became of deliveries, for people: lists, one message's way, retry and drop. No content."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.custody import numbering
from bot.custody.pointing import pointed_at
from bot.delivery import files
from bot.delivery.outbox import QUIET, is_open, put
from bot.errors import UserError
from bot.events import DeliveryId, RoomId
from bot.platforms.registry import networks
from bot.store.tables import OPEN, Knowledge, Message, Outbox, Posting, Reference, State

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
        put(session, files.mend(session, DeliveryId(key), now, landed=False), now)
        row.state, row.reason, row.content = State.DEAD, "dropped", None
        row.finished = now
    return len(ids)


def _known(session: Session, key: str) -> Outbox:
    row = session.execute(select(Outbox).where(Outbox.id == key)).scalar_one_or_none()
    if row is None:
        raise UserError("no delivery has the id {id}: see liaison deliveries list", id=key)
    return row


def trace(session: Session, ref: str) -> Json | None:
    """One message's way by any name that `find_message` takes, one delivery's by its id, or that
    of an advisory or decision, by its number or handle or a link to a post of it.

    None where nothing is known by that name.
    """
    named = numbering.find(session, pointed_at(session, ref) or ref)
    if named is not None:
        return _object(session, named)
    message = find_message(session, ref)
    if message is not None:
        said: Json = {
            "room": message.room,
            "message": message.message,
            "channel": message.channel,
            "said": rfc3339(message.said),
            "received": rfc3339(message.received),
        }
        return {
            "ref": ref,
            **said,
            "copies": [_copy(row) for row in copies_of(session, message.id)],
        }
    row = session.execute(select(Outbox).where(Outbox.id == ref)).scalar_one_or_none()
    return None if row is None else {"ref": ref, "copies": [_copy(row)]}


def _object(session: Session, named: Reference) -> Json:
    return {
        "ref": named.handle,
        "number": None if named.number is None else numbering.shown(named),
        "kind": named.kind,
        "begun": rfc3339(named.created),
        "numbered": rfc3339(named.numbered),
        "copies": [_copy(row) for row in posts_of(session, named.handle)],
    }


def posts_of(session: Session, handle: str) -> list[Outbox]:
    """Every post of something that has a handle, oldest first."""
    posts = select(Outbox).join(Posting, Posting.delivery == Outbox.id)
    return list(session.execute(posts.where(Posting.ref == handle).order_by(Outbox.seq)).scalars())


def copies_of(session: Session, number: int) -> list[Outbox]:
    """Every delivery that is a copy of a message, or a part of one, oldest first. A file's line
    that nobody needed is none.
    """
    needed = Outbox.reason.is_distinct_from(files.NEEDLESS)
    copies = select(Outbox).where(Outbox.source == number, needed).order_by(Outbox.seq)
    return list(session.execute(copies).scalars())


def edits_of(session: Session, number: int) -> list[Outbox]:
    """Every delivery of an edit of a message, oldest first."""
    edits = select(Outbox).where(Outbox.about == number, Outbox.kind == "edit")
    return list(session.execute(edits.order_by(Outbox.seq)).scalars())


def held_up_by(session: Session, delivery: Outbox) -> str | None:
    """Why what is before a delivery in its lane has not gone, None where it is on its way."""
    before = (Outbox.lane == delivery.lane, is_open(), Outbox.seq < delivery.seq)
    head = select(Outbox.reason).where(*before).order_by(Outbox.seq).limit(1)
    return session.execute(head).scalar()


def find_message(
    session: Session, ref: str, rooms: Collection[RoomId] | None = None
) -> Message | None:
    """The message that is meant, by its own name or by that of any copy of it: a delivery's id,
    a message's, `ROOM/MESSAGE` or a message link. With `rooms`: as it is seen in one of those.
    """
    by_delivery = select(Message).join(Outbox, Outbox.source == Message.id).where(Outbox.id == ref)
    found = session.execute(by_delivery).scalar_one_or_none()
    for name in _names(ref) if found is None else ():
        said = select(Message).where(*_is_seen(Message.room, Message.message, name, rooms))
        landed = _is_seen(Outbox.room, Outbox.landed, name, rooms)
        copied = select(Message).join(Outbox, Outbox.source == Message.id).where(*landed)
        for statement in (said.where(Message.known != Knowledge.NAMED), copied, said):
            found = found or session.execute(statement.limit(1)).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class _Name:
    """A message's own id, with what is said of its room: its name, the network, its own id."""

    message: str
    room: str = ""
    network: str = ""
    local: str | None = None


def _names(ref: str) -> Iterator[_Name]:
    for network in networks().values():
        link = network.read_link(ref)
        if link is not None:
            yield _Name(link.message, network=network.name, local=link.room)
    room, _, message = ref.rpartition("/")
    if room:
        yield _Name(message, room)
    yield _Name(ref)


def _is_seen(
    room: InstrumentedAttribute[str],
    message: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    name: _Name,
    rooms: Collection[RoomId] | None,
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [message == name.message]
    if rooms is not None:
        where.append(room.in_(rooms))
    if name.room:
        where.append(room == name.room)
    if name.network:
        where.append(room.startswith(f"{name.network}:", autoescape=True))
    if name.local is not None:
        where.append(room.endswith(f"/{name.local}", autoescape=True))
    return where


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
