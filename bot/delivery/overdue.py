"""What an author sees of a message that has not landed in some room: a ⚠, as long as it has not.

The rule. A message gets a ⚠ where it was said when something of it (a part, a file, an edit) has
waited 30 s for a room beyond its channel's `delay`, or was refused there for good (and not for a
reason of `outbox.QUIET`). The ⚠ goes when nothing of it is missing there any more: it landed, a
later edit did, an administrator dropped it, or the message was deleted.

Once for a backlog. A backlog is what was said in one room and is missing in another; the ⚠ is on
the oldest of it. What came after gets none while the oldest waits; nor is it put on what was
waiting already when the oldest was refused, and was then refused like it. When the oldest lands,
the ⚠ goes, and the rest has 30 s to land too before the oldest that is left gets one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import warnings
from bot.bridge.links import COPIES
from bot.bridge.places import Places
from bot.delivery import outbox
from bot.delivery.lanes import Concern
from bot.delivery.naming import lane_of
from bot.events import Answer, Outgoing, PersonId, RoomId
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import OPEN, Message, Outbox, State, Warned
from bot.words import Words
from bot.words.times import moment

PATIENCE = timedelta(seconds=30)
"""How long a message may be under way before its author sees it."""
_NONE = timedelta(0)
_ANSWERS_LAST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Backlog:
    """What was said in one room and is missing in another."""

    home: RoomId
    room: RoomId


@dataclass(frozen=True, slots=True)
class _Missing:
    """A delivery that has not landed: of which message, and since when it is to."""

    number: int
    backlog: _Backlog
    created: datetime


@dataclass(frozen=True, slots=True)
class _Warning:
    """A ⚠ that stands. `waits`: something of its message is under way; `refused`: when the last
    of it was refused.
    """

    number: int
    backlog: _Backlog
    waits: bool
    refused: datetime | None

    @property
    def is_over(self) -> bool:
        return not self.waits and self.refused is None

    def covers(self, missing: _Missing) -> bool:
        """Whether it stands for this one too."""
        if missing.backlog != self.backlog or self.is_over:
            return False
        return self.waits or (self.refused is not None and self.refused >= missing.created)


class Warnings:
    """Puts up the ⚠, and takes them off. `look` is to be called every second or so."""

    def __init__(self, places: Places, words: Words) -> None:
        self._places = places
        self._words = words
        self._homes = {room for each in places.channels.values() for room in each.rooms}
        self._delays = {
            room: each.delay for each in places.channels.values() for room in each.rooms
        }
        self._resting: dict[_Backlog, datetime] = {}
        """The backlogs whose ⚠ was taken off a moment ago, and when."""

    async def look(self, database: Database, now: datetime) -> set[str]:
        """Do what is due; the lanes to wake. Where nothing is, nothing is written."""
        self._resting = {
            backlog: since for backlog, since in self._resting.items() if now - since < PATIENCE
        }
        over, late = await database.read(lambda session: self._due(session, now))
        if not over and not late:
            return set()
        lanes, lifted = await database.run(lambda session: self._carry_out(session, now))
        self._resting |= dict.fromkeys(lifted, now)
        return lanes

    def refused(self, session: Session, concern: Concern, now: datetime) -> set[str]:
        """A delivery is about to end as dead: the lanes to wake."""
        if concern.unknown or concern.reason in outbox.QUIET:
            return set()
        rows = session.execute(_DELIVERIES.where(Outbox.id == concern.delivery))
        standing = _standing(session)
        missing = [each for each in map(_missing, rows) if not _is_covered(each, standing)]
        return self._warn(session, missing, now)

    def _due(
        self, session: Session, now: datetime
    ) -> tuple[Sequence[_Warning], Sequence[_Missing]]:
        standing = _standing(session)
        over = [each for each in standing if each.is_over]
        resting = {*self._resting, *(each.backlog for each in over)}
        late = [
            each
            for each in _late(session, now - PATIENCE)
            if each.created <= now - PATIENCE - self._delays.get(each.backlog.room, _NONE)
            and each.backlog.home in self._homes
            and each.backlog not in resting
            and not _is_covered(each, standing)
        ]
        return over, late

    def _carry_out(self, session: Session, now: datetime) -> tuple[set[str], list[_Backlog]]:
        over, late = self._due(session, now)
        lanes: set[str] = set()
        for each in over:
            home = each.backlog.home
            gone = warnings.take_off(session, each.number, each.backlog.room, home, now)
            lanes |= outbox.put(session, gone if self._can_react(home) else [], now)
        left = _standing(session)
        backlogs = list(dict.fromkeys(each.backlog for each in over))
        for backlog in backlogs:
            refused = (each for each in _refused(session, backlog) if not _is_covered(each, left))
            late = [*late, *islice(refused, 1)]
        return lanes | self._warn(session, late, now), backlogs

    def _warn(self, session: Session, missing: Iterable[_Missing], now: datetime) -> set[str]:
        lanes: set[str] = set()
        for each in missing:
            home = each.backlog.home
            if home in self._homes:
                shown = warnings.put_up(session, each.number, each.backlog.room, home)
                if shown and not self._can_react(home):
                    shown = self._told(session, each, now)
                lanes |= outbox.put(session, shown, now)
        return lanes

    def _can_react(self, home: RoomId) -> bool:
        return home in self._homes and self._places.able(home).reactions

    def _told(self, session: Session, missing: _Missing, now: datetime) -> list[Outgoing]:
        """In words, where the bot cannot react."""
        row = session.execute(_SAID.where(Message.id == missing.number)).one()
        text = self._words(
            "Your message of {when} has not arrived in every room. "
            "Type “trace” in answer to it to see where, and why.",
            when=moment(self._words, row.said, now),
        )
        answer = Answer(PersonId(row.author), say(text))
        lane = lane_of(PersonId(row.author))
        return [Outgoing(missing.backlog.home, answer, lane, expires=now + _ANSWERS_LAST)]


def _is_covered(missing: _Missing, standing: Iterable[_Warning]) -> bool:
    return any(
        each.covers(missing) or (each.number, each.backlog) == (missing.number, missing.backlog)
        for each in standing
    )


def _missing(row: Row[Any]) -> _Missing:
    return _Missing(row.number, _Backlog(RoomId(row.home), RoomId(row.room)), row.created)


def _standing(session: Session) -> list[_Warning]:
    """Every ⚠, with what has become of its message in the room that it is missing in."""
    rows = session.execute(_STANDING)
    by_warning = groupby(rows, lambda row: (row.number, row.room))
    return [_warning(list(same)) for _, same in by_warning]


def _warning(rows: Sequence[Row[Any]]) -> _Warning:
    """From all that was to be sent of one message to one room, oldest first."""
    first = rows[0]
    waits, refused = False, None
    for row in rows if first.deleted is None else ():
        if row.state in OPEN:
            waits = True
        elif _is_refused(row) and not _is_mended(row, rows):
            refused = row.finished
    return _Warning(first.number, _Backlog(RoomId(first.home), RoomId(first.room)), waits, refused)


def _is_refused(row: Row[Any]) -> bool:
    return row.state == State.DEAD and row.reason not in outbox.QUIET


def _is_mended(row: Row[Any], rows: Iterable[Row[Any]]) -> bool:
    """Whether what a refused edit would have changed was changed by a later one."""
    return row.kind == "edit" and any(
        later.kind == "edit"
        and later.part == row.part
        and later.seq > row.seq
        and later.state == State.DELIVERED
        for later in rows
    )


def _late(session: Session, due: datetime) -> list[_Missing]:
    """The oldest of each backlog that was committed at `due` or before. Where no lane is late this
    reads an index alone, and of each lane one row.
    """
    lanes = list(session.execute(_LATE_LANES, {"due": due}).scalars())
    if not lanes:
        return []
    oldest = (
        select(func.min(Outbox.seq))
        .join(Message, Message.id == _NUMBER)
        .where(
            Outbox.lane.in_(lanes),
            outbox.is_open(),
            Outbox.created <= due,
            Message.deleted.is_(None),
        )
        .group_by(Outbox.room, Message.room)
    )
    seqs = list(session.execute(oldest).scalars())
    rows = session.execute(_DELIVERIES.where(Outbox.seq.in_(seqs)).order_by(Outbox.seq))
    return [_missing(row) for row in rows]


def _refused(session: Session, backlog: _Backlog) -> list[_Missing]:
    """All of a backlog that was refused for good, oldest first."""
    dead = (
        Outbox.state == State.DEAD,
        Outbox.reason.not_in(outbox.QUIET),
        Outbox.room == backlog.room,
        Message.room == backlog.home,
    )
    rows = session.execute(_DELIVERIES.where(*dead).order_by(Outbox.seq))
    return [_missing(row) for row in rows]


_NUMBER = case(
    (Outbox.kind.in_(COPIES), Outbox.source), (Outbox.kind == "edit", Outbox.about), else_=None
)
"""The message that something is missing of where this does not land."""
_SAID = select(Message.author, Message.said)
_DELIVERIES = (
    select(_NUMBER.label("number"), Message.room.label("home"), Outbox.room, Outbox.created)
    .join(Message, Message.id == _NUMBER)
    .where(Message.deleted.is_(None))
)
_STANDING: Select[*tuple[Any, ...]] = (
    select(
        Warned.message.label("number"), Message.room.label("home"), Warned.room, Message.deleted,
        Outbox.seq, Outbox.kind, Outbox.part, Outbox.state, Outbox.reason, Outbox.finished,
    )
    .join(Message, Message.id == Warned.message)
    .outerjoin(
        Outbox,
        (Outbox.room == Warned.room)
        & (
            ((Outbox.source == Warned.message) & Outbox.kind.in_(COPIES))
            | ((Outbox.about == Warned.message) & (Outbox.kind == "edit"))
        ),
    )
    .order_by(Warned.message, Warned.room, Outbox.seq)
)  # fmt: skip
_HEADS = select(func.min(Outbox.seq)).where(outbox.is_open()).group_by(Outbox.lane)
_LATE_LANES = select(Outbox.lane).where(Outbox.seq.in_(_HEADS), Outbox.created <= bindparam("due"))
