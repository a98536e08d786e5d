"""Who could read a message, where it landed and when, and under which configuration: told later,
from what was written down at the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from bot.custody.audit import BOT, Act, Action, named, record
from bot.events import PersonId, RoomId, Standing
from bot.sharing.teams import TeamKey
from bot.store.tables import Audit, Message, Outbox, Posting, Roster, State

_CONFIGURATION = named("configuration")
_COPIES = ("post", "share")
"""What brings words or a file of a message into a room."""
_Place = tuple[RoomId, datetime, datetime | None]
"""A room, since when something stood there, and until when."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who was in a room, as they were known then; `until` None: still is."""

    person: PersonId
    name: str
    team: TeamKey | None
    standing: Standing
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A room that has the message, or had it: from `landed` until it was taken back (`gone`).

    `known`: who was in the room was ever read; without that nobody can say who its readers were.
    """

    room: RoomId
    landed: datetime
    gone: datetime | None
    readers: tuple[Reader, ...]
    known: bool


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings that held from a moment on, by their fingerprint."""

    since: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom a message reached: the room where it was said first, then in the order of landing."""

    rooms: tuple[Reached, ...]
    configurations: tuple[Configured, ...]


def readers(session: Session, number: int, now: datetime, at: datetime | None = None) -> Readers:
    """Who could read a message: at one moment, or (`at` None) at any from its landing until now.

    Who joins a room later counts, since most rooms show what was said before.
    """
    return _readers(session, _places(session, number), now, at)


def readers_of_post(
    session: Session, ref: str, now: datetime, at: datetime | None = None
) -> Readers:
    """The same of what was posted of something that has a handle (see `bot.custody.posting`): in
    each room from the first of these posts on.
    """
    posts = _landed(session, Outbox.id.in_(select(Posting.delivery).where(Posting.ref == ref)))
    return _readers(session, posts, now, at)


def nowhere(
    session: Session, since: datetime, now: datetime, at: datetime | None = None
) -> Readers:
    """The same of what stands in no room: the settings by which it was told to those who ask."""
    return Readers((), _configurations(session, at or since, at or now))


def _readers(
    session: Session, places: Sequence[_Place], now: datetime, at: datetime | None
) -> Readers:
    if at is not None:
        places = [place for place in places if _covers(place, at)]
    rooms = tuple(_reached(session, *place, at) for place in places)
    first = min((room.landed for room in rooms), default=now)
    return Readers(rooms, _configurations(session, at or first, at or now))


def configured(session: Session, fingerprint: str, now: datetime) -> bool:
    """Write down which settings hold from now on; False where they are the last ones."""
    last = _configured_before(session, now)
    if last is not None and last.fingerprint == fingerprint:
        return False
    act = Act(BOT, None, Action.CONFIGURED, _CONFIGURATION, fingerprint)
    record(session, act, now)
    return True


def _places(session: Session, number: int) -> list[_Place]:
    said = session.get_one(Message, number)
    # A recalled message still stands where it was said.
    home = (RoomId(said.room), said.received, None if said.recalled else said.deleted)
    return [home, *_landed(session, Outbox.source == number)]


def _landed(session: Session, which: ColumnElement[bool]) -> list[_Place]:
    """Where something landed by these deliveries, in the order of landing."""
    landed = (Outbox.finished.is_not(None), Outbox.state == State.DELIVERED)
    copies = session.execute(
        select(
            Outbox.room,
            func.min(Outbox.finished).label("landed"),
            func.max(Outbox.gone).label("gone"),
            func.count().filter(Outbox.gone.is_(None)).label("standing"),
        )
        .where(which, Outbox.kind.in_(_COPIES), *landed)
        .group_by(Outbox.room)
        .order_by("landed")
    )
    # A room has it as long as any part of it stands there.
    return [(RoomId(c.room), c.landed, None if c.standing else c.gone) for c in copies]


def _covers(place: _Place, at: datetime) -> bool:
    _, landed, gone = place
    return landed <= at and (gone is None or at < gone)


def _reached(
    session: Session, room: RoomId, landed: datetime, gone: datetime | None, at: datetime | None
) -> Reached:
    seen = [Roster.room == room, or_(Roster.until.is_(None), Roster.until > (at or landed))]
    if at is not None:
        seen.append(Roster.since <= at)
    elif gone is not None:
        seen.append(Roster.since < gone)
    rows = session.execute(
        select(Roster)
        .where(*seen, Roster.standing != Standing.OURS)
        .order_by(Roster.team.is_(None), Roster.team, Roster.name, Roster.since)
    ).scalars()
    ever = session.execute(select(Roster.id).where(Roster.room == room).limit(1)).first()
    return Reached(room, landed, gone, tuple(_reader(row) for row in rows), ever is not None)


def _reader(row: Roster) -> Reader:
    return Reader(
        PersonId(row.person),
        row.name,
        None if row.team is None else TeamKey(row.team),
        Standing(row.standing),
        row.since,
        row.until,
    )


def _configurations(session: Session, since: datetime, until: datetime) -> tuple[Configured, ...]:
    """Those that held at any moment of a span, the oldest first."""
    before = _configured_before(session, since)
    during = (Audit.object == _CONFIGURATION, Audit.at > since, Audit.at <= until)
    rows = session.execute(select(Audit).where(*during).order_by(Audit.seq)).scalars()
    later: Sequence[Configured] = [Configured(row.at, row.rule) for row in rows]
    return (*([] if before is None else [before]), *later)


def _configured_before(session: Session, at: datetime) -> Configured | None:
    where = (Audit.object == _CONFIGURATION, Audit.at <= at)
    found = select(Audit).where(*where).order_by(Audit.seq.desc()).limit(1)
    row = session.execute(found).scalar()
    return None if row is None else Configured(row.at, row.rule)
