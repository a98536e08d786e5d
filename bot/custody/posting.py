"""Posts of the bot's own that live on: put into several rooms, kept up to date, and known by whom
they reached.

A post has a kind ("head", "text", "outcome") and belongs to something that has a handle (see
`bot.custody.numbering`). It goes through the gate like everything else: a room that may not have it
does not get it, and whoever reads only there was not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody.effective import Marked, columns_of, stored_marked
from bot.custody.identifying import posted_id, unused
from bot.events import Control, Delete, DeliveryId, Edit, MessageId, Outgoing, Post, RoomId
from bot.platforms.base import Capabilities
from bot.richtext import RichText, plain
from bot.richtext.splitting import split
from bot.sharing.teams import TeamKey
from bot.store.tables import Knowledge, Message, Outbox, Posting, Roster, State

NewId = Callable[[], DeliveryId]
Able = Callable[[RoomId], Capabilities]
Offers = Callable[[RoomId], tuple[Control, ...]]


def _nothing(_room: RoomId) -> tuple[Control, ...]:
    return ()


def put(
    session: Session,
    ref: str,
    kind: str,
    bodies: Mapping[RoomId, RichText],
    marked: Marked,
    new_id: NewId,
    able: Able,
    offers: Offers = _nothing,
    *,
    threads: Mapping[RoomId, MessageId] = MappingProxyType({}),
    mark: str | None = None,
) -> list[Outgoing]:
    """Post a body into each room, in parts where it is too long for one message; `offers`: what
    can be pressed there, on the first of them; `threads`: in whose threads it is said; `mark`:
    what tells it from others of its kind, None: its words do.
    """
    parts: list[tuple[RoomId, int, RichText]] = []
    pieces: dict[tuple[int, Capabilities], Sequence[RichText]] = {}
    for room, body in bodies.items():
        can = able(room)
        like = id(body), can
        if like not in pieces:  # the same for many rooms is measured once
            pieces[like] = split(body, can.cost, can.longest_text) or (body,)
        parts += [(room, part, piece) for part, piece in enumerate(pieces[like])]
    keys = [
        posted_id(session, ref, kind, room, part, plain(piece) if mark is None else mark)
        for room, part, piece in parts
    ]
    outgoing = []
    for key, (room, part, piece) in zip(unused(session, keys, new_id), parts, strict=True):
        session.add(Posting(delivery=key, ref=ref, kind=kind, room=room, part=part))
        shown = () if part else offers(room)
        post = Post(piece, thread=threads.get(room), controls=shown)
        outgoing.append(Outgoing(room, post, id=key, matter=stored_marked(marked)))
    session.flush()
    return outgoing


def revise(
    session: Session,
    ref: str,
    kind: str,
    body: Callable[[RoomId], RichText],
    marked: Marked,
    offers: Offers = _nothing,
) -> list[Outgoing]:
    """Other words for what was posted, wherever it stands; for its first part where it has more.
    It has these controls then, and no others.
    """
    return [
        Outgoing(
            RoomId(row.room),
            Edit(
                body(RoomId(row.room)),
                made=DeliveryId(row.delivery),
                controls=offers(RoomId(row.room)),
            ),
            matter=stored_marked(marked),
        )
        for row in _posted(session, ref, kind)
        if row.part == 0
    ]


def mark(session: Session, ref: str, marked: Marked) -> None:
    """What was posted of it is marked so from now on, and with it what hangs on these posts."""
    session.flush()
    keys = select(Posting.delivery).where(Posting.ref == ref)
    posted = (Outbox.id.in_(keys), Outbox.matter.is_not(None))
    there = select(Outbox.room, Outbox.landed).where(*posted, Outbox.landed.is_not(None))
    named = (tuple_(Message.room, Message.message).in_(there), Message.known == Knowledge.NAMED)
    connection = session.connection()
    connection.execute(update(Outbox).where(*posted).values(matter=stored_marked(marked)))
    connection.execute(update(Message).where(*named).values(**columns_of(marked)))


def take_back(session: Session, ref: str, kinds: Collection[str]) -> list[Outgoing]:
    """Delete what was posted of these kinds, wherever it stands."""
    return [
        Outgoing(RoomId(row.room), Delete(made=DeliveryId(row.delivery)))
        for kind in kinds
        for row in _posted(session, ref, kind)
    ]


def reached(
    session: Session, ref: str, kinds: Collection[str], teams: Iterable[TeamKey]
) -> dict[TeamKey, datetime]:
    """When each team was reached by all parts of these kinds, in a room that has somebody of it;
    those that were not are left out.
    """
    whole = _landed(session, ref, kinds)
    if not whole:
        return {}
    there = {"rooms": list(whole), "teams": list(teams)}
    found: dict[TeamKey, datetime] = {}
    for row in session.connection().execute(_THERE, there):
        team, when = TeamKey(row.team), max(whole[RoomId(row.room)], row.since)
        found[team] = min(found.get(team, when), when)
    return found


def rooms_with(session: Session, ref: str, kind: str) -> list[RoomId]:
    """The rooms that something was posted into, whether or not it landed."""
    return list(dict.fromkeys(RoomId(row.room) for row in _posted(session, ref, kind)))


def stands_in(session: Session, ref: str, room: RoomId) -> bool:
    """Whether something of it has landed in a room, so that its readers know of it."""
    landed = (Posting.ref == ref, Posting.room == room, Outbox.state == State.DELIVERED)
    found = select(Posting.delivery).join(Outbox, Outbox.id == Posting.delivery).where(*landed)
    return session.execute(found.limit(1)).first() is not None


def messages_of(session: Session, ref: str, kind: str) -> dict[RoomId, MessageId]:
    """The messages that show the first part of it, as far as they have landed."""
    shown = (
        select(Posting.room, Outbox.landed)
        .join(Outbox, Outbox.id == Posting.delivery)
        .where(Posting.ref == ref, Posting.kind == kind, Posting.part == 0)
    )
    rows = session.execute(shown)
    return {RoomId(room): MessageId(landed) for room, landed in rows if landed is not None}


def message_in(session: Session, ref: str, kind: str, room: RoomId) -> MessageId | None:
    """The message of a room that shows the first part of it and stands there; None for none."""
    shown = (
        Posting.ref == ref, Posting.kind == kind, Posting.room == room, Posting.part == 0,
        Outbox.state == State.DELIVERED, Outbox.gone.is_(None), Outbox.landed.is_not(None),
    )  # fmt: skip
    found = select(Outbox.landed).join(Posting, Outbox.id == Posting.delivery).where(*shown)
    landed = session.execute(found.limit(1)).scalar()
    return None if landed is None else MessageId(landed)


def posted_as(session: Session, room: RoomId, message: str) -> str | None:
    """What a message of a room shows, by its handle; None where it is none of these posts."""
    landed = (Outbox.room == room, Outbox.landed == message)
    shown = select(Posting.ref).join(Outbox, Outbox.id == Posting.delivery).where(*landed)
    return session.execute(shown.limit(1)).scalar()


def _landed(session: Session, ref: str, kinds: Collection[str]) -> dict[RoomId, datetime]:
    """The rooms that have all parts, with the moment at which the last of them landed."""
    session.flush()
    parts = session.connection().execute(_PARTS, {"ref": ref, "kinds": list(kinds)})
    return {RoomId(row.room): row.at for row in parts if row.landed == row.parts}


def _posted(session: Session, ref: str, kind: str) -> Iterable[Row[Any]]:
    session.flush()
    return session.connection().execute(_POSTED, {"ref": ref, "kind": kind})


# Made once: to put a statement together takes several times as long as to run it.
_OF = (Posting.ref == bindparam("ref"), Posting.kind == bindparam("kind"))
_POSTED = (
    select(Posting.delivery, Posting.room, Posting.part)
    .where(*_OF)
    .order_by(Posting.room, Posting.part)
)
_PARTS = (
    select(
        Posting.room,
        func.count().label("parts"),
        func.count(Outbox.finished).filter(Outbox.state == State.DELIVERED).label("landed"),
        func.max(Outbox.finished).label("at"),
    )
    .join(Outbox, Outbox.id == Posting.delivery, isouter=True)
    .where(Posting.ref == bindparam("ref"), Posting.kind.in_(bindparam("kinds", expanding=True)))
    .group_by(Posting.room)
)
_THERE = (
    select(Roster.room, Roster.team, func.min(Roster.since).label("since"))
    .where(
        Roster.room.in_(bindparam("rooms", expanding=True)),
        Roster.team.in_(bindparam("teams", expanding=True)),
        Roster.until.is_(None),
    )
    .group_by(Roster.room, Roster.team)
)
